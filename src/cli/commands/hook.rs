//! `hook`: what a client asks when a session begins, and before its agent ends its turn.

use std::io::Read;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::app;
use crate::cli::arguments::HookCommand;
use crate::cli::commands::Context;
use crate::cli::error::CliError;
use crate::cli::exit_code::Exit;
use crate::cli::hook::{HookCalls, MOST_TASKS, ResumeTask, SessionRecord, resume_card, settled};
use crate::config::{self, Config, Overrides};
use crate::domain::{Actor, Clock, SystemClock, Task, TaskReport, TaskStatus, Timestamp, json_problem, one_line};
use crate::orchestrator::Orchestrator;

/// The most of a question that is read.
const MAX_QUESTION_BYTES: u64 = 16 * 1024 * 1024;
/// How many of the latest tasks are looked at, and how old an open one may be that a new session is told of.
const LATEST: u32 = 20;
const WEEK_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// What a client says on standard input: Claude Code, Codex and Gemini CLI with the same names. They say more.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Question {
    transcript_path: Option<PathBuf>,
    cwd: Option<PathBuf>,
    stop_hook_active: bool,
}

/// Answers a hook on standard output, with exit code 0 whatever it says.
///
/// # Errors
/// When the question cannot be read; the client lets its agent go on as it would without us.
pub(super) fn hook(context: &Context, command: &HookCommand) -> Result<Exit, CliError> {
    let mut text = String::new();
    std::io::stdin()
        .lock()
        .take(MAX_QUESTION_BYTES)
        .read_to_string(&mut text)
        .map_err(|error| unasked(format!("cannot read the hook's question: {error}")))?;
    let question: Question = serde_json::from_str(&text)
        .map_err(|error| unasked(format!("the hook's question cannot be read: {}", json_problem(&error))))?;
    let (client, hook) = command.asked();
    let call = (client.word(), hook, SystemClock.now());
    let answer = match command {
        HookCommand::Stop { .. } => format!("{}\n", stop(context, &question, call)),
        HookCommand::SessionStart { .. } => match card(context, &question, call) {
            Some(card) => {
                let said = json!({ "hookEventName": "SessionStart", "additionalContext": card });
                format!("{}\n", json!({ "hookSpecificOutput": said }))
            }
            None => "{}\n".to_owned(),
        },
        // Claude Code hands plain text to whoever writes the summary.
        HookCommand::PreCompact { .. } => match card(context, &question, call) {
            Some(card) => format!("Keep this in the summary:\n{card}"),
            None => String::new(),
        },
    };
    context.output.raw(answer.as_bytes())?;
    Ok(Exit::Success)
}

/// Exit code 2 would hold the agent up: clients take it for a refusal.
fn unasked(message: String) -> CliError {
    CliError::could_not("no_question", message, "A client runs this command and writes the question to its input.")
}

fn stop(context: &Context, question: &Question, call: (&str, &str, Timestamp)) -> Value {
    let record = match question.transcript_path.as_deref().map(settled).transpose() {
        Ok(record) => record.unwrap_or_default(),
        Err(error) => return untold(&format!("cannot read the session's record: {error}")),
    };
    let config = match config_of(context, question) {
        Ok(config) => config,
        Err(_) if record.task.is_none() => return json!({}),
        Err(error) => return untold(&format!("cannot read the settings: {}", error.message)),
    };
    // Where nothing was ever run nothing is made either.
    if record.task.is_none() && !config.state_folder.is_dir() {
        return json!({});
    }
    // What is not known holds nobody up: the gate itself is never passed by that.
    let report = match context.block_on(async {
        let orchestrator = context.opened.keep(app::compose(&config, Actor::Person, "hook").await?);
        last_task(&orchestrator, &record).await
    }) {
        Ok(report) => report,
        Err(error) => return untold(&format!("cannot look up the session's task: {}", error.message)),
    };
    let calls = HookCalls::read(&config.state_folder);
    let answer = report.as_ref().map_or_else(|| json!({}), verdict);
    let holds_up = report.filter(|_| answer != json!({}));
    // Once a task: a second time could go on for ever.
    let again = holds_up.as_ref().is_some_and(|report| calls.sent_back(&report.task_id));
    let sent_back = holds_up.as_ref().filter(|_| !again).map(|report| &report.task_id);
    let noted = calls.note(&config.state_folder, call, sent_back);
    // Where that cannot be noted, the client's own word is what caps the loop.
    if again || (noted.is_err() && question.stop_hook_active) { json!({}) } else { answer }
}

/// Finds the session's last task: the one that its record names, or, where the client did not write it down yet, the
/// one of this repository that moved last since the session began.
async fn last_task(orchestrator: &Orchestrator, record: &SessionRecord) -> Result<Option<TaskReport>, CliError> {
    let mut id = record.task.as_ref().map(ToString::to_string);
    if let Some(began) = record.began.filter(|_| id.is_none() || record.is_waiting) {
        let tasks = orchestrator.tasks(LATEST).await?;
        let moved = tasks.iter().filter(|task| task.updated_at >= began).max_by_key(|task| task.updated_at);
        id = moved.map(|task| task.id.to_string()).or(id);
    }
    let Some(id) = id else { return Ok(None) };
    Ok(Some(orchestrator.task_status(&id, Duration::ZERO).await?))
}

/// Says which tasks are open. What cannot be read is told by the commands that need it.
fn card(context: &Context, question: &Question, call: (&str, &str, Timestamp)) -> Option<String> {
    let config = config_of(context, question).ok()?;
    if !config.state_folder.is_dir() {
        return None;
    }
    // A missing note is no reason to say nothing.
    drop(HookCalls::read(&config.state_folder).note(&config.state_folder, call, None));
    let open = context.block_on(async {
        let orchestrator = context.opened.keep(app::compose(&config, Actor::Person, "hook").await?);
        let tasks = orchestrator.tasks(LATEST).await?;
        let is_open = |task: &&Task| task.status != TaskStatus::Done && call.2.ms_since(task.updated_at) < WEEK_MS;
        let mut open = Vec::new();
        for task in tasks.iter().filter(is_open).take(MOST_TASKS) {
            let report = orchestrator.task_status(task.id.as_str(), Duration::ZERO).await?;
            // What others wrote, and what production said, is not told in a lockdown.
            let (title, next_step) = match config.lockdown {
                true => ("(not told in a lockdown)".to_owned(), "Call task_status with its id.".to_owned()),
                false => (report.title, report.next_step),
            };
            let (id, status, running) = (report.task_id, report.status, report.running);
            open.push(ResumeTask { id, title, status, running, next_step });
        }
        Ok::<_, CliError>(open)
    });
    resume_card(&open.ok()?)
}

fn config_of(context: &Context, question: &Question) -> Result<Config, CliError> {
    // Gemini CLI sets this variable, too.
    let project = context.environment.value("CLAUDE_PROJECT_DIR").map(PathBuf::from);
    let overrides = Overrides {
        repo_path: context.globals.repo.clone().or(project).or_else(|| question.cwd.clone()),
        ..context.globals.overrides()
    };
    Ok(config::load(Actor::Person, &overrides, &context.environment)?)
}

/// Sends the agent back unless its task is done.
fn verdict(report: &TaskReport) -> Value {
    let untrusted = report.assurance.as_ref().and_then(|assurance| assurance.untrusted.first());
    if report.status == TaskStatus::Done && !report.running {
        return untrusted.map_or_else(|| json!({}), |line| unlike_done(report, line));
    }
    let stands = if report.running { "still running".to_owned() } else { report.status.to_string() };
    let next = match (report.running, report.next_step.is_empty()) {
        (true, _) => "Call task_status with wait_seconds until it ended.".to_owned(),
        (false, true) => "Call run_task again with its task_id.".to_owned(),
        (false, false) => one_line(&report.next_step, 600),
    };
    let reason = format!(
        "Task {} (\"{}\") is {stands}, not done. {next} If it cannot be done now, tell the person plainly that it is \
         not done, and why.",
        report.task_id,
        one_line(&report.title, 120)
    );
    json!({ "decision": "block", "reason": reason })
}

/// A DONE under settings that no person trusted is none: the agent may have written them.
fn unlike_done(report: &TaskReport, line: &str) -> Value {
    let reason = format!(
        "Task {} (\"{}\") is done under settings that no person trusted: {}. Run a new task with run_task under the trusted \
         settings, or tell the person plainly which settings these are and that `snipara-orchestrator trust` accepts them.",
        report.task_id,
        one_line(&report.title, 120),
        one_line(line, 200)
    );
    json!({ "decision": "block", "reason": reason })
}

/// Lets the agent end and tells the person what was not looked up.
fn untold(message: &str) -> Value {
    json!({ "systemMessage": format!("snipara-orchestrator: {}", one_line(message, 300)) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::render::samples;
    use crate::domain::{Assurance, Cause};

    #[test]
    fn only_done_lets_the_agent_end() {
        assert_eq!(verdict(&samples::report(TaskStatus::Done, None)), json!({}));
        for status in [TaskStatus::Pending, TaskStatus::LocalFail, TaskStatus::ProdFail, TaskStatus::EnvDrift] {
            let answer = verdict(&samples::report(status, Some(Cause::Failed)));
            assert_eq!(answer["decision"], "block", "{status}");
            assert!(answer["reason"].as_str().is_some_and(|reason| reason.contains("not done")), "{answer}");
        }
    }

    #[test]
    fn a_done_under_settings_that_no_person_trusted_does_not_let_the_agent_end() {
        let untrusted = vec!["policy not what a person trusted".to_owned()];
        let assurance = Some(Box::new(Assurance { untrusted, ..Assurance::default() }));
        let answer = verdict(&TaskReport { assurance, ..samples::report(TaskStatus::Done, None) });
        assert_eq!(answer["decision"], "block");
        let reason = answer["reason"].as_str().expect("a reason");
        assert!(reason.contains("policy not what a person trusted"), "{reason}");
    }

    #[test]
    fn a_run_that_goes_on_is_waited_for() {
        let report = TaskReport { running: true, ..samples::report(TaskStatus::Validating, None) };
        let answer = verdict(&report);
        assert!(answer["reason"].as_str().is_some_and(|reason| reason.contains("task_status")), "{answer}");
    }
}
