//! What the product says about a case.

use std::path::Path;

use serde_json::{Map, Value};

use snipara_orchestrator::orchestrator::OrchestratorError;

use super::case::{Case, Step};
use super::checks;
use super::session::{Answered, Session};

/// The status of a call that was bad input.
const REFUSED: &str = "refused";
/// The status of a case that was not judged.
const NONE: &str = "none";
/// The status of a case in which a command ran that nobody trusted: as bad as a false DONE.
const BROKEN_INTO: &str = "broken into";
/// The clauses that a `proven` headline never has (docs/design/gate.md, Assurance).
const WEAK: [&str; 18] = [
    "unproven",
    "despite drift",
    "another build",
    "is not known",
    "no check was seen failing",
    "HEAD moved",
    "not committed",
    "a script says",
    "no local tests",
    "no test count",
    "not asked again",
    "which every deployment answers",
    "mixed",
    "degraded",
    "a person trusted",
    "with another bar",
    "only the last",
    "unverified",
];

/// What the product said.
#[derive(Debug, Clone)]
pub(super) struct Verdict {
    /// The task's status; `refused` when the call was bad input.
    pub status: String,
    /// How strong a DONE is, where the product says it.
    pub grade: Option<String>,
    pub headline: String,
    /// How many proofs counted.
    pub counted: u64,
    /// The product does not know the expectations that were asked for; the verdict is about the same checks without.
    pub inexpressible: bool,
    /// All that the first refusal said: headline, reasons, failing checks, next step, hint.
    pub said: String,
    /// How often the agent had to act again.
    pub detours: u32,
}

impl Verdict {
    /// Says that there is none: the bench or the product broke.
    pub(super) fn none(error: &anyhow::Error) -> Self {
        let headline = format!("{error:#}");
        Self::of(NONE, headline)
    }

    fn of(status: &str, headline: String) -> Self {
        let said = headline.clone();
        Self { status: status.to_owned(), grade: None, headline, counted: 0, inexpressible: false, said, detours: 0 }
    }

    /// Tells whether a DONE reads like a strong one.
    pub(super) fn is_silent(&self) -> bool {
        self.is_done() && !WEAK.iter().any(|word| self.headline.contains(word))
    }

    /// Tells whether there is none.
    pub(super) fn is_none(&self) -> bool {
        self.status == NONE
    }

    /// Tells whether it says that the work is done.
    pub(super) fn is_done(&self) -> bool {
        ["done", "completed", BROKEN_INTO].iter().any(|word| self.status.eq_ignore_ascii_case(word))
    }

    /// Returns status and grade in one word, as the table shows them.
    pub(super) fn word(&self) -> String {
        let mark = if self.inexpressible { "*" } else { "" };
        match &self.grade {
            Some(grade) => format!("{}/{grade}{mark}", self.status),
            None => format!("{}{mark}", self.status),
        }
    }
}

/// Asks the product about a case; what it cannot express is left out and asked again in a world of its own, so that
/// there is a verdict.
pub(super) async fn judge(case: &Case, arguments: Map<String, Value>, repository: &Path) -> Verdict {
    express(case, arguments, repository).await.unwrap_or_else(|error| match error.downcast_ref::<OrchestratorError>() {
        // Settings that nobody trusted: the server answers each call with this.
        Some(refused) => Verdict::of(REFUSED, refused.to_string()),
        None => Verdict::none(&error),
    })
}

async fn express(case: &Case, arguments: Map<String, Value>, repository: &Path) -> anyhow::Result<Verdict> {
    let mut plain = arguments.clone();
    if !checks::leave_out(&mut plain) {
        return ask(case, &arguments, repository).await;
    }
    let verdict = ask(case, &arguments, repository).await?;
    if verdict.status != REFUSED || !verdict.headline.contains("unknown field") {
        return Ok(verdict);
    }
    Ok(Verdict { inexpressible: true, ..ask(case, &plain, repository).await? })
}

async fn ask(case: &Case, arguments: &Map<String, Value>, repository: &Path) -> anyhow::Result<Verdict> {
    let session = Session::open(case, repository).await?;
    let verdict = calls(&session, case, arguments).await;
    session.close().await;
    verdict
}

async fn calls(session: &Session, case: &Case, arguments: &Map<String, Value>) -> anyhow::Result<Verdict> {
    let mut ids = Vec::new();
    for step in &case.before {
        if let Some(Answered::Refused(code, message, _)) = walk(session, step, &mut ids).await? {
            anyhow::bail!("{step:?} before: {code}: {message}");
        }
    }
    let arguments = with_ids(&Value::Object(arguments.clone()), &ids)?;
    let answer = session.call(case.tool, &arguments).await?;
    if let Answered::Told(answer) = &answer {
        remember_id(case.tool, answer, &mut ids);
    }
    let mut verdict = read(answer);
    if !verdict.is_done() && !case.after.is_empty() {
        let said = verdict.said;
        for step in &case.after {
            if let Some(answer) = walk(session, step, &mut ids).await? {
                verdict = read(answer);
            }
        }
        (verdict.said, verdict.detours) = (said, 1);
    }
    if session.was_broken_into() {
        verdict.status = BROKEN_INTO.to_owned();
    }
    Ok(verdict)
}

/// Does one step; the answer of a call, when it was one.
async fn walk(
    session: &Session,
    step: &Step,
    ids: &mut Vec<(&'static str, String)>,
) -> anyhow::Result<Option<Answered>> {
    match step {
        Step::Shell(command) => session.shell(command)?,
        Step::Deploy => session.deploy(),
        Step::Call(tool, call) => {
            let answer = session.call(tool, &with_ids(call, ids)?).await?;
            if let Answered::Told(told) = &answer {
                remember_id(tool, told, ids);
            }
            return Ok(Some(answer));
        }
    }
    Ok(None)
}

/// Keeps the id that later calls may name as `{{task_id}}` or `{{htask_id}}`; the newest wins.
fn remember_id(tool: &str, answer: &Value, ids: &mut Vec<(&'static str, String)>) {
    let place = if tool == "run_task" { "{{task_id}}" } else { "{{htask_id}}" };
    ids.extend(answer["task_id"].as_str().map(|id| (place, id.to_owned())));
}

fn with_ids(call: &Value, ids: &[(&str, String)]) -> anyhow::Result<Map<String, Value>> {
    let text = ids.iter().rev().fold(call.to_string(), |text, (place, id)| text.replace(place, id));
    Ok(serde_json::from_str(&text)?)
}

fn read(answered: Answered) -> Verdict {
    match answered {
        Answered::Refused(code, message, hint) => {
            let headline = format!("{code}: {message}");
            Verdict { said: format!("{headline} {hint}"), ..Verdict::of(REFUSED, headline) }
        }
        Answered::Told(answer) => {
            let text = |value: &Value| value.as_str().map(str::to_owned);
            let first = |values: &Value| values.get(0).and_then(Value::as_str).map(str::to_owned);
            let headline = text(&answer["headline"])
                .or_else(|| answer["failing"].get(0).map(failing))
                .or_else(|| first(&answer["gate"]["reasons"]))
                .or_else(|| first(&answer["drift"]["issues"]))
                .or_else(|| text(&answer["next_step"]).map(without_ids));
            let status = text(&answer["status"]).or_else(|| text(&answer["htask"]["status"]));
            Verdict {
                status: status.unwrap_or_else(|| "told".to_owned()),
                grade: text(&answer["assurance"]["grade"]),
                headline: headline.unwrap_or_default(),
                counted: answer["proofs"]["passing"].as_u64().unwrap_or(0),
                ..Verdict::of("", answer.to_string())
            }
        }
    }
}

fn failing(row: &Value) -> String {
    let part = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
    format!("{}: {}", part("endpoint"), part("error_message"))
}

/// Returns a next step up to where it names a task.
fn without_ids(step: String) -> String {
    step.split(':').next().unwrap_or_default().to_owned()
}
