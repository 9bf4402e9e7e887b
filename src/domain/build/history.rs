//! What the repository's git knows. The caller asks git; the answers are judged here.

/// What git knows by a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommitLookup {
    /// Exactly one object, a commit or a tag of one; its full hash.
    Known(String),
    /// Several objects.
    Ambiguous,
    /// An object that is no commit: a tree or a file.
    NotACommit,
    /// Nothing.
    Unknown,
}

/// How a commit stands to HEAD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommitRelation {
    /// It is HEAD.
    Head,
    /// It is another commit with HEAD's tree.
    EqualTree,
    /// It is an ancestor of HEAD.
    Ancestor {
        /// How many commits HEAD has that it has not.
        distance: u32,
        /// The paths that differ, both of a renaming, `/` between folders; none where git did not say.
        changed: Option<Vec<String>>,
    },
    /// HEAD is an ancestor of it.
    Descendant {
        /// How many commits it has that HEAD has not.
        distance: u32,
    },
    /// It stands on another line of history.
    Apart,
    /// The history that is here does not tell, as it is cut.
    NotTold,
}

/// Why there is no HEAD.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NoHead {
    /// git is not there, or this is none of its work trees.
    #[default]
    NotGit,
    /// Nothing was ever committed.
    NoCommit,
    /// The work tree belongs to another user, so git does not touch it (git-config(1), `safe.directory`).
    AnotherOwner,
}

impl NoHead {
    /// Reads it from what git says, in English.
    pub fn of(stderr: &str) -> Self {
        if stderr.contains("dubious ownership") {
            Self::AnotherOwner
        } else if stderr.contains("ambiguous argument 'HEAD'") || stderr.contains("unknown revision") {
            Self::NoCommit
        } else {
            Self::NotGit
        }
    }

    /// Says why, and what to do.
    pub const fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::NotGit => ("git HEAD is not known here", "run inside the git work tree, with git installed"),
            Self::NoCommit => ("the repository has no commit yet", "commit what was deployed"),
            Self::AnotherOwner => (
                "git does not read this work tree, which belongs to another user",
                "run `git config --global --add safe.directory \"$PWD\"` in it",
            ),
        }
    }
}

/// The repository's history.
pub trait History {
    /// Returns HEAD's full hash, in lower case; none outside of git.
    fn head(&self) -> Option<&str>;
    /// Says why there is no HEAD.
    fn no_head(&self) -> NoHead {
        NoHead::NotGit
    }
    /// Tells whether all of history is here: neither a shallow nor a partial clone.
    fn is_complete(&self) -> bool;
    /// Looks a word up, in all that git has.
    fn lookup(&self, word: &str) -> CommitLookup;
    /// Compares a commit, by its full hash, with HEAD.
    fn relation(&self, commit: &str) -> CommitRelation;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_there_is_no_head_is_read_from_what_git_says() {
        let said = |stderr: &str| NoHead::of(stderr);
        let owner = "fatal: detected dubious ownership in repository at '/repo'\nTo add an exception, call:";
        assert_eq!(said(owner), NoHead::AnotherOwner);
        assert!(NoHead::AnotherOwner.told().1.contains("safe.directory"));
        let none = "fatal: ambiguous argument 'HEAD': unknown revision or path not in the working tree.";
        assert_eq!(said(none), NoHead::NoCommit);
        assert_eq!(said("fatal: not a git repository (or any of the parent directories): .git"), NoHead::NotGit);
    }
}
