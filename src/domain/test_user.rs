//! As whom a check speaks.

use std::fmt;

use super::Method;

/// A text that is never shown: its `Debug` and `Display` say only that it is there.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(String);

impl SecretText {
    /// Wraps a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// Returns the secret, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[secret]")
    }
}

impl fmt::Display for SecretText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[secret]")
    }
}

/// What a test user sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// `Authorization: Bearer …` (RFC 6750).
    Bearer(SecretText),
    /// A header of its own.
    Header {
        /// The header's name.
        name: String,
        /// The header's value.
        value: SecretText,
    },
    /// The variable that should hold the credential is not set; the text names it.
    Missing {
        /// The environment variable's name.
        variable: String,
    },
}

/// A user that exists in production for tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestUser {
    /// The name that checks and proofs use.
    pub name: String,
    /// What is sent.
    pub credential: Credential,
    /// The methods with which it is sent; GET, HEAD and OPTIONS unless the configuration says more.
    pub methods: Vec<Method>,
}
