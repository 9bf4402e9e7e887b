//! What to run.

use std::path::PathBuf;

/// How a program is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invocation {
    /// The program and its arguments, without a shell.
    Direct(Vec<String>),
    /// A line for `/bin/sh -c`.
    Shell(String),
}

/// What to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandSpec {
    /// How it is shown and recorded (redacted before that).
    pub label: String,
    /// How it is started.
    pub invocation: Invocation,
    /// Where it runs; the repository when not given.
    pub directory: Option<PathBuf>,
    /// Variables that are added to its environment.
    pub environment: Vec<(String, String)>,
    /// The time it has, in milliseconds, for the whole tree. 0 is refused: it leaves no time.
    pub timeout_ms: u64,
}

impl CommandSpec {
    /// Makes the specification of a program that is started without a shell, in the repository.
    pub fn direct(words: impl IntoIterator<Item = impl Into<String>>, timeout_ms: u64) -> Self {
        let words: Vec<String> = words.into_iter().map(Into::into).collect();
        Self {
            label: words.join(" "),
            invocation: Invocation::Direct(words),
            directory: None,
            environment: Vec::new(),
            timeout_ms,
        }
    }
}
