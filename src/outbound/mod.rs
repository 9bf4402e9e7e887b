//! Every byte that is sent to another machine; reqwest lives here only.
//!
//! SCAFFOLD: signatures are agreed, bodies come.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use bytes::Bytes;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::domain::{Actor, HostPattern, LiveCheck, Method, Origin, SecretText, TestUser};

/// Where calls may go (product.md §6, "Calls").
#[derive(Debug, Clone)]
pub struct EgressRule {
    /// Who asks; a person may call everything but link-local and metadata addresses.
    pub actor: Actor,
    /// Production's origin.
    pub production: Option<Origin>,
    /// Hosts that the trusted configuration or `--allow-host` names.
    pub allowed_hosts: Vec<HostPattern>,
    /// Whether other public addresses may be called (`--allow-public`).
    pub allow_public: bool,
}

/// Whether a call may be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EgressDecision {
    /// It may.
    Allowed,
    /// It may not.
    Blocked {
        /// Why, as a fragment.
        why: String,
        /// The setting that allows it, or that nothing does.
        setting: String,
    },
}

/// Decides whether `url`, which resolves to `address`, may be called. Pure.
pub fn decide_egress(_rule: &EgressRule, _url: &Url, _address: IpAddr) -> EgressDecision {
    todo!()
}

/// An address that is used instead of what a name resolves to, as curl's `--resolve`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolveOverride {
    /// The host as it stands in the URL.
    pub host: String,
    /// The port as it stands in the URL, or the scheme's.
    pub port: u16,
    /// Where to connect.
    pub address: SocketAddr,
}

/// What a client needs to know.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Where calls may go.
    pub egress: EgressRule,
    /// Addresses used instead of what names resolve to.
    pub resolve: Vec<ResolveOverride>,
    /// A PEM file with authorities that are trusted besides the system's.
    pub ca_file: Option<PathBuf>,
    /// The most bytes of a body, after decompression, that are read; more is a failure.
    pub max_body_bytes: u64,
    /// The most exchanges at once.
    pub max_concurrent: usize,
}

/// A request.
#[derive(Debug, Clone)]
pub struct RequestSpec {
    /// The method.
    pub method: Method,
    /// The address.
    pub url: Url,
    /// The headers, without credentials of test users.
    pub headers: Vec<(String, String)>,
    /// The body and its media type.
    pub body: Option<(Bytes, &'static str)>,
    /// The time in milliseconds for everything: name, connection, every hop, the whole body.
    pub timeout_ms: u64,
    /// Whether redirects are followed (at most 10), each hop decided anew.
    pub follow_redirects: bool,
    /// A test user's header; sent to production's origin only, on no other hop.
    pub credential: Option<(String, SecretText)>,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The first 64 KiB of the body, decompressed.
    pub body_start: Bytes,
    /// The length of the whole body in bytes, decompressed.
    pub body_bytes: u64,
    /// SHA-256 of the whole body, decompressed, in hexadecimal.
    pub body_digest: String,
    /// The address that answered: another than asked for after redirects.
    pub url: Url,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

impl Exchange {
    /// Returns a header's value by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Which part of an exchange took too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeoutPhase {
    /// Until the connection stood.
    Connect,
    /// Until the answer's head came.
    Response,
    /// Until the body's end came.
    Body,
}

/// Why no answer was observed, told apart by type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each message says what it is")]
pub enum TransportFailure {
    #[error("{host} does not resolve: {reason}")]
    Dns { host: String, reason: String },
    #[error("connection refused by {host}:{port}")]
    Refused { host: String, port: u16 },
    #[error("connection reset: {reason}")]
    Reset { reason: String },
    #[error("TLS failed: {reason}")]
    Tls { reason: String },
    #[error("no {} within {timeout_ms} ms", match phase { TimeoutPhase::Connect => "connection", TimeoutPhase::Response => "answer", TimeoutPhase::Body => "complete body" })]
    Timeout { phase: TimeoutPhase, timeout_ms: u64 },
    #[error("the body is larger than {limit_bytes} bytes")]
    TooLarge { limit_bytes: u64 },
    #[error("blocked by policy: {why}")]
    Blocked { why: String, setting: String },
    #[error("more than {limit} redirects")]
    TooManyRedirects { limit: usize },
    #[error("not a valid HTTP answer: {reason}")]
    Protocol { reason: String },
    #[error("the host is unreachable: {reason}")]
    Unreachable { reason: String },
    #[error("cancelled")]
    Cancelled,
}

impl TransportFailure {
    /// Returns what to do about it, where that is known.
    pub fn fix(&self) -> Option<String> {
        todo!()
    }
}

/// The client could not be made.
#[derive(Debug, thiserror::Error)]
#[error("SCAFFOLD")]
pub struct OutboundError;

/// One pooled client; TLS is configured once. Cheap to clone.
#[derive(Debug, Clone)]
pub struct HttpClient {}

impl HttpClient {
    /// Makes a client; nothing is loaded before the first request.
    ///
    /// # Errors
    /// When the file with authorities cannot be read.
    pub fn new(_settings: HttpSettings) -> Result<Self, OutboundError> {
        todo!()
    }

    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    /// When no complete answer was observed; says why by type.
    pub async fn send(
        &self,
        _request: &RequestSpec,
        _cancel: &CancellationToken,
    ) -> Result<Exchange, TransportFailure> {
        todo!()
    }
}

/// Why a test user's credentials are not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each message says what it is")]
pub enum IdentityError {
    #[error("no test user `{name}` is configured{}", suggestion.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default())]
    Unknown { name: String, suggestion: Option<String> },
    #[error("the variable {variable} that holds the credential of `{name}` is not set")]
    Missing { name: String, variable: String },
    #[error("credentials of `{name}` are not sent to {origin}: only to production")]
    ForeignOrigin { name: String, origin: String },
    #[error("credentials of `{name}` are not sent with {method}: its `methods` does not list it")]
    Method { name: String, method: String },
}

/// Turns a live check (with an absolute URL) into a request, with its test user's credentials.
/// Returns the request and the name for `user_tested`. Shared by validator and drift.
///
/// # Errors
/// When the check names a user whose credentials cannot be sent.
pub fn request_for(
    _check: &LiveCheck,
    _users: &[TestUser],
    _production: Option<&Origin>,
) -> Result<(RequestSpec, String), IdentityError> {
    todo!()
}
