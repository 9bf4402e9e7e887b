//! Asks the neighbour what it knows about a task. The agent reads it; the gate never does.

use std::time::Duration;

use futures_util::future::join;
use tokio_util::task::AbortOnDropHandle;

use crate::domain::{ContextAnswer, ContextQuery, RecallQuery, Recalled, Redactor, Task, TaskReport, one_line};
use crate::orchestrator::OrchestratorDeps;
use crate::orchestrator::timeout::{CallFailure, with_timeout};
use crate::snipara::SniparaError;

/// How long the neighbour may take in all (gate.md G8).
const PATIENCE: Duration = Duration::from_secs(3);
/// How many lines of each kind are told.
const LINES: usize = 2;
/// How long a line may be, in characters.
const LINE: usize = 160;
/// How many characters of a description are asked with: more words make an answer worse, not better.
const DESCRIPTION: usize = 500;
/// How many tokens of documents are asked for: two lines are taken from them.
const TOKENS: i64 = 1_000;
/// How every warning about the neighbour begins.
pub(super) const WARNING: &str = "Snipara ";

/// What the neighbour told about a task.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct PrefetchedContext {
    /// Lines of the project's documents.
    pub(super) context: Vec<String>,
    /// Lines of memories.
    pub(super) memories: Vec<String>,
    /// What did not work, at most one line.
    pub(super) warnings: Vec<String>,
}

impl PrefetchedContext {
    /// Hands over what the agent is to read.
    pub(super) fn into_report(self, report: &mut TaskReport) {
        report.context = self.context;
        report.memories = self.memories;
        report.warnings.extend(self.warnings);
    }
}

/// Begins to ask, once for each kind. The answer is awaited at the end of the run. Dropping it stops the questions.
pub(super) fn prefetch_context(deps: &OrchestratorDeps, task: &Task) -> AbortOnDropHandle<PrefetchedContext> {
    let question = question(task);
    let (context, memories) = (deps.snipara.context.clone(), deps.snipara.memories.clone());
    let redactor = deps.redactor.clone();
    let (asked, remembered) = (question.clone(), question);
    let context = with_timeout(PATIENCE, async move {
        context.query_context(ContextQuery { query: asked, max_tokens: TOKENS }).await
    });
    let memories = with_timeout(PATIENCE, async move {
        let limit = i64::try_from(LINES).unwrap_or(1);
        memories.recall(RecallQuery { limit, ..RecallQuery::new(remembered) }).await
    });
    AbortOnDropHandle::new(tokio::spawn(async move {
        let (context, memories) = join(context, memories).await;
        told(context, memories, &redactor)
    }))
}

/// Title and description hold no secret: they were redacted when the task was made.
fn question(task: &Task) -> String {
    let description: String = task.description.chars().take(DESCRIPTION).collect();
    format!("{}\n{description}", task.title).trim().to_owned()
}

fn told(
    context: Result<ContextAnswer, CallFailure<SniparaError>>,
    memories: Result<Recalled, CallFailure<SniparaError>>,
    redactor: &Redactor,
) -> PrefetchedContext {
    let silent: Vec<String> =
        [context.as_ref().err(), memories.as_ref().err()].into_iter().flatten().map(ToString::to_string).collect();
    let warnings = match silent.as_slice() {
        [] => Vec::new(),
        [one] => vec![warning(one)],
        [one, other, ..] if one == other => vec![warning(one)],
        [one, other, ..] => vec![warning(&format!("{one}; {other}"))],
    };
    PrefetchedContext {
        context: context.map(|answer| context_lines(&answer, redactor)).unwrap_or_default(),
        memories: memories.map(|found| memory_lines(&found, redactor)).unwrap_or_default(),
        warnings,
    }
}

fn warning(why: &str) -> String {
    format!("{WARNING}did not answer: {}; the run went on", one_line(why, 200))
}

fn context_lines(answer: &ContextAnswer, redactor: &Redactor) -> Vec<String> {
    let line = |section: &crate::domain::Section| {
        let [first, last] = section.lines;
        // The heading stands before the excerpt already.
        let text: Vec<&str> = section.content.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
        let text = redactor.text(&text.join(" "));
        one_line(&format!("{}:{first}-{last} {}: {text}", section.file, section.title), LINE)
    };
    answer.sections.iter().take(LINES).map(line).collect()
}

fn memory_lines(found: &Recalled, redactor: &Redactor) -> Vec<String> {
    let line = |recalled: &crate::domain::RecalledMemory| {
        let memory = &recalled.memory;
        one_line(&format!("{}: {}", memory.memory_type, redactor.text(&memory.content)), LINE)
    };
    found.memories.iter().take(LINES).map(line).collect()
}

/// Copies what the neighbour told an attempt from the report that was kept: the ledger does not hold it, and nothing
/// is decided by it.
pub(in crate::orchestrator) fn as_it_was_told(report: &mut TaskReport, kept: &TaskReport) {
    let lines = |lines: &[String]| lines.iter().take(LINES).map(|line| one_line(line, LINE)).collect();
    report.context = lines(&kept.context);
    report.memories = lines(&kept.memories);
    let warnings = kept.warnings.iter().filter(|warning| warning.starts_with(WARNING)).take(LINES);
    report.warnings.extend(warnings.map(|warning| one_line(warning, 300)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Section;

    #[test]
    fn lines_say_where_they_come_from_and_hold_no_secret() {
        let section = |content: &str| Section {
            title: "Rollback".into(),
            file: "docs/deploy.md".into(),
            lines: [10, 24],
            content: content.into(),
            relevance_score: 0.9,
            token_count: 5,
            truncated: false,
        };
        let answer = ContextAnswer {
            sections: vec![section("## Rollback\nuse the\nflag"), section("token=hunter2-secret"), section("third")],
            ..ContextAnswer::default()
        };
        let lines = context_lines(&answer, &Redactor::default());
        assert_eq!(lines[0], "docs/deploy.md:10-24 Rollback: use the flag");
        assert!(lines.len() == 2 && !lines[1].contains("hunter2"), "{lines:?}");
        let long = ContextAnswer { sections: vec![section(&"word ".repeat(200))], ..ContextAnswer::default() };
        assert_eq!(context_lines(&long, &Redactor::default())[0].chars().count(), LINE);
    }

    #[test]
    fn two_failures_are_one_warning() {
        let crashed = || Err(CallFailure::Crashed);
        let told = told(crashed(), Err(CallFailure::TimedOut(PATIENCE)), &Redactor::default());
        assert_eq!(told.warnings, ["Snipara did not answer: it crashed; no answer within 3 s; the run went on"]);
        let both = super::told(crashed(), Err(CallFailure::Crashed), &Redactor::default());
        assert_eq!(both.warnings, ["Snipara did not answer: it crashed; the run went on"]);
    }
}
