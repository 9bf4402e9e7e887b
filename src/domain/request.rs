//! What every request has: a check of its own, beside the type.

use super::{FieldError, LiveCheckError, Scope, field_name};

/// A request cannot be carried out as it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRequest {
    /// One field is wrong.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// A live check is wrong.
    #[error("{place}{source}")]
    LiveCheck {
        /// Where it stands, with a dot behind it: `live_checks[0].`; empty when it is the request itself.
        place: String,
        /// What is wrong with it.
        source: LiveCheckError,
    },
}

impl InvalidRequest {
    /// Returns the name of the field that is wrong, without the place inside of it: `live_checks`.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Field(error) => Some(error.name()),
            Self::LiveCheck { place, source } if place.is_empty() => source.field(),
            Self::LiveCheck { place, .. } => Some(field_name(place)),
        }
    }

    /// Returns what to give instead.
    pub fn fix(&self) -> &str {
        match self {
            Self::Field(error) => &error.fix,
            Self::LiveCheck { .. } => "Correct this field and call again.",
        }
    }
}

/// What can be asked of a verb, through whatever door.
///
/// Defaults and other spellings of a field stand at the type; no door has any of its own. A door that shows models a
/// field's text takes `x-model` of its schema (`true`: the doc comment; nothing: no text), leaves out fields with
/// `x-unlisted`, and reads the spellings of `x-alias`, too.
pub trait Request: serde::de::DeserializeOwned + schemars::JsonSchema + Send + 'static {
    /// Refuses what cannot be asked, as far as the request alone tells.
    ///
    /// # Errors
    /// Names the field.
    fn check(&self) -> Result<(), InvalidRequest> {
        Ok(())
    }

    /// Returns the scope that this very request needs beyond the one that its tool needs.
    fn also_needs(&self) -> Option<Scope> {
        None
    }
}
