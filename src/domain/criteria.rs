//! What must hold before a task may be done.

use serde::{Deserialize, Serialize};

use super::{CanonicalError, LiveCheck, Redactor, Removal, canonical_json, sha256_hex, stored_check};

/// The most proofs a task may require.
pub const MAX_REQUIRED_PROOFS: u32 = 10_000;

/// Criteria cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CriteriaError {
    /// Fewer than one proof.
    #[error("required_proofs is {0}: it must be at least 1")]
    TooFewProofs(i64),
    /// More than a task can ever give.
    #[error("required_proofs is {required}, but this task can give at most {possible} distinct proofs: add {missing} more distinct live check(s) on production or lower required_proofs", missing = required.saturating_sub(*possible))]
    Unreachable {
        /// What is required.
        required: u32,
        /// What is possible.
        possible: u32,
    },
    /// More proofs of the task's own are required than its own checks can give.
    #[error("live_checks can give at most {possible} distinct proofs of the task's own and {required} must be: {}add {missing} more distinct live check(s) on production that accept only 2xx or 3xx (/ counts once)", why.as_ref().map(|why| format!("{why}; ")).unwrap_or_default(), missing = required.saturating_sub(*possible))]
    TooFewOfItsOwn {
        /// What is required.
        required: u32,
        /// What is possible.
        possible: u32,
        /// Why the first one that does not count does not: `live_checks[0] … is not on production …`.
        why: Option<String>,
    },
    /// An empty command.
    #[error("local_tests[{0}] is empty: give a command, or [] for none")]
    EmptyTest(usize),
    /// No live check of the task's own (G1).
    #[error("live_checks is empty: a task needs at least one live check of its own on production")]
    NoLiveCheck,
}

impl CriteriaError {
    /// Returns the name of the field that is wrong.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::TooFewProofs(_) | Self::Unreachable { .. } => "required_proofs",
            Self::TooFewOfItsOwn { .. } | Self::NoLiveCheck => "live_checks",
            Self::EmptyTest(_) => "local_tests",
        }
    }
}

/// What a task must meet: fixed and hashed when the task is created.
///
/// The addresses of its live checks are absolute (see [`LiveCheck::resolved`]), so that the digest names production.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criteria {
    /// Commands that run in the repository, in order.
    pub local_tests: Vec<String>,
    /// Requests to production, stored as [`StoredCheck`](crate::domain::StoredCheck)s.
    #[serde(with = "stored_check::list")]
    pub live_checks: Vec<LiveCheck>,
    /// Playwright specs, relative to the repository.
    pub ui_tests: Vec<String>,
    /// How many distinct passing proofs are needed; none is stored as `"default"`: as many as places answered and count
    /// apart, at most [`Criteria::DEFAULT_REQUIRED_PROOFS`].
    #[serde(with = "number_or_default")]
    pub required_proofs: Option<u32>,
}

/// A number, or the word for none.
mod number_or_default {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    const DEFAULT: &str = "default";

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Stored {
        Number(u32),
        Word(String),
    }

    #[expect(clippy::ref_option, reason = "serde calls it with a reference to the field")]
    pub(super) fn serialize<S: Serializer>(number: &Option<u32>, serializer: S) -> Result<S::Ok, S::Error> {
        match number {
            Some(number) => number.serialize(serializer),
            None => DEFAULT.serialize(serializer),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
        match Stored::deserialize(deserializer)? {
            Stored::Number(number) => Ok(Some(number)),
            Stored::Word(word) if word == DEFAULT => Ok(None),
            Stored::Word(word) => Err(D::Error::custom(format!("required_proofs `{word}` is no number"))),
        }
    }
}

impl Criteria {
    /// Returns criteria that ask for nothing but proofs: what stands where others are lost.
    pub const fn nothing() -> Self {
        Self { local_tests: Vec::new(), live_checks: Vec::new(), ui_tests: Vec::new(), required_proofs: None }
    }

    /// The most proofs that a task needs when nobody says how many (docs/design/gate.md G3).
    pub const DEFAULT_REQUIRED_PROOFS: u32 = 3;

    /// Returns the criteria as they may be kept and shown: without the secrets in commands and checks.
    #[must_use]
    pub fn redacted(&self, redactor: &Redactor) -> Self {
        Self {
            local_tests: self.local_tests.iter().map(|test| redactor.text(test)).collect(),
            live_checks: self.live_checks.iter().map(|check| check.redacted(redactor)).collect(),
            ..self.clone()
        }
    }

    /// Returns what is left of the criteria without a text. What decides stays: how many proofs, and of each check its
    /// method, statuses, origin and bounds. The names of fields stay, too.
    #[must_use]
    pub fn without(&self, removal: &Removal) -> Self {
        let left = |texts: &[String]| texts.iter().map(|text| removal.of_text(text)).collect();
        Self {
            local_tests: left(&self.local_tests),
            live_checks: self.live_checks.iter().map(|check| removal.of_check(check)).collect(),
            ui_tests: left(&self.ui_tests),
            required_proofs: self.required_proofs,
        }
    }

    /// Returns the SHA-256 of the canonical JSON, as `sha256:` and 64 hexadecimal digits.
    ///
    /// # Errors
    /// When a body cannot be written as JSON.
    pub fn digest(&self) -> Result<String, CanonicalError> {
        Ok(format!("sha256:{}", sha256_hex(canonical_json(self)?.as_bytes())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_of_the_canonical_form() {
        let criteria = Criteria {
            local_tests: vec!["cargo test".into()],
            live_checks: vec![LiveCheck::get("https://api.example.com/health")],
            ui_tests: Vec::new(),
            required_proofs: Some(3),
        };
        let copy: Criteria =
            serde_json::from_str(&serde_json::to_string_pretty(&criteria).expect("json")).expect("read back");
        assert_eq!(criteria.digest().expect("digest"), copy.digest().expect("digest"));
        let lowered = Criteria { required_proofs: Some(2), ..criteria.clone() };
        assert_ne!(criteria.digest().expect("digest"), lowered.digest().expect("digest"));
    }

    /// Criteria as version 0.1.0 stored them, each with the digest that it computed.
    const OF_0_1_0: [(&str, &str); 3] = [
        (
            r#"{"local_tests":[],"live_checks":[{"url":"https://api.example.com/health","method":"GET","expected_status":200,"timeout_ms":30000}],"ui_tests":[],"required_proofs":3}"#,
            "sha256:8240aa4214b825deba941577c9870f6c0244d176ba86e0e8bf12dee1734b95ad",
        ),
        (
            r#"{"local_tests":["cargo test --workspace","npm run lint"],"live_checks":[{"url":"https://api.example.com/api/login?next=%2Fhome","method":"POST","expected_status":[200,201,"3xx"],"headers":{"Accept":"application/json","X-Tenant":"acme"},"body":{"email":"ada@example.com","n":1.5,"big":9007199254740993,"nested":[null,true,"é"]},"timeout_ms":250,"user":"ada@example.com","follow_redirects":true},{"url":"https://api.example.com/old","method":"HEAD","expected_status":"2xx","timeout_ms":600000}],"ui_tests":["e2e/login.spec.ts"],"required_proofs":2}"#,
            "sha256:941b60b3fcdc5ae57254533444e6415312ca82f8b294387df7e46861e41e3a79",
        ),
        (
            r#"{"local_tests":[],"live_checks":[{"url":"https://status.example.com/x","method":"DELETE","expected_status":[404,"4xx"],"body":"plain text","timeout_ms":30000},{"url":"https://api.example.com/put","method":"PUT","expected_status":204,"body":{},"timeout_ms":1},{"url":"https://api.example.com/patch","method":"PATCH","expected_status":200,"body":[],"timeout_ms":30000},{"url":"https://api.example.com/false","method":"OPTIONS","expected_status":200,"body":false,"timeout_ms":30000}],"ui_tests":[],"required_proofs":10000}"#,
            "sha256:c7142f9ef552c90bf0299b4ac097b89669e8e30d65a89beb49cff1afbca11b10",
        ),
    ];

    #[test]
    fn criteria_of_0_1_0_keep_their_text_and_their_digest() {
        for (text, digest) in OF_0_1_0 {
            let criteria: Criteria = serde_json::from_str(text).expect("read");
            assert_eq!(serde_json::to_string(&criteria).expect("json"), text);
            assert_eq!(criteria.digest().expect("digest"), digest);
        }
    }

    /// 0.1.0 took this digest, and could not read the row back: there the body was lost on the way.
    #[test]
    fn a_body_that_is_null_keeps_its_digest() {
        let text = r#"{"local_tests":[],"live_checks":[{"url":"https://api.example.com/x","method":"GET","expected_status":200,"body":null,"timeout_ms":30000}],"ui_tests":[],"required_proofs":1}"#;
        let criteria: Criteria = serde_json::from_str(text).expect("read");
        let digest = "sha256:ddceae8350eb6c9986ee3a4d821da7b922190e4e3e25c7d27ab09d425e0f8681";
        assert_eq!(criteria.digest().expect("digest"), digest);
    }
}
