//! `verify_proofs`: verifies the whole ledger.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{VerifyRequest, one_line};
use crate::orchestrator::OrchestratorError;
use crate::tools::{CallContext, ToolAnswer, ToolCall, ToolSpec, Toolset};

/// How many notices are told, the newest first.
const NOTICES: usize = 5;

/// Says what `verify_proofs` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "verify_proofs",
        title: "Verify the ledger",
        description: "Verify the whole chain of recorded proofs; names the first broken link.",
        toolset: Toolset::Proofs,
        ..ToolSpec::reading(ToolCall::of(call))
    }
}

#[derive(Debug, Serialize, JsonSchema)]
struct Verification {
    verified: bool,
    entries: u64,
    /// The hash of the last entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    head: Option<String>,
    redacted_bodies: u64,
    /// Where the chain rests on a person's word: an accepted head, a restore, a repair.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notices: Vec<Problem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem>,
    next_step: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Problem {
    /// The number of the entry, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<u64>,
    what: String,
}

fn told(seq: Option<u64>, what: &str) -> Problem {
    Problem { seq, what: one_line(what, 240) }
}

async fn call(context: CallContext, _: VerifyRequest) -> Result<ToolAnswer<Verification>, OrchestratorError> {
    let report = context.orchestrator.verify_proofs().await?;
    let next_step = if report.verified {
        "The ledger holds: go on."
    } else {
        "Tell a person that the ledger was changed: nothing after this entry proves anything."
    };
    let output = Verification {
        verified: report.verified,
        entries: report.entries,
        head: report.head.map(|head| head.hash),
        redacted_bodies: report.redacted_bodies,
        notices: report.notices.iter().rev().take(NOTICES).map(|notice| told(Some(notice.seq), &notice.what)).collect(),
        problem: report.problem.map(|found| told(found.seq, &found.what)),
        next_step: next_step.to_owned(),
    };
    let verdict = if output.verified { "verified" } else { "NOT verified" };
    let mut lines = vec![format!("{verdict}: {} entries, {} bodies removed", output.entries, output.redacted_bodies)];
    lines.extend(output.problem.as_ref().map(|problem| format!("> problem: {}", problem.what)));
    lines.extend(output.notices.iter().map(|notice| format!("> notice: {}", notice.what)));
    lines.extend(output.head.as_ref().map(|head| format!("head: {head}")));
    lines.push(format!("next_step: {next_step}"));
    Ok(ToolAnswer { text: lines.join("\n"), output, links: Vec::new() })
}
