//! What the smaller tools answer.

use schemars::JsonSchema;
use serde::Serialize;

use super::reply::{Answer, Link};
use crate::domain::{
    ChecklistItem, ChecklistTarget, DeploymentNote, DriftReport, Proof, ProofResult, TaskId, Timestamp, one_line,
};
use crate::orchestrator::CutoverChecklist;

/// The longest body that an answer shows, in bytes of JSON; longer ones are behind the link.
const SHOWN_BODY: usize = 400;
/// How many lines of a list an answer shows.
const SHOWN_LINES: usize = 20;
/// How long a line may be, in characters.
const LINE: usize = 240;

/// One proof without a task.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(transform = without_what_is_left_out)]
pub(super) struct EndpointProof {
    #[serde(flatten)]
    proof: Proof,
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
    pub(super) fn answer(mut proof: Proof) -> Answer<Self> {
        let next_step = match proof.result {
            ProofResult::Pass => "Use this check in live_checks of run_task: only run_task can make a task done.",
            ProofResult::Fail => "Mend production or correct the check, then try again.",
            ProofResult::Unverified if is_blocked(&proof) => {
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
        let text = proof_text(&proof, next_step, more.as_deref());
        Answer { text, output: Self { proof, next_step: next_step.to_owned(), more }, links }
    }
}

/// Tells whether the policy kept the check from being sent: trying again changes nothing.
fn is_blocked(proof: &Proof) -> bool {
    proof.error_message.as_ref().is_some_and(|message| message.starts_with("blocked by policy"))
}

fn proof_text(proof: &Proof, next_step: &str, more: Option<&str>) -> String {
    let result = proof.result.as_str();
    let method = proof.method.as_deref().map(|method| format!("{method} ")).unwrap_or_default();
    let code = proof.response_code.map(|code| format!(", status {code}")).unwrap_or_default();
    let mut lines = vec![format!(
        "{result}: {method}{} as {}{code} in {} ms",
        proof.endpoint, proof.user_tested, proof.duration_ms
    )];
    lines.extend(proof.error_message.as_ref().map(|message| format!("error: {message}")));
    lines.extend(proof.response_body.as_ref().map(|body| format!("body: {body}")));
    lines.extend(more.map(str::to_owned));
    lines.extend(proof.seq.map(|seq| format!("recorded as proof {seq}")));
    lines.push(format!("next_step: {next_step}"));
    lines.join("\n")
}

/// A drift report.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Drift {
    has_drift: bool,
    issues: Vec<String>,
    recommendations: Vec<String>,
    unverified: Vec<String>,
    not_applicable: Vec<String>,
    checked: Vec<String>,
    checked_at: Timestamp,
    next_step: String,
    /// What was left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<String>,
}

impl Drift {
    pub(super) fn answer(report: &DriftReport) -> Answer<Self> {
        let next_step = if let Some(first) = report.recommendations().first() {
            one_line(first, LINE)
        } else if report.has_drift() {
            "Bring production and the repository together, then check again.".to_owned()
        } else if !report.checked_anything() {
            "Nothing was checked: give routes, or mend what is listed as unverified.".to_owned()
        } else {
            "Nothing differs: go on with run_task.".to_owned()
        };
        let mut left_out = 0;
        let mut lines = |lines: Vec<String>| -> Vec<String> {
            left_out += lines.len().saturating_sub(SHOWN_LINES);
            lines.iter().take(SHOWN_LINES).map(|line| one_line(line, LINE)).collect()
        };
        let mut output = Self {
            has_drift: report.has_drift(),
            issues: lines(report.issues()),
            recommendations: lines(report.recommendations()),
            unverified: lines(report.unverified()),
            not_applicable: lines(report.not_applicable()),
            checked: lines(report.checked()),
            checked_at: report.checked_at,
            next_step,
            more: None,
        };
        output.more = (left_out > 0).then(|| format!("{left_out} more lines: ask for fewer routes at once"));
        let verdict = match (output.has_drift, report.checked_anything()) {
            (true, _) => "drift found",
            (false, true) => "no drift found",
            (false, false) => "nothing was checked",
        };
        let mut text = vec![verdict.to_owned()];
        for (name, lines) in [
            ("issue", &output.issues),
            ("recommendation", &output.recommendations),
            ("unverified", &output.unverified),
            ("not applicable", &output.not_applicable),
            ("checked", &output.checked),
        ] {
            text.extend(lines.iter().map(|line| format!("{name}: {line}")));
        }
        text.extend(output.more.clone());
        text.push(format!("next_step: {}", output.next_step));
        Answer { text: text.join("\n"), output, links: Vec::new() }
    }
}

/// One line of a cutover checklist.
#[derive(Debug, Serialize, JsonSchema)]
struct Item {
    name: String,
    required: bool,
    counts: bool,
    /// `GET https://…` or the spec.
    check: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_status: Option<String>,
}

impl From<&ChecklistItem> for Item {
    fn from(item: &ChecklistItem) -> Self {
        let (check, expected) = match &item.target {
            ChecklistTarget::Live(check) => {
                (format!("{} {}", check.method, check.url), Some(check.expected_status.to_string()))
            }
            ChecklistTarget::Health { check, .. } => (format!("{} {}", check.method, check.url), None),
            ChecklistTarget::Ui { spec } => (format!("playwright {spec}"), None),
        };
        Self {
            name: item.name.clone(),
            required: item.required,
            counts: item.counts,
            check: one_line(&check, LINE),
            expected_status: expected,
        }
    }
}

/// What the project's documents say about deploying it.
#[derive(Debug, Serialize, JsonSchema)]
struct Note {
    file: String,
    lines: [u32; 2],
    title: String,
    excerpt: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint: Option<String>,
}

impl From<&DeploymentNote> for Note {
    fn from(note: &DeploymentNote) -> Self {
        Self {
            file: one_line(&note.file, LINE),
            lines: note.lines,
            title: one_line(&note.title, LINE),
            excerpt: one_line(&note.excerpt, LINE),
            endpoint: note.endpoint.as_ref().map(|endpoint| one_line(endpoint, LINE)),
        }
    }
}

impl Note {
    fn line(&self) -> String {
        let endpoint = self.endpoint.as_ref().map(|endpoint| format!(" ({endpoint})")).unwrap_or_default();
        let [first, last] = self.lines;
        format!("- note {}:{first}-{last} {}{endpoint}: {}", self.file, self.title, self.excerpt)
    }
}

/// A cutover checklist that was generated, not executed.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Checklist {
    #[serde(skip_serializing_if = "Option::is_none")]
    task_id: Option<TaskId>,
    items: Vec<Item>,
    required_proofs: u32,
    possible_proofs: u32,
    local_tests: Vec<String>,
    /// Deployment notes in the repository: read them first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    context: Vec<Note>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
    next_step: String,
    /// What was left out, and where it can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<String>,
}

impl Checklist {
    pub(super) fn answer(whole: CutoverChecklist) -> Answer<Self> {
        let rest = whole.items.len().saturating_sub(SHOWN_LINES);
        let place = whole.task_id.as_ref().map(|id| format!("checklist://{id}"));
        let more = (rest > 0).then(|| match &place {
            Some(place) => format!("{rest} more items: read resource {place}"),
            None => format!("{rest} more items"),
        });
        let next_step = if whole.possible_proofs < whole.required_proofs {
            let missing = whole.required_proofs - whole.possible_proofs;
            format!("Add {missing} more distinct live check(s) on production: these can't give enough proofs.")
        } else {
            "Call run_task to execute it.".to_owned()
        };
        let output = Self {
            task_id: whole.task_id,
            items: whole.items.iter().take(SHOWN_LINES).map(Item::from).collect(),
            required_proofs: whole.required_proofs,
            possible_proofs: whole.possible_proofs,
            local_tests: whole.local_tests.iter().take(SHOWN_LINES).map(|test| one_line(test, LINE)).collect(),
            context: whole.context.iter().map(Note::from).collect(),
            warnings: whole.warnings.iter().map(|warning| one_line(warning, LINE)).collect(),
            next_step,
            more,
        };
        let links = place.map(|place| Link::new(place, "cutover checklist", "The whole checklist.")).into_iter();
        Answer { text: output.text(), output, links: links.collect() }
    }

    fn text(&self) -> String {
        let mut lines = vec![format!(
            "{} items; at most {} distinct proofs of {} required",
            self.items.len(),
            self.possible_proofs,
            self.required_proofs
        )];
        lines.extend(self.local_tests.iter().map(|test| format!("- local test: {test}")));
        for item in &self.items {
            let need = if item.required { "required" } else { "optional" };
            let counts = if item.counts { ", counts" } else { "" };
            let expected = item.expected_status.as_ref().map(|status| format!(" → {status}")).unwrap_or_default();
            lines.push(format!("- {} ({need}{counts}): {}{expected}", item.name, item.check));
        }
        lines.extend(self.context.iter().map(Note::line));
        lines.extend(self.warnings.iter().map(|warning| format!("warning: {warning}")));
        lines.extend(self.more.clone());
        lines.push(format!("next_step: {}", self.next_step));
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests;
