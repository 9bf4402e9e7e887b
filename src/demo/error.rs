use std::io;
use std::path::PathBuf;

/// Why the demo stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DemoError {
    /// The output could not be written, for example to a closed pipe.
    #[error("the demo's output could not be written")]
    Output(#[source] io::Error),
    /// A file or folder of the demo's own could not be read or written.
    #[error("{path} could not be used")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// No loopback port could be opened for the pretend production.
    #[error("the pretend production could not open a loopback port")]
    Production(#[source] io::Error),
    /// The executable could not be started.
    #[error("{executable} could not be started")]
    Start {
        /// Which.
        executable: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The server did not speak MCP.
    #[error("the MCP server did not answer the handshake: {reason}{}", said(.stderr))]
    Handshake {
        /// What the client says.
        reason: String,
        /// The end of what the server wrote to standard error.
        stderr: String,
    },
    /// A tool call failed or was refused.
    #[error("the tool {tool} failed: {reason}{}", said(.stderr))]
    Call {
        /// Which tool.
        tool: &'static str,
        /// What came back instead of an answer.
        reason: String,
        /// The end of what the server wrote to standard error.
        stderr: String,
    },
    /// The product did not do what this story shows: a bug of ours.
    #[error("expected {expected}, got {observed}")]
    Unexpected {
        /// What the story needs.
        expected: &'static str,
        /// What was answered.
        observed: String,
    },
    /// The copied ledger does not hold the text that the forger wants to change: a bug of ours.
    #[error("the copied ledger holds no failed proof to forge")]
    NothingToForge,
}

impl DemoError {
    /// Tells whether the reader of the output is gone.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(source) if source.kind() == io::ErrorKind::BrokenPipe)
    }
}

fn said(stderr: &str) -> String {
    if stderr.is_empty() { String::new() } else { format!("; it wrote: {stderr}") }
}
