//! What the product says about a case.

use std::path::Path;

use serde_json::{Map, Value};

use super::case::Case;
use super::checks;
use super::session::{Answered, Session};

/// The status of a call that was bad input.
const REFUSED: &str = "refused";
/// The status of a case that was not judged.
const NONE: &str = "none";

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
}

impl Verdict {
    /// Says that there is none: the bench or the product broke.
    pub(super) fn none(error: &anyhow::Error) -> Self {
        let headline = format!("{error:#}");
        Self { status: NONE.to_owned(), grade: None, headline, counted: 0, inexpressible: false }
    }

    /// Tells whether there is none.
    pub(super) fn is_none(&self) -> bool {
        self.status == NONE
    }

    /// Tells whether it says that the work is done.
    pub(super) fn is_done(&self) -> bool {
        ["done", "completed"].iter().any(|word| self.status.eq_ignore_ascii_case(word))
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
    express(case, arguments, repository).await.unwrap_or_else(|error| Verdict::none(&error))
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
    for (tool, call) in &case.before {
        let mut call = with_ids(call, &ids)?;
        checks::leave_out(&mut call);
        match session.call(tool, &call).await? {
            Answered::Told(answer) => remember_id(tool, &answer, &mut ids),
            Answered::Refused(code, message) => anyhow::bail!("{tool} before: {code}: {message}"),
        }
    }
    let arguments = with_ids(&Value::Object(arguments.clone()), &ids)?;
    Ok(read(session.call(case.tool, &arguments).await?))
}

/// Keeps the id that later calls may name as `{{task_id}}` or `{{htask_id}}`; the newest wins.
fn remember_id(tool: &str, answer: &Value, ids: &mut Vec<(&str, String)>) {
    let place = if tool == "run_task" { "{{task_id}}" } else { "{{htask_id}}" };
    ids.extend(answer["task_id"].as_str().map(|id| (place, id.to_owned())));
}

fn with_ids(call: &Value, ids: &[(&str, String)]) -> anyhow::Result<Map<String, Value>> {
    let text = ids.iter().rev().fold(call.to_string(), |text, (place, id)| text.replace(place, id));
    Ok(serde_json::from_str(&text)?)
}

fn read(answered: Answered) -> Verdict {
    match answered {
        Answered::Refused(code, message) => Verdict {
            status: REFUSED.to_owned(),
            grade: None,
            headline: format!("{code}: {message}"),
            counted: 0,
            inexpressible: false,
        },
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
                inexpressible: false,
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
