//! What came of running a command.

use serde::{Deserialize, Serialize};

use super::Outcome;

/// What a command without an end usually is.
const NO_END: &str = "a watch mode never ends; a slow command needs a longer timeouts.command_s";

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ended", rename_all = "snake_case")]
pub enum CommandEnd {
    /// It ended by itself.
    Exited {
        /// The exit code.
        exit_code: i32,
    },
    /// A signal ended it that was not ours.
    Signalled {
        /// The signal's number.
        signal: i32,
    },
    /// Its time was up; the whole tree was killed.
    TimedOut {
        /// The time it had, in milliseconds.
        timeout_ms: u64,
    },
    /// The run was cancelled; the whole tree was killed.
    Cancelled,
    /// The program could not be started.
    NotStarted {
        /// Why, as a fragment.
        why: String,
        /// What to do about it, if that is known.
        fix: Option<String>,
    },
    /// The command policy does not allow it.
    Refused {
        /// Why, as a fragment.
        why: String,
        /// How a person can allow it.
        fix: String,
    },
}

/// One output stream of a command: bounded, redacted, with the digest of the whole.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CapturedOutput {
    /// The redacted text: all of it, or its head, a line that says how much is missing, and its tail.
    pub text: String,
    /// How many bytes the command wrote.
    pub bytes: u64,
    /// Whether the text leaves something out.
    pub truncated: bool,
    /// SHA-256 of all bytes as they were written, in hexadecimal.
    pub digest: String,
}

/// What happened when a command was run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandRun {
    /// The command as it was asked for, redacted.
    pub command: String,
    /// How it ended.
    #[serde(flatten)]
    pub end: CommandEnd,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// What it wrote to its standard output.
    pub stdout: CapturedOutput,
    /// What it wrote to its standard error.
    pub stderr: CapturedOutput,
    /// What it told of tests, for a local test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests: Option<TestsTold>,
}

/// What a command told of tests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum TestsTold {
    /// Its process was a known runner, which told the number, or wrote it into its report.
    Ran {
        /// The runner.
        runner: String,
        /// Tests that ran now.
        ran: u64,
        /// Those of them that failed.
        failed: u64,
        /// Tests that did not run.
        skipped: u64,
        /// Results that the runner kept from an equal earlier run.
        cached: u64,
    },
    /// A known runner kept all results from an equal earlier run, and tells no number.
    Kept {
        /// The runner.
        runner: String,
    },
    /// The output of another program speaks of so many.
    Said {
        /// How many.
        ran: u64,
    },
    /// A known runner told no number that can be trusted.
    NotReadable {
        /// The runner.
        runner: String,
        /// Why, and what to do.
        why: String,
    },
}

impl TestsTold {
    /// Returns why exit code 0 does not mean that anything was tested (docs/design/tests-that-ran.md).
    fn nothing_tested(&self) -> Option<Outcome> {
        match self {
            Self::Ran { runner, ran: 0, skipped, cached: 0, .. } => {
                let skipped = if *skipped > 0 { format!(", {skipped} skipped") } else { String::new() };
                let fix = "name tests that exist and are not skipped";
                Some(Outcome::unverified(format!("0 tests ran ({runner}{skipped})"), Some(fix)))
            }
            Self::NotReadable { runner, why } => {
                Some(Outcome::unverified(format!("{runner} does not tell how many tests ran"), Some(why)))
            }
            _ => None,
        }
    }
}

impl CommandRun {
    /// Makes the record of a command that never ran.
    pub fn not_run(command: impl Into<String>, end: CommandEnd) -> Self {
        Self {
            command: command.into(),
            end,
            duration_ms: 0,
            stdout: CapturedOutput::default(),
            stderr: CapturedOutput::default(),
            tests: None,
        }
    }

    /// Returns the exit code, when it ended by itself.
    pub const fn exit_code(&self) -> Option<i32> {
        match self.end {
            CommandEnd::Exited { exit_code } => Some(exit_code),
            _ => None,
        }
    }

    /// Tells whether it ended with exit code 0.
    pub const fn success(&self) -> bool {
        matches!(self.end, CommandEnd::Exited { exit_code: 0 })
    }

    /// Judges the run: passed with exit code 0, unverified when it could not run, failed otherwise.
    pub fn outcome(&self) -> Outcome {
        match &self.end {
            CommandEnd::Exited { exit_code: 0 } => {
                self.tests.as_ref().and_then(TestsTold::nothing_tested).unwrap_or(Outcome::Passed)
            }
            CommandEnd::Exited { exit_code } => Outcome::failed("exit code 0", format!("exit code {exit_code}")),
            CommandEnd::Signalled { signal } => Outcome::failed("exit code 0", format!("death by signal {signal}")),
            CommandEnd::TimedOut { timeout_ms } => {
                Outcome::failed("exit code 0", format!("no end within {} s ({NO_END})", *timeout_ms as f64 / 1000.0))
            }
            CommandEnd::Cancelled => Outcome::unverified("cancelled", None),
            CommandEnd::NotStarted { why, fix } => Outcome::unverified(why.clone(), fix.as_deref()),
            CommandEnd::Refused { why, fix } => Outcome::unverified(why.clone(), Some(fix)),
        }
    }
}
