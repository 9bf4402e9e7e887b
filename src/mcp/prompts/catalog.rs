//! Which prompts there are.

use rmcp::ErrorData;
use rmcp::model::{ListPromptsResult, PaginatedRequestParams, Prompt, PromptArgument};

use crate::mcp::completion::Values;
use crate::mcp::pagination::{self, PRIVATE, STATIC_TTL_MS};
use crate::mcp::server::Server;

/// One prompt.
pub(super) struct Listed {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    pub(super) arguments: &'static [Argument],
    /// The tools that it needs. Where one is not offered, the prompt is not offered either.
    pub(super) needs: &'static [&'static str],
    pub(super) text: &'static str,
    /// Whether the report of the task that `task_id` names is appended.
    pub(super) reports: bool,
}

/// What a prompt takes.
pub(super) struct Argument {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    pub(super) required: bool,
    pub(super) values: Option<Values>,
}

/// In the order of prompts/list.
impl Argument {
    const fn required(name: &'static str, title: &'static str, description: &'static str) -> Self {
        Self { name, title, description, required: true, values: None }
    }

    const fn optional(name: &'static str, title: &'static str, description: &'static str) -> Self {
        Self { required: false, ..Self::required(name, title, description) }
    }

    const fn completed_by(self, values: Values) -> Self {
        Self { values: Some(values), ..self }
    }
}

const LISTED: [Listed; 3] = [
    Listed {
        name: "validate-deploy",
        title: "Validate a deploy",
        description: "Prove against production that what was deployed works, before anybody calls it done.",
        arguments: &[
            Argument::required("change", "Change", "What was deployed, in a sentence."),
            Argument::optional("routes", "Routes", "Paths on production that show it, separated by commas."),
        ],
        needs: &["run_task", "task_status"],
        text: include_str!("validate-deploy.md"),
        reports: false,
    },
    Listed {
        name: "triage-failure",
        title: "Triage a failed task",
        description: "Find out why a task was refused, and what to repair first.",
        arguments: &[
            Argument::required("task_id", "Task", "The task that is not done.").completed_by(Values::OpenTasks)
        ],
        needs: &["run_task", "task_status"],
        text: include_str!("triage-failure.md"),
        reports: true,
    },
    Listed {
        name: "plan-feature",
        title: "Plan a feature",
        description: "Split a feature into htasks that agents can take, each with the evidence that ends it.",
        arguments: &[Argument::required("feature", "Feature", "What is to be built, and for whom.")],
        needs: &["htask_create", "htask_next", "htask_complete"],
        text: include_str!("plan-feature.md"),
        reports: false,
    },
];

/// Answers `prompts/list`.
///
/// # Errors
/// When there is a cursor.
pub(in crate::mcp) fn list(
    server: &Server,
    request: Option<&PaginatedRequestParams>,
) -> Result<ListPromptsResult, ErrorData> {
    pagination::only_page(request)?;
    let prompts = offered(server).map(shown).collect();
    Ok(ListPromptsResult::with_all_items(prompts).with_ttl_ms(STATIC_TTL_MS).with_cache_scope(PRIVATE))
}

/// Returns the values that complete an argument of a prompt.
pub(in crate::mcp) fn values_of(prompt: &str, argument: &str) -> Option<Values> {
    let prompt = LISTED.iter().find(|listed| listed.name == prompt)?;
    prompt.arguments.iter().find(|listed| listed.name == argument)?.values
}

/// Returns the prompts whose tools are offered.
pub(super) fn offered(server: &Server) -> impl Iterator<Item = &'static Listed> {
    LISTED.iter().filter(|listed| listed.needs.iter().all(|tool| server.offers(tool)))
}

fn shown(listed: &Listed) -> Prompt {
    let arguments = listed.arguments.iter().map(|argument| {
        PromptArgument::new(argument.name)
            .with_title(argument.title)
            .with_description(argument.description)
            .with_required(argument.required)
    });
    Prompt::new(listed.name, Some(listed.description), Some(arguments.collect())).with_title(listed.title)
}
