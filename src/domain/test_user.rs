//! As whom a check speaks.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{LiveCheck, Method};

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
#[derive(Debug, Clone, PartialEq)]
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
    /// `Authorization: Basic …` (RFC 7617).
    Basic(BasicCredential),
    /// What a login gives: cookies, and headers with what its answers held.
    Login(Box<Login>),
    /// The variable that should hold the credential is not set; the text names it.
    Missing {
        /// The environment variable's name.
        variable: String,
    },
}

/// A name and a password, sent with every request (RFC 7617).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasicCredential {
    /// The name; it holds no colon.
    pub user: SecretText,
    /// The password.
    pub password: SecretText,
}

impl BasicCredential {
    /// Returns name and password as they are sent (RFC 7617 §2).
    pub fn encoded(&self) -> String {
        STANDARD.encode(format!("{}:{}", self.user.expose(), self.password.expose()))
    }
}

/// How a test user logs in: requests in their order, and what its checks send then.
///
/// `{{name}}` stands for what an earlier request captured, and `{{env:NAME}}` for the value of a variable.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Login {
    /// The requests. A text as body is a form, unless a header says otherwise or it is JSON.
    pub requests: Vec<LiveCheck>,
    /// The headers of the user's checks, by name.
    pub headers: BTreeMap<String, String>,
    /// The values of the variables, by name.
    pub variables: BTreeMap<String, SecretText>,
    /// What is sent with each request of the login, and with the checks where `headers` give no other `Authorization`.
    pub basic: Option<BasicCredential>,
}

/// A user that exists in production for tests.
#[derive(Debug, Clone, PartialEq)]
pub struct TestUser {
    /// The name that checks and proofs use.
    pub name: String,
    /// What is sent.
    pub credential: Credential,
    /// The methods with which it is sent; GET, HEAD and OPTIONS unless the configuration says more.
    pub methods: Vec<Method>,
    /// A check that only this user passes: it is asked before the user's first check.
    pub whoami: Option<LiveCheck>,
}

impl TestUser {
    /// Makes a user whose credential is sent with GET, HEAD and OPTIONS.
    pub fn new(name: impl Into<String>, credential: Credential) -> Self {
        let methods = vec![Method::Get, Method::Head, Method::Options];
        Self { name: name.into(), credential, methods, whoami: None }
    }
}
