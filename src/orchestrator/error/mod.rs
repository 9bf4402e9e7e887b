//! Why a verb did not do what was asked: one enum that callers match on.
//!
//! Lives here: the four kinds of failure with their variants, and the code, hint and exit code of each as methods.
//! Does not live here: how a door shows a failure (`mcp`, `cli`, `http`). Nobody reads the text of a message to find
//! out what happened; the tests beside the types show that codes and hints belong to variants.

mod internal;
mod invalid;
mod invalid_answers;
mod orchestrator_error;
mod unavailable;

pub use internal::InternalError;
pub use invalid::InvalidError;
pub use orchestrator_error::OrchestratorError;
pub use unavailable::{Disagreement, UnavailableError};
