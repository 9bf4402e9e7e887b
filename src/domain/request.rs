//! What every request has: a check of its own, beside the type.

use super::{FieldError, Scope};

/// What can be asked of a verb, through whatever door.
///
/// Defaults and other spellings of a field stand at the type; no door has any of its own.
pub trait Request: serde::de::DeserializeOwned + schemars::JsonSchema + Send + 'static {
    /// Refuses what cannot be asked, as far as the request alone tells.
    ///
    /// # Errors
    /// Names the field.
    fn check(&self) -> Result<(), FieldError> {
        Ok(())
    }

    /// Returns the scope that this very request needs beyond the one that its tool needs.
    fn also_needs(&self) -> Option<Scope> {
        None
    }
}
