//! Why a line cannot be read.

/// A line is no expectation, or is past a bound. The message is one line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpectError {
    /// Something at a place of the line is wrong.
    #[error("column {column}: {problem}")]
    At {
        /// Where it is: the first character is 1.
        column: usize,
        /// What is wrong there, and what could stand there.
        problem: String,
    },
    /// The line as a whole is wrong.
    #[error("{0}")]
    Whole(String),
}
