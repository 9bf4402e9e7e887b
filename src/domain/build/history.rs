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

/// The repository's history.
pub trait History {
    /// Returns HEAD's full hash, in lower case; none outside of git.
    fn head(&self) -> Option<&str>;
    /// Tells whether all of history is here: neither a shallow nor a partial clone.
    fn is_complete(&self) -> bool;
    /// Looks a word up, in all that git has.
    fn lookup(&self, word: &str) -> CommitLookup;
    /// Compares a commit, by its full hash, with HEAD.
    fn relation(&self, commit: &str) -> CommitRelation;
}
