//! `query_context`: asks the project's documents.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{ContextAnswer, ContextQuery, one_line, pluralize};
use crate::snipara::payload::{self, Payload};
use crate::tools::{Answered, CallContext, LINE, ToolCall, ToolSpec, Toolset, form, shown_lines, told};

/// Says what `query_context` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "query_context",
        title: "Ask the project's documents",
        description: "Before you deploy or design: what README, docs and runbooks say, best sections first.",
        toolset: Toolset::Context,
        default: true,
        forms: vec![
            form!("context_query", "Ranked sections of the project's documents within a token budget.", query_context => payload::context_answer),
        ],
        ..ToolSpec::reading(ToolCall::of(call))
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Sections {
    sections: Vec<Payload>,
}

async fn call(context: CallContext, query: ContextQuery) -> Answered<Sections> {
    let answer = context.orchestrator.query_context(query).await?;
    let mut lines = vec![format!(
        "{}, {}",
        pluralize(answer.sections.len(), "section", "sections"),
        pluralize(answer.total_tokens, "token", "tokens")
    )];
    lines.extend(shown_lines(&answer.sections, |section| {
        let [first, last] = section.lines;
        let place = format!("{}:{first}-{last}", one_line(&section.file, 120));
        let title = one_line(&section.title, 80);
        format!("> {title} ({place}, {:.2}): {}", section.relevance_score, one_line(&section.content, LINE))
    }));
    lines.extend(answer.warnings.iter().take(3).map(|warning| format!("> warning: {}", one_line(warning, LINE))));
    let next_step = after_query(&answer);
    told(payload::context_answer(&answer), lines, next_step)
}

fn after_query(answer: &ContextAnswer) -> String {
    match answer.sections.first() {
        Some(best) => {
            let [first, last] = best.lines;
            let place = format!("{}:{first}-{last}", one_line(&best.file, 120));
            match answer.sections.iter().any(|section| section.truncated) {
                true => format!("Use what applies; raise max_tokens or read `{place}` for what was cut."),
                false => format!("Use what applies; read `{place}` for what stands around it."),
            }
        }
        None if answer.files_indexed == 0 => {
            "Read the code: the project has no documents that can be asked.".to_owned()
        }
        None => "Try words that the documents use, or read the files.".to_owned(),
    }
}
