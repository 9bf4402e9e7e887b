//! What was observed, in the form that is kept.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{AnswerShape, Outcome, ProofChange, TaskId, Timestamp, words};

/// As whom a request is sent that names no test user.
pub const ANONYMOUS: &str = "anonymous";

/// How the message of a check begins that the policy kept from being sent. Proofs are kept without a type for it.
pub(crate) const BLOCKED_BY_POLICY: &str = "blocked by policy";

/// Tells whether a message that was kept says that the policy kept a check from being sent.
pub(super) fn says_blocked(message: Option<&str>) -> bool {
    message.is_some_and(|message| message.starts_with(BLOCKED_BY_POLICY))
}

/// The verdict of one proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProofResult {
    /// Observed, and as expected.
    Pass,
    /// Observed, and not as expected.
    Fail,
    /// Not observed.
    Unverified,
}

words! { ProofResult, as_str { Pass = "pass", Fail = "fail", Unverified = "unverified" } }

impl From<&Outcome> for ProofResult {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Passed => Self::Pass,
            Outcome::Failed { .. } => Self::Fail,
            Outcome::Unverified { .. } => Self::Unverified,
        }
    }
}

/// What kind of observation a proof is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProofKind {
    /// A request to production.
    Live,
    /// A Playwright spec.
    Ui,
    /// A health route of production.
    Health,
}

/// What one expectation said of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExpectationResult {
    /// The line, without its secrets.
    pub expect: String,
    /// Its verdict.
    pub result: ProofResult,
    /// Expected against observed, or why it could not be judged, on one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// Whether it holds on answers that mean nothing, too: an empty one, `{}`, an error page, the control answer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub says_nothing: bool,
    /// Whether it can tell one answer from another: it looks at the content, and says something.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tells_apart: bool,
}

/// One try of a check: several have to agree, and more are made while it settles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckAttempt {
    /// When the try began.
    pub at: Timestamp,
    /// Its verdict.
    pub result: ProofResult,
    /// The status, when an answer came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_code: Option<u16>,
    /// What was wrong, on one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// The address that was asked, where the host has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<std::net::IpAddr>,
}

/// The commit that the repository stood at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BuildIdentity {
    /// The full hash of git's HEAD.
    pub head: String,
    /// Whether the work tree differed from it.
    pub dirty: bool,
    /// How many files differed, where that was counted.
    #[serde(default, skip_serializing_if = "super::is_zero")]
    pub uncommitted: u32,
}

/// One observation of production, as it is recorded and shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Proof {
    /// The URL (redacted), or the spec's path.
    pub endpoint: String,
    /// The test user whose credentials were sent, else `anonymous`.
    pub user_tested: String,
    /// The verdict.
    pub result: ProofResult,
    /// When the deciding try ended.
    pub timestamp: Timestamp,
    /// The status, when an answer came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_code: Option<u16>,
    /// The answer's body: JSON where it is, else text; redacted, at most 4 KiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_body: Option<Value>,
    /// SHA-256 of the whole body, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_digest: Option<String>,
    /// The whole body's length in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_bytes: Option<u64>,
    /// Whether the answer said that it is `text/html`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub html: bool,
    /// Expected against observed, on one line; why, when nothing was observed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// The name of the check in its checklist, such as `task_check_2`.
    pub check: String,
    /// The method, for requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The kind of observation.
    pub kind: ProofKind,
    /// Whether the gate needs it to pass.
    pub required: bool,
    /// Whether it may count towards the required proofs, before doubles are taken out.
    pub counts: bool,
    /// Why it does not count, where that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_counted: Option<String>,
    /// Whether the answer is that of a path which cannot exist: all such answers count together once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub catch_all: bool,
    /// What the check's expectations said of the answer, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expectations: Vec<ExpectationResult>,
    /// What was seen beside the verdict, which changes nothing in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<String>,
    /// Every try; more than one only while settling.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<CheckAttempt>,
    /// How long the deciding try took, in milliseconds.
    pub duration_ms: u64,
    /// The task; none for `validate_endpoint`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_id: Option<TaskId>,
    /// The attempt of the task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// What makes its check the same in another task: a digest (docs/design/gate.md G18).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_identity: Option<String>,
    /// What failed in each of several asks: `status 404`, `expect[0]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub red: Option<String>,
    /// The commit that production told when it was observed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<String>,
    /// What it says about the change, where it passed and is the task's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<ProofChange>,
    /// Whether the build changed between its red observation and this one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shown_by_deploy: bool,
    /// Whether it was observed under settings that no person trusted: then it decides nothing of later attempts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schemars(skip)]
    pub untrusted_settings: bool,
    /// What of the answer stayed the same in its asks, for a check that is compared with its baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub shape: Option<AnswerShape>,
    /// The repository's commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<BuildIdentity>,
    /// The digest of the task's criteria.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub criteria_digest: Option<String>,
    /// The digest of the configuration in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_digest: Option<String>,
    /// Its place in the ledger, once it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// Its hash in the ledger, once it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
}

impl Proof {
    /// Tells whether the verdict is "pass".
    pub fn passed(&self) -> bool {
        self.result == ProofResult::Pass
    }

    /// Tells whether an expectation held that tells this answer from others.
    pub fn shows_content(&self) -> bool {
        self.expectations.iter().any(|one| one.tells_apart && one.result == ProofResult::Pass)
    }

    /// Tells whether the policy kept the check from being sent: trying again changes nothing.
    pub fn is_blocked(&self) -> bool {
        says_blocked(self.error_message.as_deref())
    }

    /// Returns what to call it in a sentence: `task_check_2 GET /api/auth/session`.
    pub fn label(&self) -> String {
        let place = url::Url::parse(&self.endpoint).map_or_else(|_| self.endpoint.clone(), |url| url.path().to_owned());
        let user = if self.user_tested == ANONYMOUS { String::new() } else { format!(" as {}", self.user_tested) };
        match &self.method {
            Some(method) => format!("{} {method} {place}{user}", self.check),
            None => format!("{} {place}{user}", self.check),
        }
    }
}
