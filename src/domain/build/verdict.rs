//! Which build production runs, and how it is said in one line.

use super::read::BuildWord;
use crate::domain::one_line;

/// How many digits of a commit are shown.
const SHOWN_DIGITS: usize = 12;

/// How production's build stands to the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuildKind {
    /// Production runs HEAD, or a commit with HEAD's tree.
    Current,
    /// Production runs an ancestor, and nothing that reaches production changed since. Says why.
    Equivalent {
        /// How many commits it is behind.
        distance: u32,
        /// Why that changes nothing.
        why: &'static str,
    },
    /// Production runs an older commit. A finding.
    Behind {
        /// How many commits it is behind.
        distance: u32,
    },
    /// Production runs a newer commit than is checked out. A finding.
    Ahead {
        /// How many commits it is ahead.
        distance: u32,
    },
    /// Production runs a commit of another history, or of another line of this one. A finding.
    Other {
        /// Whether git knows it.
        is_known: bool,
    },
    /// The same field told two builds. A finding where one of them is known not to be current.
    TwoBuilds {
        /// The other value.
        other: String,
        /// Whether one of the two is known not to be current.
        is_finding: bool,
    },
    /// Production runs HEAD (or an equivalent commit) with changes that are in no commit.
    Dirty,
    /// The answer mentions HEAD where it need not be the build.
    Mentions,
    /// It is not known which build production runs.
    Unknown {
        /// Why.
        why: String,
        /// What makes it known.
        fix: &'static str,
    },
    /// Only a cache answered.
    UnknownCached,
}

/// Which build production runs, and where it says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildVerdict {
    /// How it stands to the repository.
    pub kind: BuildKind,
    /// The word that decided, where one did.
    pub word: Option<BuildWord>,
    /// The commit as production tells it, at most 12 digits; empty without one.
    pub commit: String,
    /// HEAD, cut to as many digits; empty outside of git.
    pub head: String,
    /// What changes nothing and is told: another field that names another commit.
    pub told: Vec<String>,
}

impl BuildVerdict {
    /// Tells whether production runs what the repository holds.
    pub fn is_current(&self) -> bool {
        matches!(self.kind, BuildKind::Current | BuildKind::Equivalent { .. })
    }

    /// Returns a finding and what to do, where the build is known to be another.
    pub fn finding(&self) -> Option<(String, &'static str)> {
        let (commit, head) = (&self.commit, &self.head);
        let (says, advice) = match &self.kind {
            BuildKind::Behind { distance } => (
                format!("commit {commit}, {} behind the repository's {head}", commits(*distance)),
                "Deploy the repository's commit to production.",
            ),
            BuildKind::Ahead { distance } => (
                format!("commit {commit}, {} ahead of the repository's {head}", commits(*distance)),
                "Check out the commit that production runs (git pull), and test that one.",
            ),
            BuildKind::Other { is_known: true } => (
                format!("commit {commit}, which is on another line of history than the repository's {head}"),
                "Deploy the repository's commit to production, or check out the branch that is deployed.",
            ),
            BuildKind::Other { is_known: false } => (
                format!("commit {commit}, which the repository at {head} does not know"),
                "Deploy the repository's commit to production, or run `git fetch --all` if another branch is deployed.",
            ),
            BuildKind::TwoBuilds { other, is_finding: true } => (
                format!("two builds: {commit} and {other}; the repository is at {head}"),
                "Wait until the deploy has reached every instance, or set settle_seconds.",
            ),
            _ => return None,
        };
        Some((format!("production runs {says} ({})", self.at()), advice))
    }

    /// Returns why the build is not known, and what makes it known, where that is so.
    pub fn unverified(&self) -> Option<(String, &'static str)> {
        let (commit, at) = (&self.commit, self.at());
        let told = match &self.kind {
            BuildKind::TwoBuilds { other, is_finding: false } => (
                format!("{at} tells two builds: {commit} and {other}"),
                "wait until the deploy has reached every instance, or set settle_seconds",
            ),
            BuildKind::Dirty => (
                format!("production was built from commit {commit} with uncommitted changes ({at})"),
                "commit the changes and deploy from a clean work tree",
            ),
            BuildKind::Mentions => (
                format!("{at} mentions HEAD {commit}, in a place that need not be the build"),
                "let production answer the commit in a field `commit`, or set `version` (path, field, header)",
            ),
            BuildKind::UnknownCached => (
                format!("{at} answers {commit} out of a cache"),
                "send Cache-Control: no-store with the version, or purge the cache",
            ),
            BuildKind::Unknown { why, fix } => (why.clone(), *fix),
            _ => return None,
        };
        Some(told)
    }

    /// Returns the clause of the headline: `/version answers 37b73f8`, and what stands against it.
    pub fn headline(&self) -> String {
        match self.told.first() {
            Some(other) => format!("{} (but {other})", self.clause()),
            None => self.clause(),
        }
    }

    fn clause(&self) -> String {
        let (commit, at) = (&self.commit, self.at());
        match &self.kind {
            BuildKind::Current => format!("{at} answers {commit}"),
            BuildKind::Equivalent { distance, why } => {
                format!("{at} answers {commit}, {} behind, and {why}", commits(*distance))
            }
            BuildKind::Behind { distance } => format!("{at} answers {commit}, {} behind", commits(*distance)),
            BuildKind::Ahead { distance } => format!("{at} answers {commit}, {} ahead", commits(*distance)),
            BuildKind::Other { .. } => format!("{at} answers {commit}, which is another build"),
            BuildKind::TwoBuilds { other, .. } => format!("{at} answers two builds, {commit} and {other}"),
            BuildKind::Dirty => format!("{at} answers {commit} with uncommitted changes"),
            BuildKind::Mentions => format!("{at} mentions {commit}, which need not be the build"),
            BuildKind::Unknown { .. } => "which build answered is not known".to_owned(),
            BuildKind::UnknownCached => format!("which build answered is not known: {at} is cached"),
        }
    }

    fn at(&self) -> String {
        self.word.as_ref().map_or_else(|| "production".to_owned(), |word| one_line(&word.at(), 100))
    }
}

fn commits(distance: u32) -> String {
    if distance == 1 { "1 commit".to_owned() } else { format!("{distance} commits") }
}

/// Returns a commit's first digits.
pub(super) fn shown(digits: &str, like: &str) -> String {
    digits.chars().take(like.len().clamp(7, SHOWN_DIGITS)).collect()
}
