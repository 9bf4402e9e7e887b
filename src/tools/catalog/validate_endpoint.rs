//! `validate_endpoint`: sends one live check, and answers its proof.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{LiveCheck, Proof, ProofResult, Redactor, Scope, one_line};
use crate::orchestrator::OrchestratorError;
use crate::tools::{CallContext, LINE, Link, ToolAnswer, ToolCall, ToolSpec, Toolset, quoted_json};

/// The longest body that an answer shows, in bytes of JSON; longer ones are behind the link.
const SHOWN_BODY: usize = 400;

/// Says what `validate_endpoint` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "validate_endpoint",
        title: "Try one live check",
        description: "Send one live check and record its proof. It counts for no task.",
        toolset: Toolset::Validate,
        default: true,
        scope: Scope::Validate,
        destructive: true,
        open_world: true,
        ..ToolSpec::writing(ToolCall::of(call))
    }
}

async fn call(context: CallContext, check: LiveCheck) -> Result<ToolAnswer<EndpointProof>, OrchestratorError> {
    let proof = context.orchestrator.validate_endpoint(check, &context.cancel).await?;
    Ok(EndpointProof::answer(proof, context.orchestrator.setting_warnings(), context.orchestrator.redactor()))
}

/// One proof without a task.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(transform = without_what_is_left_out)]
pub(super) struct EndpointProof {
    #[serde(flatten)]
    proof: Proof,
    /// Which settings wait for trust.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
    /// What to do now.
    next_step: String,
    /// Where the whole proof can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<String>,
}

/// What a proof without a task does not have, and what stays behind its link.
fn without_what_is_left_out(schema: &mut schemars::Schema) {
    let Some(properties) = schema.get_mut("properties").and_then(serde_json::Value::as_object_mut) else { return };
    for name in ["attempts", "task_id", "attempt", "commit", "criteria_digest", "config_digest", "hash", "html"] {
        properties.remove(name);
    }
}

impl EndpointProof {
    /// Digests of the configuration and long bodies stay behind the link `proof://{seq}`.
    pub(super) fn answer(mut proof: Proof, warnings: &[String], redactor: &Redactor) -> ToolAnswer<Self> {
        let next_step = match proof.result {
            ProofResult::Pass => "Use this check in live_checks of run_task: only run_task can make a task done.",
            ProofResult::Fail => "Mend production or correct the check, then try again.",
            ProofResult::Unverified if proof.is_blocked() => {
                "Check an address of production instead; only a person can allow another one."
            }
            ProofResult::Unverified => "Remove what keeps the endpoint from being observed, then try again.",
        };
        proof.endpoint = one_line(&proof.endpoint, LINE);
        proof.error_message = proof.error_message.map(|message| one_line(&message, LINE));
        let mut links = Vec::new();
        let mut more = None;
        if let Some(seq) = proof.seq {
            let long = proof.response_body.as_ref().is_some_and(|body| body.to_string().len() > SHOWN_BODY);
            if long {
                proof.response_body = None;
                more = Some(format!("response_body: read resource proof://{seq}"));
            }
            links.push(Link::new(format!("proof://{seq}"), "proof", "The whole proof."));
        }
        proof.config_digest = None;
        proof.criteria_digest = None;
        proof.commit = None;
        proof.hash = None;
        proof.html = false;
        proof.attempts = Vec::new();
        let text = proof_text(&proof, warnings, next_step, more.as_deref(), redactor);
        let warnings = warnings.to_vec();
        ToolAnswer { text, output: Self { proof, warnings, next_step: next_step.to_owned(), more }, links }
    }
}

fn proof_text(proof: &Proof, warnings: &[String], next_step: &str, more: Option<&str>, redactor: &Redactor) -> String {
    let result = proof.result.as_str();
    let method = proof.method.as_deref().map(|method| format!("{method} ")).unwrap_or_default();
    let code = proof.response_code.map(|code| format!(", status {code}")).unwrap_or_default();
    let mut lines = vec![format!(
        "{result}: {method}{} as {}{code} in {} ms",
        proof.endpoint, proof.user_tested, proof.duration_ms
    )];
    lines.extend(proof.error_message.as_ref().map(|message| format!("> error: {message}")));
    let body = proof.response_body.as_ref().map(|body| quoted_json(body, SHOWN_BODY, redactor));
    lines.extend(body.map(|body| format!("> body: {body}")));
    lines.extend(warnings.iter().map(|line| format!("> warning: {line}")));
    lines.extend(more.map(str::to_owned));
    lines.extend(proof.seq.map(|seq| format!("recorded as proof {seq}")));
    lines.push(format!("next_step: {next_step}"));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::{BuildIdentity, CheckAttempt, ProofKind, Timestamp};

    fn proof(body: Value) -> Proof {
        let at = Timestamp::from_micros(1_700_000_000_000_000);
        Proof {
            not_counted: None,
            catch_all: false,
            expectations: Vec::new(),
            told: Vec::new(),
            endpoint: "https://api.example.com/api/users".to_owned(),
            user_tested: "anonymous".to_owned(),
            result: ProofResult::Fail,
            timestamp: at,
            response_code: Some(500),
            response_body: Some(body),
            response_digest: Some("ab".repeat(32)),
            response_bytes: Some(4096),
            html: true,
            error_message: Some("expected 200, got 500".to_owned()),
            check: "endpoint".to_owned(),
            method: Some("GET".to_owned()),
            kind: ProofKind::Live,
            required: false,
            counts: false,
            attempts: vec![CheckAttempt {
                address: None,
                at,
                result: ProofResult::Fail,
                response_code: Some(500),
                error_message: None,
                duration_ms: 3,
            }],
            duration_ms: 3,
            task_id: None,
            attempt: None,
            check_identity: None,
            red: None,
            build: None,
            change: None,
            shown_by_deploy: false,
            untrusted_settings: false,
            shape: None,
            commit: Some(BuildIdentity { head: "c".repeat(40), dirty: false, uncommitted: 0 }),
            criteria_digest: None,
            config_digest: Some(format!("sha256:{}", "d".repeat(64))),
            seq: Some(12),
            hash: Some(format!("sha256:{}", "e".repeat(64))),
        }
    }

    fn tokens(text: &str) -> usize {
        tiktoken_rs::o200k_base_singleton().encode_ordinary(text).len()
    }

    #[test]
    fn a_proof_stays_small_and_its_long_body_lies_behind_the_link() {
        let answer = EndpointProof::answer(proof(json!({"trace": "x y z ".repeat(600)})), &[], &Redactor::default());
        let output = serde_json::to_value(&answer.output).expect("json");
        assert_eq!(output.get("response_body"), None);
        assert_eq!(output["more"], "response_body: read resource proof://12");
        assert_eq!(answer.links.len(), 1);
        assert!(tokens(&output.to_string()) <= 400 && tokens(&answer.text) <= 400, "{output}");
    }

    #[test]
    fn a_proof_says_what_was_expected_and_what_was_observed_in_both_forms() {
        let answer = EndpointProof::answer(proof(json!(["short"])), &[], &Redactor::default());
        let output = serde_json::to_value(&answer.output).expect("json");
        assert_eq!(output["error_message"], "expected 200, got 500");
        assert_eq!(output["response_body"], json!(["short"]));
        for part in
            ["fail: GET https://api.example.com/api/users", "status 500", "expected 200, got 500", "body: [\"short\"]"]
        {
            assert!(answer.text.contains(part), "{part} in {}", answer.text);
        }
        assert!(answer.text.ends_with(&format!("next_step: {}", output["next_step"].as_str().expect("text"))));
    }

    #[test]
    fn an_agent_that_was_blocked_is_not_told_to_try_again() {
        let mut blocked = proof(json!({}));
        blocked.result = ProofResult::Unverified;
        blocked.error_message = Some("blocked by policy: example.com:80 is neither production nor …".to_owned());
        let answer = EndpointProof::answer(blocked, &[], &Redactor::default());
        assert!(answer.output.next_step.contains("only a person"), "{}", answer.output.next_step);
        assert!(answer.text.ends_with(&answer.output.next_step), "{}", answer.text);
    }
}
