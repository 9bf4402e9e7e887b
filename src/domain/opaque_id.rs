//! Identifiers that mean nothing: ours are unguessable, the hosted service's are taken as they are.

use uuid::Uuid;

use super::FieldError;

/// The longest identifier, in bytes (snipara-wire.md §6.1, `memory_id`).
const MAX_ID_BYTES: usize = 256;

fn check(field: &str, text: &str) -> Result<(), FieldError> {
    if text.is_empty() {
        return Err(FieldError::new(field, "is empty", "give the id that was answered when it was made"));
    }
    if text.len() > MAX_ID_BYTES || text.chars().any(|character| character.is_control() || character.is_whitespace()) {
        return Err(FieldError::new(field, "is not an id", "give the id that was answered when it was made"));
    }
    Ok(())
}

/// Declares an opaque identifier: `prefix` and 32 hexadecimal digits of a random UUID version 4 when we make it.
macro_rules! opaque_id {
    ($(#[$meta:meta])* $name:ident, $prefix:literal, $field:literal) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
        )]
        #[serde(transparent)]
        #[schemars(transparent)]
        pub struct $name(String);

        impl $name {
            /// Makes a new one that nobody can guess (122 random bits, RFC 9562 §5.4).
            pub fn generate() -> Self {
                Self(format!(concat!($prefix, "_{}"), Uuid::new_v4().simple()))
            }

            /// Takes an identifier as it is.
            ///
            /// # Errors
            /// When it is empty, longer than 256 bytes, or holds white space or control characters.
            pub fn parse(text: &str) -> Result<Self, FieldError> {
                check($field, text)?;
                Ok(Self(text.to_owned()))
            }

            /// Returns the identifier's text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

opaque_id!(
    /// The identifier of a memory.
    MemoryId, "mem", "memory_id"
);
opaque_id!(
    /// The identifier of a swarm.
    SwarmId, "swarm", "swarm_id"
);
opaque_id!(
    /// The identifier of a hierarchical task.
    HTaskId, "htask", "task_id"
);
opaque_id!(
    /// The identifier of a claim on a resource.
    ClaimId, "claim", "claim_id"
);
opaque_id!(
    /// The identifier of an event of a swarm.
    EventId, "event", "event_id"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unguessable_and_foreign_ones_are_taken_as_they_are() {
        assert_ne!(SwarmId::generate(), SwarmId::generate());
        assert_eq!(SwarmId::generate().as_str().len(), "swarm_".len() + 32);
        assert_eq!(SwarmId::parse("clx9f2").expect("taken").as_str(), "clx9f2");
        assert!(HTaskId::parse("").is_err() && HTaskId::parse("a b").is_err() && MemoryId::parse("\u{1b}").is_err());
    }
}
