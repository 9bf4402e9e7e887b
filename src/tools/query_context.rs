//! Toolset `context`: questions to the project's documents.

use super::context::CallContext;
use super::spec::{Queueing, ToolCall, ToolSpec, Toolset};
use crate::domain::{Request, Scope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{ContextAnswer, ContextQuery, counted, one_line};
use crate::snipara::payload::{self, Payload};

use super::payload_reply::{Answered, LINE, shown_lines, told};

/// Says what `query_context` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "query_context",
        title: "Ask the project's documents",
        description: "Before you deploy or design: what README, docs and runbooks say, best sections first.",
        toolset: Toolset::Context,
        default: true,
        scope: Scope::Read,
        destructive: false,
        idempotent: true,
        open_world: false,
        queueing: Queueing::Turn,
        header: None,
        call: ToolCall::of(query_context),
        forms: Vec::new(),
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct QueryContextParams {
    query: String,
    /// Default 4000.
    #[serde(default)]
    #[schemars(range(min = 100, max = 100000))]
    max_tokens: Option<i64>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Sections {
    sections: Vec<Payload>,
}

impl Request for QueryContextParams {}

async fn query_context(context: CallContext, given: QueryContextParams) -> Answered<Sections> {
    let max_tokens = given.max_tokens.unwrap_or(ContextQuery::DEFAULT_MAX_TOKENS);
    let query = ContextQuery { query: given.query, max_tokens };
    query.check()?;
    let answer = context.orchestrator.query_context(query).await?;
    let mut lines = vec![format!(
        "{}, {}",
        counted(answer.sections.len(), "section", "sections"),
        counted(answer.total_tokens, "token", "tokens")
    )];
    lines.extend(shown_lines(&answer.sections, |section| {
        let [first, last] = section.lines;
        let place = format!("{}:{first}-{last}", one_line(&section.file, 120));
        let title = one_line(&section.title, 80);
        format!("- {title} ({place}, {:.2}): {}", section.relevance_score, one_line(&section.content, LINE))
    }));
    lines.extend(answer.warnings.iter().take(3).map(|warning| format!("warning: {}", one_line(warning, LINE))));
    let next_step = after_query(&answer);
    told(payload::context_answer(&answer), lines, next_step)
}

fn after_query(answer: &ContextAnswer) -> String {
    match answer.sections.first() {
        Some(best) => {
            let [first, last] = best.lines;
            let place = format!("{}:{first}-{last}", one_line(&best.file, 120));
            match answer.sections.iter().any(|section| section.truncated) {
                true => format!("Use what applies; raise max_tokens or read {place} for what was cut."),
                false => format!("Use what applies; read {place} for what stands around it."),
            }
        }
        None if answer.files_indexed == 0 => {
            "Read the code: the project has no documents that can be asked.".to_owned()
        }
        None => "Try words that the documents use, or read the files.".to_owned(),
    }
}
