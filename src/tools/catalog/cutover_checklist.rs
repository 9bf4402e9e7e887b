//! `cutover_checklist`: shows what a run would check.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{ChecklistItem, ChecklistRequest, ChecklistTarget, DeploymentNote, StoredCheck, TaskId, one_line};
use crate::orchestrator::{CutoverChecklist, OrchestratorError};
use crate::tools::{CallContext, LINE, Link, SHOWN_LINES, ToolAnswer, ToolCall, ToolSpec, Toolset};

/// Says what `cutover_checklist` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "cutover_checklist",
        title: "Cutover checklist",
        description: "Show what would be checked, for a task or for run_task's checks. Executes nothing.",
        toolset: Toolset::Validate,
        ..ToolSpec::reading(ToolCall::of(call))
    }
}

async fn call(context: CallContext, request: ChecklistRequest) -> Result<ToolAnswer<Checklist>, OrchestratorError> {
    Ok(Checklist::answer(context.orchestrator.cutover_checklist(request.into()).await?))
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

impl From<&ChecklistItem<StoredCheck>> for Item {
    fn from(item: &ChecklistItem<StoredCheck>) -> Self {
        let (check, expected) = match &item.target {
            ChecklistTarget::Live(StoredCheck(check)) => {
                (format!("{} {}", check.method, check.shown_url()), Some(check.expected_status.to_string()))
            }
            ChecklistTarget::Health { check: StoredCheck(check), .. } => {
                (format!("{} {}", check.method, check.shown_url()), None)
            }
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

/// Returns a note whose texts are cut to one line each.
fn cut(note: DeploymentNote) -> DeploymentNote {
    DeploymentNote {
        file: one_line(&note.file, LINE),
        lines: note.lines,
        title: one_line(&note.title, LINE),
        excerpt: one_line(&note.excerpt, LINE),
        endpoint: note.endpoint.map(|endpoint| one_line(&endpoint, LINE)),
    }
}

fn note_line(note: &DeploymentNote) -> String {
    let endpoint = note.endpoint.as_ref().map(|endpoint| format!(" ({endpoint})")).unwrap_or_default();
    let [first, last] = note.lines;
    format!("> note {}:{first}-{last} {}{endpoint}: {}", note.file, note.title, note.excerpt)
}

/// A cutover checklist that was generated, not executed.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Checklist {
    #[serde(skip_serializing_if = "Option::is_none")]
    task_id: Option<TaskId>,
    items: Vec<Item>,
    required_proofs: u32,
    least_proofs: u32,
    possible_proofs: u32,
    local_tests: Vec<String>,
    /// Deployment notes in the repository: read them first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    context: Vec<DeploymentNote>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
    next_step: &'static str,
    /// What was left out, and where it can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<String>,
}

impl Checklist {
    pub(super) fn answer(whole: CutoverChecklist) -> ToolAnswer<Self> {
        let rest = whole.items.len().saturating_sub(SHOWN_LINES);
        let place = whole.task_id.as_ref().map(|id| format!("checklist://{id}"));
        let more = (rest > 0).then(|| match &place {
            Some(place) => format!("{rest} more items: read resource {place}"),
            None => format!("{rest} more items"),
        });
        let requirement = whole.requirement();
        let output = Self {
            task_id: whole.task_id,
            items: whole.items.iter().take(SHOWN_LINES).map(Item::from).collect(),
            required_proofs: whole.required_proofs,
            least_proofs: whole.least_proofs,
            possible_proofs: whole.possible_proofs,
            local_tests: whole.local_tests.iter().take(SHOWN_LINES).map(|test| one_line(test, LINE)).collect(),
            context: whole.context.into_iter().map(cut).collect(),
            warnings: whole.warnings.iter().map(|warning| one_line(warning, LINE)).collect(),
            next_step: "Call run_task to execute it.",
            more,
        };
        let links = place.map(|place| Link::new(place, "cutover checklist", "The whole checklist.")).into_iter();
        ToolAnswer { text: output.text(&requirement), output, links: links.collect() }
    }

    fn text(&self, requirement: &str) -> String {
        let mut lines =
            vec![format!("{} items; {requirement}, {} are possible", self.items.len(), self.possible_proofs)];
        lines.extend(self.local_tests.iter().map(|test| format!("> local test: {test}")));
        for item in &self.items {
            let need = if item.required { "required" } else { "optional" };
            let counts = if item.counts { ", counts" } else { "" };
            let expected = item.expected_status.as_ref().map(|status| format!(" → {status}")).unwrap_or_default();
            lines.push(format!("> {} ({need}{counts}): {}{expected}", item.name, item.check));
        }
        lines.extend(self.context.iter().map(note_line));
        lines.extend(self.warnings.iter().map(|warning| format!("> warning: {warning}")));
        lines.extend(self.more.clone());
        lines.push(format!("next_step: {}", self.next_step));
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ItemSource, LiveCheck, Timestamp};

    #[test]
    fn a_checklist_shows_what_counts_and_what_is_required() {
        let item = |index: usize| ChecklistItem {
            not_counted: None,
            name: format!("task_check_{index}"),
            source: ItemSource::Task,
            required: true,
            counts: true,
            target: ChecklistTarget::Live(LiveCheck::get(format!("https://api.example.com/{index}")).into()),
        };
        let answer = Checklist::answer(CutoverChecklist {
            task_id: None,
            items: vec![item(1), item(2)],
            required_proofs: 2,
            least_proofs: 1,
            possible_proofs: 2,
            local_tests: vec!["cargo test".to_owned()],
            context: vec![DeploymentNote {
                file: "docs/deploy.md".to_owned(),
                lines: [3, 9],
                title: "Deploy > Rollback".to_owned(),
                excerpt: "Undo it when /2 answers 500.\u{1b}[31m".to_owned(),
                endpoint: Some("/2".to_owned()),
            }],
            warnings: vec!["deployment notes are missing".to_owned()],
        });
        let required = "2 items; 1 to 2 distinct proofs are required, as many as places answer, 2 are possible\n";
        assert!(answer.text.starts_with(required), "{}", answer.text);
        assert!(answer.text.contains("> task_check_2 (required, counts): GET https://api.example.com/2 → 2xx"));
        let note = "> note docs/deploy.md:3-9 Deploy > Rollback (/2): Undo it when /2 answers 500.\u{fffd}[31m";
        assert!(answer.text.contains(note) && answer.text.contains("warning: deployment notes"), "{}", answer.text);
        assert!(answer.links.is_empty());
        let id = TaskId::generate(Timestamp::from_micros(0));
        let answer = Checklist::answer(CutoverChecklist {
            task_id: Some(id.clone()),
            items: (0..50).map(item).collect(),
            required_proofs: 3,
            least_proofs: 3,
            possible_proofs: 50,
            local_tests: Vec::new(),
            context: Vec::new(),
            warnings: Vec::new(),
        });
        assert_eq!(answer.output.items.len(), SHOWN_LINES);
        assert_eq!(answer.output.more, Some(format!("30 more items: read resource checklist://{id}")));
    }
}
