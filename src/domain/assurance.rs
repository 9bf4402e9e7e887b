//! What a verdict rests on, and the one sentence that says it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{is_false, is_zero, pluralize, words};

/// How strong a DONE is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// Everything that `strict` asks for holds.
    Proven,
    /// Nothing contradicts, and something is not known.
    Consistent,
    /// Nothing of the task's own was seen to matter: the build is not known and no check was seen failing before.
    Unproven,
}

/// Which build production answered with, against the repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BuildStanding {
    /// The repository's HEAD.
    Current,
    /// Another commit whose difference to HEAD cannot be seen in production.
    Equivalent,
    /// An older, newer or foreign commit, several at once, or one that was changed before it was built.
    Other,
    /// Production does not tell, or tells something that says nothing about a commit.
    #[default]
    Unknown,
}

/// What a verdict rests on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Assurance {
    /// How strong a DONE is; none for other statuses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<Grade>,
    /// The origins whose answers counted.
    pub production: String,
    /// The repository's commit, short; none outside of git.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Source files that were not committed when the attempt began or ended.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub uncommitted: u32,
    /// Whether git is there and did not tell where the repository stands.
    #[serde(default, skip_serializing_if = "is_false")]
    pub tree_unknown: bool,
    /// Whether HEAD moved during the attempt.
    #[serde(default, skip_serializing_if = "is_false")]
    pub moved: bool,
    /// Which build answered.
    pub build: BuildStanding,
    /// Where production tells its build, and what: `/version answers 37b73f8`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build_told: Option<String>,
    /// One clause about what the build rests on, where somebody else than production may have said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build_rests_on: Option<String>,
    /// Own checks that were red before and are green now.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub shown: u32,
    /// Own checks that were green before, too.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unchanged: u32,
    /// Own checks of which no earlier observation decides.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unseen: u32,
    /// Whether the build changed between the red observations and now.
    #[serde(default, skip_serializing_if = "is_false")]
    pub shown_by_this_deploy: bool,
    /// How many tests ran, as runners told whose process was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests_ran: Option<u64>,
    /// How many tests a script's output speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests_said: Option<u64>,
    /// Local commands that passed and told no number of tests.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub commands: u32,
    /// Checks whose answers did not agree in form or build.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mixed: Vec<String>,
    /// Checks that passed and prove nothing, with why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_counted: Vec<String>,
    /// Checks of this project that failed lately and were not asked again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// Warnings of health routes that pass.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub health_warnings: Vec<String>,
    /// The test users who asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<String>,
    /// The own places that every deployment has, where nothing else was shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub generic: Vec<String>,
    /// Settings in force that no person trusted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub untrusted: Vec<String>,
    /// Drift findings that trusted settings let pass.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub despite_drift: Vec<String>,
    /// How many proofs counted.
    pub proofs: u32,
    /// How long ago another build than the present one answered, in milliseconds, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_build_seen_ms_ago: Option<u64>,
    /// How long production was looked at, in milliseconds.
    pub looked_ms: u64,
}

/// What `policy.require` may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequireWord {
    /// Nothing uncommitted among source files, and HEAD did not move.
    CleanTree,
    /// The build is the repository's, or one that cannot be told from it.
    KnownBuild,
    /// At least one own proof was red before.
    Shown,
    /// At least one test ran.
    TestsRan,
    /// An own proof carries a test user.
    NamedUser,
    /// No check that failed lately was left out.
    NoOpenReds,
    /// Production was looked at long enough.
    Settled,
    /// All of these but `named_user`, and no warning of a health route.
    Strict,
}

impl RequireWord {
    /// The words that `strict` stands for.
    pub const STRICT: [Self; 6] =
        [Self::CleanTree, Self::KnownBuild, Self::Shown, Self::TestsRan, Self::NoOpenReds, Self::Settled];
}

words! { RequireWord, as_str {
    CleanTree = "clean_tree", KnownBuild = "known_build", Shown = "shown", TestsRan = "tests_ran",
    NamedUser = "named_user", NoOpenReds = "no_open_reds", Settled = "settled", Strict = "strict",
} }

/// How long production has to be looked at to be settled, in milliseconds.
pub const SETTLED_MS: u64 = 10_000;
/// How old the last observation of another build has to be to mean nothing, in milliseconds: ten minutes.
pub const SETTLED_AFTER_MS: u64 = 600_000;

/// Something that a DONE of the best grade does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weakness {
    /// The word of `policy.require` that forbids it; none where only `strict` does.
    pub word: Option<RequireWord>,
    /// One clause of the headline.
    pub clause: String,
    /// What would remove it: one imperative clause.
    pub fix: String,
}

impl Assurance {
    /// Returns what is weak about it, in the order in which a headline says it.
    pub fn weaknesses(&self) -> Vec<Weakness> {
        let mut found = Vec::new();
        let mut add = |word: Option<RequireWord>, clause: String, fix: &str| {
            found.push(Weakness { word, clause, fix: fix.to_owned() });
        };
        for finding in self.despite_drift.iter().take(1) {
            add(None, format!("despite drift: {finding}"), "remove the drift");
        }
        match self.build {
            BuildStanding::Current | BuildStanding::Equivalent => {}
            BuildStanding::Other => add(
                Some(RequireWord::KnownBuild),
                "another build than the repository's HEAD answered".to_owned(),
                "deploy the repository's HEAD",
            ),
            BuildStanding::Unknown => add(
                Some(RequireWord::KnownBuild),
                "which build answered is not known".to_owned(),
                "let production tell its commit, for example at /version",
            ),
        }
        if let Some(clause) = &self.build_rests_on {
            let fix = "let production tell its commit, or build in policy.local_tests";
            add(None, clause.clone(), fix);
        }
        if self.shown == 0 {
            add(
                Some(RequireWord::Shown),
                "no check was seen failing before".to_owned(),
                "observe a baseline before the next deploy (baseline: true, or `run --baseline`)",
            );
        }
        if self.tree_unknown {
            let clause = "what is committed is not known: git did not tell".to_owned();
            add(Some(RequireWord::CleanTree), clause, "mend the repository until `git status` works");
        }
        if self.moved {
            add(Some(RequireWord::CleanTree), "HEAD moved during the run".to_owned(), "run it again on one commit");
        }
        if self.uncommitted > 0 {
            let files = pluralize(self.uncommitted, "file is", "files are");
            add(Some(RequireWord::CleanTree), format!("{files} not committed"), "commit what was deployed");
        }
        if self.tests_ran.unwrap_or_default() == 0 {
            let (clause, fix) = match (self.tests_said, self.commands) {
                (Some(said), _) => (
                    format!("a script says {}", pluralize(said, "test", "tests")),
                    "call the test runner itself in local_tests",
                ),
                (None, 0) => ("no local tests".to_owned(), "give local_tests"),
                (None, commands) => (
                    format!("{} passed, no test count", pluralize(commands, "command", "commands")),
                    "call the test runner itself in local_tests",
                ),
            };
            add(Some(RequireWord::TestsRan), clause, fix);
        }
        if let Some(left) = self.left_out.first() {
            let more = match self.left_out.len() {
                0 | 1 => String::new(),
                more => format!(" (and {} more)", more - 1),
            };
            add(Some(RequireWord::NoOpenReds), format!("{left}{more}"), "ask that check again as it was");
        }
        if self.other_build_seen_ms_ago.is_some_and(|ago| ago < SETTLED_AFTER_MS) && self.looked_ms < SETTLED_MS {
            let seconds = self.looked_ms as f64 / 1000.0;
            let clause =
                format!("another build answered minutes ago, and this one was looked at for {seconds:.1} s only");
            add(Some(RequireWord::Settled), clause, "give hold_seconds 10");
        }
        if !self.generic.is_empty() {
            let told = self.generic.join(", ");
            add(None, format!("only {told} counts, which every deployment answers"), "check what the task changed");
        }
        for (lines, fix) in [
            (&self.mixed, "deploy one build everywhere"),
            (&self.health_warnings, "mend what the health route warns of"),
        ] {
            if let Some(line) = lines.first() {
                add(None, line.clone(), fix);
            }
        }
        for line in &self.untrusted {
            let fix =
                "leave out the flags and variables that replace it, or let a person run `snipara-orchestrator trust`";
            add(None, line.clone(), fix);
        }
        found
    }

    /// Returns it without what its headline says in words.
    #[must_use]
    pub fn without_lists(&self) -> Self {
        Self {
            grade: self.grade,
            commit: self.commit.clone(),
            uncommitted: self.uncommitted,
            moved: self.moved,
            tree_unknown: self.tree_unknown,
            build: self.build,
            shown: self.shown,
            unchanged: self.unchanged,
            unseen: self.unseen,
            tests_ran: self.tests_ran,
            tests_said: self.tests_said,
            looked_ms: self.looked_ms,
            production: self.production.clone(),
            proofs: self.proofs,
            ..Self::default()
        }
    }

    /// Returns the words of a policy that do not hold, each with the clause that says why.
    pub fn unmet(&self, require: &[RequireWord]) -> Vec<(RequireWord, String)> {
        let weaknesses = self.weaknesses();
        let strict = require.contains(&RequireWord::Strict);
        let forbidden = |word: RequireWord| require.contains(&word) || (strict && RequireWord::STRICT.contains(&word));
        let mut unmet: Vec<(RequireWord, String)> = weaknesses
            .into_iter()
            .filter_map(|weakness| match weakness.word {
                Some(word) => forbidden(word).then_some((word, weakness.clause)),
                None => strict.then_some((RequireWord::Strict, weakness.clause)),
            })
            .collect();
        if require.contains(&RequireWord::NamedUser) && self.users.is_empty() {
            unmet.push((RequireWord::NamedUser, "no own check was made as a test user".to_owned()));
        }
        unmet
    }

    /// Returns how strong a DONE is.
    pub fn grade(&self) -> Grade {
        let known = matches!(self.build, BuildStanding::Current | BuildStanding::Equivalent);
        if self.unmet(&[RequireWord::Strict]).is_empty() {
            Grade::Proven
        } else if self.shown == 0 && (!known || !self.generic.is_empty()) {
            Grade::Unproven
        } else {
            Grade::Consistent
        }
    }

    /// Returns the headline of a DONE: its grade, what is weak about it, and what it rests on.
    pub fn headline(&self) -> String {
        let grade = self.grade();
        let of = if self.production.is_empty() { String::new() } else { format!(" of {}", self.production) };
        let mut clauses = vec![format!("{}{of}", pluralize(self.proofs, "proof", "proofs"))];
        if self.shown > 0 {
            let when = if self.shown_by_this_deploy { " before this deploy" } else { " before" };
            clauses[0].push_str(&format!(", {} red{when}", self.shown));
        }
        clauses.extend(self.build_told.clone().filter(|_| self.build != BuildStanding::Other));
        clauses.extend(self.tests_ran.filter(|ran| *ran > 0).map(|ran| pluralize(ran, "test", "tests")));
        let weak = self.weaknesses().into_iter().map(|weakness| weakness.clause);
        // What is weak comes first: where a line is cut, its end is what is lost.
        let told: Vec<String> = weak.chain(clauses).collect();
        let despite = if self.despite_drift.is_empty() { "" } else { " despite drift" };
        format!("DONE{despite}, {}: {}", grade.as_str(), told.join("; "))
    }
}

impl Grade {
    /// Returns the word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Consistent => "consistent",
            Self::Unproven => "unproven",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strong() -> Assurance {
        Assurance {
            production: "https://api.example.com".into(),
            commit: Some("37b73f8".into()),
            build: BuildStanding::Current,
            build_told: Some("/version answers 37b73f8".into()),
            shown: 2,
            shown_by_this_deploy: true,
            tests_ran: Some(143),
            proofs: 4,
            looked_ms: 1200,
            ..Assurance::default()
        }
    }

    #[test]
    fn a_strong_done_says_what_it_rests_on_and_nothing_weak() {
        assert_eq!(
            strong().headline(),
            "DONE, proven: 4 proofs of https://api.example.com, 2 red before this deploy; /version answers 37b73f8; 143 tests"
        );
    }

    #[test]
    fn a_weak_done_says_first_what_is_weak() {
        let weak = Assurance { build: BuildStanding::Unknown, build_told: None, shown: 0, uncommitted: 2, ..strong() };
        assert_eq!(
            weak.headline(),
            "DONE, unproven: which build answered is not known; no check was seen failing before; 2 files are not committed; 4 proofs of https://api.example.com; 143 tests"
        );
    }

    #[test]
    fn a_headline_that_is_cut_keeps_what_is_weak() {
        let weak = Assurance { shown: 0, ..strong() };
        assert_eq!(weak.grade(), Grade::Consistent);
        assert!(
            weak.headline().starts_with("DONE, consistent: no check was seen failing before; 4 proofs"),
            "{weak:?}"
        );
    }

    #[test]
    fn every_weakness_takes_the_best_grade_and_stands_in_the_headline() {
        let line = || vec!["something".to_owned()];
        for weak in [
            Assurance { build: BuildStanding::Unknown, ..strong() },
            Assurance { build: BuildStanding::Other, ..strong() },
            Assurance { build_rests_on: Some("the build is known by dist alone".to_owned()), ..strong() },
            Assurance { shown: 0, ..strong() },
            Assurance { moved: true, ..strong() },
            Assurance { tree_unknown: true, ..strong() },
            Assurance { uncommitted: 1, ..strong() },
            Assurance { tests_ran: None, ..strong() },
            Assurance { tests_ran: Some(0), ..strong() },
            Assurance { tests_ran: None, tests_said: Some(143), ..strong() },
            Assurance { left_out: line(), ..strong() },
            Assurance { generic: line(), ..strong() },
            Assurance { mixed: line(), ..strong() },
            Assurance { health_warnings: line(), ..strong() },
            Assurance { untrusted: line(), ..strong() },
            Assurance { despite_drift: line(), ..strong() },
            Assurance { other_build_seen_ms_ago: Some(5), ..strong() },
        ] {
            assert_ne!(weak.grade(), Grade::Proven, "{weak:?}");
            let clause = weak.weaknesses().first().expect("a weakness").clause.clone();
            assert!(weak.headline().contains(&clause), "{}", weak.headline());
            assert!(!weak.unmet(&[RequireWord::Strict]).is_empty(), "{weak:?}");
        }
    }

    #[test]
    fn a_policy_forbids_what_it_names_and_nothing_else() {
        let weak = Assurance { uncommitted: 1, tests_ran: None, ..strong() };
        let words = |require: &[RequireWord]| -> Vec<RequireWord> {
            weak.unmet(require).into_iter().map(|(word, _)| word).collect()
        };
        assert_eq!(words(&[RequireWord::CleanTree]), [RequireWord::CleanTree]);
        assert_eq!(words(&[RequireWord::KnownBuild, RequireWord::Shown]), []);
        assert_eq!(words(&[RequireWord::NamedUser]), [RequireWord::NamedUser]);
        assert_eq!(words(&[RequireWord::Strict]), [RequireWord::CleanTree, RequireWord::TestsRan]);
    }
}
