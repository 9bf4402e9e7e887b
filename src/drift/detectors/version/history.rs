//! The repository's history, as far as a judgement asks for it: what it asks for is looked up in git, and it judges again.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use tokio_util::sync::CancellationToken;

use crate::domain::{BuildIdentity, CommitLookup, CommitRelation, History, NoHead, SITE_GENERATOR_FILES};
use crate::executor::Executor;

/// How often a judgement may ask for more.
const ROUNDS: usize = 4;
/// How many objects that begin alike are looked at.
const OBJECTS: usize = 8;

/// What git has answered so far.
#[derive(Debug, Default)]
pub(super) struct KnownHistory {
    head: Option<String>,
    no_head: NoHead,
    is_complete: bool,
    lookups: BTreeMap<String, CommitLookup>,
    relations: BTreeMap<String, CommitRelation>,
    asked: RefCell<BTreeSet<Question>>,
}

/// What was asked and is not known yet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Question {
    Lookup(String),
    Relation(String),
}

impl History for KnownHistory {
    fn head(&self) -> Option<&str> {
        self.head.as_deref()
    }

    fn no_head(&self) -> NoHead {
        self.no_head
    }

    fn is_complete(&self) -> bool {
        self.is_complete
    }

    fn lookup(&self, word: &str) -> CommitLookup {
        self.lookups.get(word).cloned().unwrap_or_else(|| {
            self.asked.borrow_mut().insert(Question::Lookup(word.to_owned()));
            CommitLookup::Unknown
        })
    }

    fn relation(&self, commit: &str) -> CommitRelation {
        self.relations.get(commit).cloned().unwrap_or_else(|| {
            self.asked.borrow_mut().insert(Question::Relation(commit.to_owned()));
            CommitRelation::NotTold
        })
    }
}

/// Judges with the repository's history.
pub(super) async fn judged_with_history<T: Send>(
    executor: &Executor,
    head: Option<&BuildIdentity>,
    cancel: &CancellationToken,
    judge: impl Fn(&dyn History) -> T + Send,
) -> T {
    let git = Git { executor, cancel };
    let mut known = KnownHistory {
        head: head.map(|head| head.head.to_ascii_lowercase()),
        no_head: if head.is_none() { git.no_head().await } else { NoHead::default() },
        is_complete: head.is_some()
            && git.says(&["rev-parse", "--is-shallow-repository"]).await.as_deref() == Some("false"),
        ..KnownHistory::default()
    };
    for _ in 0..ROUNDS {
        let judged = judge(&known);
        let asked = std::mem::take(known.asked.get_mut());
        if asked.is_empty() || known.head.is_none() {
            return judged;
        }
        for question in asked {
            match question {
                Question::Lookup(word) => {
                    let found = git.lookup(&word).await;
                    known.lookups.insert(word, found);
                }
                Question::Relation(commit) => {
                    let found =
                        git.relation(&commit, known.head.as_deref().unwrap_or_default(), known.is_complete).await;
                    known.relations.insert(commit, found);
                }
            }
        }
    }
    judge(&known)
}

/// Tells whether git tracks a file of a site generator, which may publish texts that no other deployment holds.
pub(super) async fn publishes_docs(executor: &Executor, cancel: &CancellationToken) -> bool {
    let globs: Vec<String> = SITE_GENERATOR_FILES.iter().map(|glob| format!(":(top,glob){glob}")).collect();
    let arguments: Vec<&str> = ["ls-files", "-z", "--"].into_iter().chain(globs.iter().map(String::as_str)).collect();
    let tracked = Git { executor, cancel }.says(&arguments).await;
    // What git does not tell may be there.
    tracked.is_none_or(|tracked| !tracked.is_empty())
}

struct Git<'a> {
    executor: &'a Executor,
    cancel: &'a CancellationToken,
}

impl Git<'_> {
    /// What git prints when it succeeds, trimmed.
    async fn says(&self, arguments: &[&str]) -> Option<String> {
        let run = self.executor.git(arguments, self.cancel).await;
        (run.success() && !run.stdout.truncated).then(|| run.stdout.text.trim().to_owned())
    }

    /// Why git tells no HEAD.
    async fn no_head(&self) -> NoHead {
        NoHead::of(&self.executor.git(&["rev-parse", "HEAD"], self.cancel).await.stderr.text)
    }

    /// A branch may be called like a commit: only objects are looked at (git-rev-parse(1), `--disambiguate`).
    async fn lookup(&self, word: &str) -> CommitLookup {
        let Some(objects) = self.says(&["rev-parse", &format!("--disambiguate={word}")]).await else {
            return CommitLookup::Unknown;
        };
        let objects: Vec<&str> = objects.lines().take(OBJECTS).collect();
        match objects.as_slice() {
            [] => CommitLookup::Unknown,
            [object] => match self.says(&["rev-parse", "--verify", "--quiet", &format!("{object}^{{commit}}")]).await {
                Some(commit) if !commit.is_empty() => CommitLookup::Known(commit),
                _ => CommitLookup::NotACommit,
            },
            _ => CommitLookup::Ambiguous,
        }
    }

    async fn relation(&self, commit: &str, head: &str, is_complete: bool) -> CommitRelation {
        if commit == head {
            return CommitRelation::Head;
        }
        let tree = |of: &str| format!("{of}^{{tree}}");
        let both = [self.says(&["rev-parse", &tree(commit)]).await, self.says(&["rev-parse", &tree(head)]).await];
        if let [Some(one), Some(other)] = &both
            && one == other
        {
            return CommitRelation::EqualTree;
        }
        if self.says(&["merge-base", "--is-ancestor", commit, head]).await.is_some() {
            let Some(distance) = self.distance(commit, head).await else { return CommitRelation::NotTold };
            return CommitRelation::Ancestor { distance, changed: self.changed(commit, head).await };
        }
        if self.says(&["merge-base", "--is-ancestor", head, commit]).await.is_some() {
            let distance = self.distance(head, commit).await;
            return distance.map_or(CommitRelation::NotTold, |distance| CommitRelation::Descendant { distance });
        }
        if is_complete { CommitRelation::Apart } else { CommitRelation::NotTold }
    }

    async fn distance(&self, from: &str, to: &str) -> Option<u32> {
        self.says(&["rev-list", "--count", &format!("{from}..{to}")]).await?.parse().ok()
    }

    async fn changed(&self, from: &str, to: &str) -> Option<Vec<String>> {
        let options =
            ["diff-tree", "-r", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", "--name-only", from, to];
        let names = self.says(&options).await?;
        Some(names.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect())
    }
}
