//! Version answers as stacks write them, against a history.

use super::*;

const HEAD: &str = "37b73f8a1b2c3d4e5f60718293a4b5c6d7e8f901";
/// Two commits behind; a source file changed since.
const OLD: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567";
/// One commit behind; only README.md changed since.
const TEXTS: &str = "5e6f7a8b9c0d1e2f30415263748596a7b8c9d0e1";
/// Another commit with HEAD's tree.
const SAME: &str = "9f8e7d6c5b4a39281706f5e4d3c2b1a098765432";
const NEW: &str = "c0ffee1234567890abcdef1234567890abcdef12";
const FORK: &str = "b16b00b5feed1234567890abcdef1234567890ab";
/// Digits of decimals only.
const DECIMAL: &str = "20260131";

/// A history as git would tell it.
struct Fake {
    head: Option<&'static str>,
    is_complete: bool,
}

const COMPLETE: Fake = Fake { head: Some(HEAD), is_complete: true };
const SHALLOW: Fake = Fake { head: Some(HEAD), is_complete: false };

impl History for Fake {
    fn head(&self) -> Option<&str> {
        self.head
    }

    fn is_complete(&self) -> bool {
        self.is_complete
    }

    fn lookup(&self, word: &str) -> CommitLookup {
        match word {
            "abc1234" => CommitLookup::Ambiguous,
            "7ee7ee7" => CommitLookup::NotACommit,
            word => [HEAD, OLD, TEXTS, SAME, NEW, FORK]
                .into_iter()
                .find(|full| full.starts_with(word))
                .map_or(CommitLookup::Unknown, |full| CommitLookup::Known(full.to_owned())),
        }
    }

    fn relation(&self, commit: &str) -> CommitRelation {
        let changed = |path: &str| Some(vec![path.to_owned()]);
        match commit {
            HEAD => CommitRelation::Head,
            SAME => CommitRelation::EqualTree,
            OLD if !self.is_complete => CommitRelation::NotTold,
            OLD => CommitRelation::Ancestor { distance: 2, changed: changed("src/api.rs") },
            TEXTS => CommitRelation::Ancestor { distance: 1, changed: changed("README.md") },
            NEW => CommitRelation::Descendant { distance: 3 },
            _ => CommitRelation::Apart,
        }
    }
}

/// How an answer is read.
#[derive(Clone, Copy)]
enum In {
    Body,
    /// The body of a route that the configuration names.
    Configured,
    Page,
    /// `name: value`.
    Header,
    /// The body of a health route.
    Health,
    /// Headers of an answer about something else.
    Beside,
}

impl In {
    fn named(name: &str) -> Self {
        match name {
            "configured" => Self::Configured,
            "page" => Self::Page,
            "headers" => Self::Header,
            "health" => Self::Health,
            "beside" => Self::Beside,
            _ => Self::Body,
        }
    }
}

fn filled(text: &str) -> String {
    let commits = [
        ("HEAD", HEAD),
        ("OLD", OLD),
        ("TEXTS", TEXTS),
        ("SAME", SAME),
        ("NEW", NEW),
        ("FORK", FORK),
        ("DECIMAL", DECIMAL),
    ];
    commits.into_iter().fold(text.to_owned(), |text, (name, full)| {
        let short = full.get(..7).unwrap_or(full);
        text.replace(&format!("@{name}@"), full).replace(&format!("@{name}7@"), short)
    })
}

fn words(kind: In, text: &str) -> Vec<BuildWord> {
    let (path, place_kind) = match kind {
        In::Configured => ("/version", PlaceKind::Configured),
        In::Health => ("/health", PlaceKind::Beside),
        In::Beside => ("/api/orders", PlaceKind::Beside),
        _ => ("/version", PlaceKind::Guessed),
    };
    words_at(path, place_kind, kind, text)
}

fn words_at(path: &str, place_kind: PlaceKind, kind: In, text: &str) -> Vec<BuildWord> {
    let place = BuildPlace { path: path.to_owned(), kind: place_kind, field: None, is_cached: false };
    match kind {
        In::Health => words_of(&place, BuildAnswer::Health(text)),
        In::Body | In::Configured => words_of(&place, BuildAnswer::Body(text)),
        In::Page => words_of(&place, BuildAnswer::Page(text)),
        In::Header | In::Beside => {
            let headers: Vec<(String, String)> = text
                .lines()
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            words_of(&place, BuildAnswer::Headers(&headers))
        }
    }
}

fn judged(kind: In, text: &str, history: &Fake) -> BuildVerdict {
    judge_build(&words(kind, &filled(text)), history, &DeployRules::default())
}

#[test]
fn what_stacks_answer_is_read_and_judged() {
    let rows: Vec<&str> = include_str!("tests/stacks.txt").lines().filter(|line| !line.starts_with('#')).collect();
    assert!(rows.len() >= 110);
    for row in rows {
        let [says, stack, place, text] = *row.splitn(4, " | ").collect::<Vec<_>>() else { panic!("{row}") };
        let verdict = judged(In::named(place), &text.replace("\\n", "\n"), &COMPLETE);
        let (says, part) = says.split_once(": ").unwrap_or((says, ""));
        let is_right = match (says, &verdict.kind) {
            ("current", BuildKind::Current)
            | ("equivalent", BuildKind::Equivalent { .. })
            | ("behind", BuildKind::Behind { distance: 2 })
            | ("ahead", BuildKind::Ahead { distance: 3 })
            | ("other", BuildKind::Other { .. })
            | ("dirty", BuildKind::Dirty)
            | ("mentions", BuildKind::Mentions) => true,
            ("unknown", BuildKind::Unknown { why, .. }) => why.contains(part),
            _ => false,
        };
        assert!(is_right, "{stack}: {text}\n  wanted {says}, read {verdict:#?}");
        let sides = [verdict.is_current(), verdict.finding().is_some(), verdict.unverified().is_some()];
        assert_eq!(sides.iter().filter(|side| **side).count(), 1, "{stack}: {verdict:?}");
    }
}

#[test]
fn a_cut_history_never_makes_a_finding() {
    for text in [r#"{"commit":"deadbee"}"#, r#"{"commit":"@OLD@"}"#] {
        let verdict = judged(In::Body, text, &SHALLOW);
        assert!(
            verdict.unverified().is_some_and(|(why, fix)| why.contains("shallow") && fix.contains("--unshallow")),
            "{verdict:?}"
        );
    }
    assert_eq!(judged(In::Body, r#"{"commit":"@HEAD7@"}"#, &SHALLOW).kind, BuildKind::Current);
    let nowhere = judged(In::Body, r#"{"commit":"@HEAD7@"}"#, &Fake { head: None, is_complete: true });
    assert!(
        nowhere.unverified().is_some_and(|(why, _)| why == "production tells 37b73f8, and git HEAD is not known here")
    );
}

#[test]
fn one_field_with_two_values_is_two_builds() {
    let two = |one: &str, other: &str| {
        let all = [words(In::Body, &filled(one)), words(In::Body, &filled(other))].concat();
        judge_build(&all, &COMPLETE, &DeployRules::default())
    };
    let verdict = two(r#"{"commit":"@HEAD7@"}"#, r#"{"commit":"@OLD7@"}"#);
    let said = "production runs two builds: 37b73f8 and 0a1b2c3; the repository is at 37b73f8 (/version (commit))";
    assert_eq!(verdict.finding().map(|(issue, _)| issue).as_deref(), Some(said));
    assert!(two(r#"{"version":"1-@HEAD7@"}"#, r#"{"version":"1-@OLD7@"}"#).finding().is_some());
    let counted = two(r#"{"revision":"20260131"}"#, r#"{"revision":"20260201"}"#);
    assert!(matches!(counted.kind, BuildKind::Unknown { .. }), "{counted:?}");
    // Short and long, a counter of requests, and another field are no second build.
    assert_eq!(two(r#"{"commit":"@HEAD7@"}"#, r#"{"commit":"@HEAD@"}"#).kind, BuildKind::Current);
    assert_eq!(
        two(r#"{"commit":"@HEAD7@","request":"1a2b3c4"}"#, r#"{"commit":"@HEAD7@","request":"4c3b2a1"}"#).kind,
        BuildKind::Current
    );
    assert_eq!(two(r#"{"commit":"@HEAD7@"}"#, r#"{"commit":"@SAME7@"}"#).finding(), None);
}

#[test]
fn several_fields_of_one_document_are_told_and_never_chosen_between() {
    let verdict = judged(In::Body, r#"{"commit":"@HEAD7@","image":"shop:main-@OLD7@"}"#, &COMPLETE);
    assert_eq!(verdict.kind, BuildKind::Current);
    assert_eq!(verdict.told, ["/version (image) says 0a1b2c3"]);
    let tie = judged(In::Body, r#"{"web":{"commit":"@HEAD7@"},"api":{"commit":"@OLD7@"}}"#, &COMPLETE);
    let said = "/version tells several commits: web.commit 37b73f8, api.commit 0a1b2c3";
    assert_eq!(tie.unverified().map(|(why, _)| why).as_deref(), Some(said));
}

#[test]
fn what_is_told_beside_the_version_is_believed_after_it_and_a_disagreement_is_told() {
    let health = |path: &str, text: &str| words_at(path, PlaceKind::Beside, In::Health, &filled(text));
    let judged = |words: &[Vec<BuildWord>]| judge_build(&words.concat(), &COMPLETE, &DeployRules::default());
    let old = || health("/health", r#"{"status":"ok","commit":"@OLD7@"}"#);
    let current = || words(In::Body, &filled(r#"{"commit":"@HEAD7@"}"#));
    let verdict = judged(&[current(), old()]);
    assert_eq!(verdict.kind, BuildKind::Current);
    assert_eq!(verdict.headline(), "/version (commit) answers 37b73f8 (but /health (commit) says 0a1b2c3)");
    // Two places beside it are two parts of production, and none of them is the version.
    let verdict = judged(&[old(), words(In::Beside, &filled("X-Commit: @HEAD7@"))]);
    let said =
        "two places tell two builds: /health (commit) says 0a1b2c3 and header x-commit of /api/orders says 37b73f8";
    assert_eq!(verdict.unverified().map(|(why, _)| why).as_deref(), Some(said));
    // The same field of one path at two asks is one place.
    let verdict = judged(&[health("/health", r#"{"commit":"@HEAD7@"}"#), old()]);
    assert!(matches!(verdict.kind, BuildKind::TwoBuilds { is_finding: true, .. }), "{verdict:?}");
}

#[test]
fn a_commit_that_git_does_not_know_is_another_build_only_where_several_answers_tell_it() {
    let header = |path: &str| words_at(path, PlaceKind::Beside, In::Beside, "x-commit: deadbee");
    let judged = |words: &[Vec<BuildWord>]| judge_build(&words.concat(), &COMPLETE, &DeployRules::default());
    let one = judged(&[header("/health")]);
    assert!(one.unverified().is_some_and(|(why, _)| why.contains("git does not know")), "{one:?}");
    assert_eq!(judged(&[header("/health"), header("/")]).kind, BuildKind::Other { is_known: false });
    // All of a commit in a health document is the service's own; short digits may be another program's.
    let health = |text: &str| judged(&[words_at("/health", PlaceKind::Beside, In::Health, text)]);
    let whole = format!(r#"{{"status":"ok","commitSha":"{}"}}"#, "deadbeef".repeat(5));
    assert_eq!(health(&whole).kind, BuildKind::Other { is_known: false });
    assert_eq!(health(r#"{"status":"ok","commit":"deadbee"}"#).finding(), None);
    // A rolling gateway's two commits are nobody's finding.
    let other = words_at("/health", PlaceKind::Beside, In::Beside, "x-commit: c0ffee9");
    assert_eq!(judged(&[header("/health"), other]).finding(), None);
}

#[test]
fn a_cache_proves_neither_side() {
    let place = BuildPlace { path: "/version".to_owned(), kind: PlaceKind::Guessed, field: None, is_cached: true };
    for text in [HEAD, OLD] {
        let verdict = judge_build(&words_of(&place, BuildAnswer::Body(text)), &COMPLETE, &DeployRules::default());
        assert_eq!(verdict.kind, BuildKind::UnknownCached, "{text}");
    }
}

#[test]
fn a_field_that_a_person_names_is_the_only_one_that_is_read() {
    let of = |field: &str, text: &str| {
        let place = BuildPlace {
            path: "/version".to_owned(),
            kind: PlaceKind::Configured,
            field: Some(field.to_owned()),
            is_cached: false,
        };
        judge_build(&words_of(&place, BuildAnswer::Body(&filled(text))), &COMPLETE, &DeployRules::default()).kind
    };
    let text = r#"{"commit":"@OLD@","web":{"bundle":"@HEAD7@"},"api":{"commit":"@OLD7@"}}"#;
    assert_eq!(of("web.bundle", text), BuildKind::Current);
    assert!(matches!(of("api.commit", text), BuildKind::Behind { .. }));
    assert!(matches!(of("web.gone", text), BuildKind::Unknown { .. }));
    assert!(matches!(of("web.bundle", r#"{"web":{"bundle":"deadbee"}}"#), BuildKind::Other { .. }));
}

#[test]
fn trusted_deploy_paths_say_what_reaches_production() {
    let of = |globs: &[&str]| {
        let rules =
            DeployRules { deploy_paths: globs.iter().map(|glob| (*glob).to_owned()).collect(), publishes_docs: false };
        judge_build(&words(In::Body, OLD), &COMPLETE, &rules).kind
    };
    assert!(matches!(of(&["web/**"]), BuildKind::Equivalent { .. }));
    assert!(matches!(of(&["src/**"]), BuildKind::Behind { .. }));
}

#[test]
fn each_verdict_is_said_in_one_line() {
    for (text, line) in [
        (r#"{"commit":"@HEAD@"}"#, "/version (commit) answers 37b73f8a1b2c"),
        ("@HEAD7@", "/version answers 37b73f8"),
        (
            "@TEXTS7@",
            "/version answers 5e6f7a8, 1 commit behind, and only README, LICENSE, CHANGELOG or .github/ changed since",
        ),
        ("@OLD7@", "production runs commit 0a1b2c3, 2 commits behind the repository's 37b73f8 (/version)"),
        ("@NEW7@", "production runs commit c0ffee1, 3 commits ahead of the repository's 37b73f8 (/version)"),
        (
            r#"{"sha":"@FORK7@"}"#,
            "production runs commit b16b00b, which is on another line of history than the repository's 37b73f8 (/version (sha))",
        ),
        (
            r#"{"sha":"deadbee"}"#,
            "production runs commit deadbee, which the repository at 37b73f8 does not know (/version (sha))",
        ),
        ("@HEAD7@-dirty", "production was built from commit 37b73f8 with uncommitted changes (/version)"),
        ("1.2.3", "/version says \"1.2.3\", which does not tell the commit"),
    ] {
        let verdict = judged(In::Body, text, &COMPLETE);
        let said =
            verdict.finding().or_else(|| verdict.unverified()).map_or_else(|| verdict.headline(), |(said, _)| said);
        assert_eq!(said, line, "{text}");
    }
    let header = judged(In::Header, "X-Commit: @HEAD7@", &COMPLETE);
    assert_eq!(header.headline(), "header x-commit of /version answers 37b73f8");
}

#[test]
fn no_answer_is_read_without_bound() {
    let many: Vec<String> = (0..5000).map(|number| format!("\"k{number}\":\"{number:07x}a1\"")).collect();
    let words = words(In::Body, &format!("{{{},\"commit\":\"{HEAD}\"}}", many.join(",")));
    assert!(words.len() <= 48 && words.first().is_some_and(BuildWord::named_for_commit), "{}", words.len());
}
