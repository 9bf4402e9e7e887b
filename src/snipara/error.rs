//! Why the neighbour did not do what was asked.

use serde::{Deserialize, Serialize};

use crate::domain::{EvidenceRequirement, FieldError, Timestamp};
use crate::outbound::TransportFailure;
use crate::snipara::catalog;
use crate::store::StoreError;

/// Why the neighbour did not do what was asked. Serialized, it is its code and what a program needs to go on.
#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SniparaError {
    /// A field cannot be used; nothing was written.
    #[serde(skip)]
    #[error(transparent)]
    Field(#[from] FieldError),
    /// Nothing has this id.
    #[serde(skip_deserializing)]
    #[error("there is no {what} `{id}`{}", nearest.as_ref().map(|name| format!(" (did you mean `{name}`?)")).unwrap_or_default())]
    NotFound {
        /// What was looked for: `swarm`, `htask`, `memory`.
        #[serde(skip_deserializing)]
        what: &'static str,
        /// The id that was given, one line.
        id: String,
        /// What may have been meant: an id or a name.
        nearest: Option<String>,
    },
    /// The rules do not allow it as things stand.
    #[serde(skip)]
    #[error("{message}")]
    NotAllowed {
        /// A stable word: `wrong_status`, `wrong_level`, `cycle`, `swarm_full`, `not_a_member`.
        #[serde(skip_deserializing)]
        code: &'static str,
        /// What stands in the way.
        message: String,
        /// What to do.
        hint: String,
    },
    /// The key has another version.
    #[error("state `{key}` has version {current}, not {expected}")]
    VersionConflict {
        /// The key.
        key: String,
        /// The version that was expected.
        #[serde(rename = "expected_version")]
        expected: i64,
        /// The version that stands; 0 when the key does not exist.
        #[serde(rename = "current_version")]
        current: i64,
    },
    /// Somebody else holds it.
    #[error("{resource} is held by {holder} until {expires_at}")]
    Held {
        /// What is held.
        resource: String,
        /// By whom.
        #[serde(rename = "claimed_by")]
        holder: String,
        /// Until when.
        expires_at: Timestamp,
    },
    /// The lease ran out.
    #[error("the lease on {resource} ended at {expired_at}")]
    LeaseExpired {
        /// What was leased.
        resource: String,
        /// When it ended.
        expired_at: Timestamp,
    },
    /// Another claim came after.
    #[serde(rename = "stale_fencing_token")]
    #[error("fencing token {given} of {resource} is stale: the present one is {current}")]
    StaleToken {
        /// What was claimed.
        resource: String,
        /// The token that was given.
        #[serde(rename = "given_token")]
        given: i64,
        /// The token that stands.
        #[serde(rename = "current_token")]
        current: i64,
    },
    /// Evidence is missing.
    #[error("htask {task_id} needs evidence{}", missing_text(missing))]
    EvidenceMissing {
        /// The htask.
        task_id: String,
        /// What is missing; empty when any evidence will do.
        missing: Vec<EvidenceRequirement>,
    },
    /// A parent may not be closed.
    #[error("htask {task_id} cannot be closed: {}", blockers.join("; "))]
    ClosureRefused {
        /// The htask.
        task_id: String,
        /// What stands in the way, one line each.
        blockers: Vec<String>,
        /// Whether a waiver would help.
        needs_waiver: bool,
        /// The setting that forbids a waiver, with what would permit one.
        no_waiver: Option<String>,
    },
    /// The store failed.
    #[serde(skip)]
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A document or the repository cannot be read.
    #[serde(skip)]
    #[error("{what} cannot be read")]
    Unreadable {
        /// What.
        what: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The service did not answer.
    #[serde(skip)]
    #[error("{tool}: Snipara did not answer: {failure}")]
    Unreachable {
        /// The tool.
        tool: String,
        /// Why.
        failure: TransportFailure,
        /// Whether the request may have been carried out.
        may_have_happened: bool,
    },
    /// The service answered with an HTTP error.
    #[serde(skip)]
    #[error("{tool}: Snipara answered {status}{}", message.as_ref().map(|text| format!(": {text}")).unwrap_or_default())]
    Status {
        /// The tool.
        tool: String,
        /// The status.
        status: u16,
        /// What it says, one line.
        message: Option<String>,
        /// How long it asks to wait, in seconds.
        retry_after_s: Option<u64>,
    },
    /// The service refused the call.
    #[serde(skip)]
    #[error("{tool}: {message}")]
    HostRefused {
        /// The tool.
        tool: String,
        /// What it says, one line.
        message: String,
        /// Its stable word, where it has one.
        code: Option<String>,
    },
    /// The service's answer cannot be understood.
    #[serde(skip)]
    #[error("{tool}: Snipara's answer cannot be understood: {why}")]
    Malformed {
        /// The tool.
        tool: String,
        /// Why.
        why: String,
    },
}

fn missing_text(missing: &[EvidenceRequirement]) -> String {
    if missing.is_empty() {
        return String::new();
    }
    let items = missing.iter().map(|item| match item.description.trim() {
        "" => item.kind.clone(),
        description => format!("{} ({description})", item.kind),
    });
    format!(" that is missing: {}", items.collect::<Vec<_>>().join(", "))
}

/// Makes the error of what the rules do not allow as things stand.
pub(super) fn not_allowed(code: &'static str, message: String, hint: &str) -> SniparaError {
    SniparaError::NotAllowed { code, message, hint: hint.to_owned() }
}

impl SniparaError {
    /// Returns a stable word for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Field(_) => "invalid_input",
            Self::NotFound { .. } => "not_found",
            Self::NotAllowed { code, .. } => code,
            Self::VersionConflict { .. } => "version_conflict",
            Self::Held { .. } => "held",
            Self::LeaseExpired { .. } => "lease_expired",
            Self::StaleToken { .. } => "stale_fencing_token",
            Self::EvidenceMissing { .. } => "evidence_missing",
            Self::ClosureRefused { .. } => "closure_refused",
            Self::Store(_) => "store_unavailable",
            Self::Unreadable { .. } => "unreadable",
            Self::Unreachable { .. } => "snipara_unreachable",
            Self::Status { status: 401 | 403, .. } => "snipara_unauthorized",
            Self::Status { status: 429, .. } => "snipara_rate_limited",
            Self::Status { .. } => "snipara_error",
            Self::HostRefused { .. } => "snipara_refused",
            Self::Malformed { .. } => "snipara_malformed",
        }
    }

    /// Tells whether a request that failed may have been carried out all the same: it changes something, and no clean
    /// answer came.
    pub fn may_have_happened(&self) -> bool {
        let writes = |tool: &str| catalog::find(tool).is_none_or(|tool| !tool.read_only);
        match self {
            Self::Unreachable { may_have_happened, .. } => *may_have_happened,
            // 503 with Retry-After says that the request was turned away (RFC 9110 §15.6.4).
            Self::Status { status: 503, retry_after_s: Some(_), .. } => false,
            Self::Status { tool, status: 500.., .. } | Self::Malformed { tool, .. } => writes(tool),
            _ => false,
        }
    }

    /// Returns what to do: one imperative sentence.
    pub fn hint(&self) -> String {
        match self {
            Self::Field(error) => error.fix.clone(),
            Self::NotFound { what, nearest, .. } => match nearest {
                Some(nearest) => format!("give the id of an existing {what}, such as {nearest}"),
                None => format!("give the id that was answered when the {what} was made"),
            },
            Self::NotAllowed { hint, .. } => hint.clone(),
            Self::VersionConflict { current, .. } => {
                format!("read the key again and write with expected_version {current}")
            }
            Self::Held { resource, holder, .. } if resource.starts_with("htask ") => {
                format!("leave it to {holder} or wait until then; who claimed it gives the claim's fencing_token")
            }
            Self::Held { .. } => "work on something else, or wait until then".to_owned(),
            Self::LeaseExpired { .. } => "claim it again; somebody else may have it now".to_owned(),
            Self::StaleToken { .. } => "stop: somebody else has claimed it since; ask for other work".to_owned(),
            Self::EvidenceMissing { .. } => {
                "give evidence of each missing type: task_id of a run that is done, or proof_id of a passing proof"
                    .to_owned()
            }
            Self::ClosureRefused { needs_waiver: true, .. } => {
                "complete the children, or give waiver_reason and waiver_approved_by".to_owned()
            }
            Self::ClosureRefused { no_waiver: Some(setting), .. } => {
                format!("complete the children first; no waiver helps, because {setting}")
            }
            Self::ClosureRefused { .. } => "complete the children first".to_owned(),
            Self::Store(_) => "`snipara-orchestrator doctor` looks at the store; nothing was written".to_owned(),
            Self::Unreadable { .. } => "check that the file exists and may be read".to_owned(),
            _ if self.may_have_happened() => "look whether it happened before you try again".to_owned(),
            Self::Unreachable { failure: TransportFailure::Timeout { .. }, .. } => {
                "try again later; without SNIPARA_API_KEY the embedded store answers".to_owned()
            }
            Self::Unreachable { failure: TransportFailure::TooLarge { .. }, .. } => {
                "ask for less: a smaller limit or max_tokens".to_owned()
            }
            Self::Unreachable { failure: TransportFailure::Tls { .. }, .. } => {
                "a person checks snipara_api_url; a private authority goes into ca_file".to_owned()
            }
            Self::Unreachable { failure, .. } => failure.fix().unwrap_or_else(|| "try again later".to_owned()),
            Self::Status { status: 401, .. } => "a person checks SNIPARA_API_KEY".to_owned(),
            Self::Status { status: 403, .. } => "use a key that may do this, or another project".to_owned(),
            Self::Status { status: 300..=399 | 404, .. } => {
                "a person checks snipara_project and snipara_api_url".to_owned()
            }
            Self::Status { status: 429, retry_after_s, .. } => match retry_after_s {
                Some(seconds) => format!("wait {seconds} s, then try again"),
                None => "wait a minute, then try again".to_owned(),
            },
            Self::Status { .. } | Self::Malformed { .. } => {
                "try again later; without SNIPARA_API_KEY the embedded store answers".to_owned()
            }
            Self::HostRefused { .. } if !self.is_refusal() => "try again later".to_owned(),
            Self::HostRefused { .. } => "correct what it says and call again".to_owned(),
        }
    }

    /// Tells whether the request is wrong or not allowed, as against something that is not available.
    pub fn is_refusal(&self) -> bool {
        // What our own server says when it is busy, or when its store or its documents fail, is not the caller's fault.
        if let Self::HostRefused { code: Some(code), .. } = self {
            return !matches!(
                code.as_str(),
                "store_unavailable" | "ledger_unavailable" | "unreadable" | "internal_error" | "busy" | "timed_out"
            );
        }
        !matches!(
            self,
            Self::Store(_)
                | Self::Unreadable { .. }
                | Self::Unreachable { .. }
                | Self::Status { .. }
                | Self::Malformed { .. }
        )
    }
}
