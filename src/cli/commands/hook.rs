//! `hook`: what a client asks before its agent ends its turn.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::app;
use crate::cli::arguments::HookCommand;
use crate::cli::commands::Context;
use crate::cli::error::CliError;
use crate::cli::exit_code::Exit;
use crate::cli::transcript::last_task;
use crate::config::{self, Overrides};
use crate::domain::{Actor, TaskReport, TaskStatus, json_problem, one_line};

/// The most of a question that is read.
const MAX_QUESTION_BYTES: u64 = 16 * 1024 * 1024;

/// What Claude Code says on standard input; it says more.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Question {
    transcript_path: Option<PathBuf>,
    cwd: Option<PathBuf>,
    stop_hook_active: bool,
}

/// Answers a hook: one JSON document on standard output, and exit code 0 whatever it says.
///
/// # Errors
/// When the question cannot be read; the client lets its agent end then.
pub(super) fn hook(context: &Context, command: &HookCommand) -> Result<Exit, CliError> {
    let HookCommand::Stop = command;
    let mut text = String::new();
    std::io::stdin()
        .lock()
        .take(MAX_QUESTION_BYTES)
        .read_to_string(&mut text)
        .map_err(|error| unasked(format!("cannot read the hook's question: {error}")))?;
    let question: Question = serde_json::from_str(&text)
        .map_err(|error| unasked(format!("the hook's question cannot be read: {}", json_problem(&error))))?;
    let answer = stop(context, &question);
    context.output.raw(format!("{answer}\n").as_bytes())?;
    Ok(Exit::Success)
}

/// Exit code 2 would hold the agent up: Claude Code takes it for a refusal.
fn unasked(message: String) -> CliError {
    CliError::could_not("no_question", message, "Claude Code runs this command and writes the question to its input.")
}

fn stop(context: &Context, question: &Question) -> Value {
    // The agent was sent back once already: a second time could go on for ever.
    if question.stop_hook_active {
        return json!({});
    }
    let Some(record) = &question.transcript_path else { return json!({}) };
    let task = match open(record).and_then(last_task) {
        Ok(Some(task)) => task,
        Ok(None) => return json!({}),
        Err(error) => return untold(&format!("cannot read the session's record: {error}")),
    };
    // What is not known holds nobody up: the gate itself is never passed by that.
    match look_up(context, question, task.as_str()) {
        Ok(report) => verdict(&report),
        Err(error) => untold(&format!("cannot look up {task}: {}", error.message)),
    }
}

fn open(path: &Path) -> std::io::Result<BufReader<File>> {
    if !path.metadata()?.is_file() {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "it is no regular file"));
    }
    Ok(BufReader::new(File::open(path)?))
}

fn look_up(context: &Context, question: &Question, task: &str) -> Result<TaskReport, CliError> {
    let project = context.environment.value("CLAUDE_PROJECT_DIR").map(PathBuf::from);
    let overrides = Overrides {
        repo_path: context.globals.repo.clone().or(project).or_else(|| question.cwd.clone()),
        ..context.globals.overrides()
    };
    let config = config::load(Actor::Person, &overrides, &context.environment)?;
    context.block_on(async {
        let orchestrator = context.opened.keep(app::compose(&config, Actor::Person, "stop hook").await?);
        Ok(orchestrator.task_status(task, Duration::ZERO).await?)
    })
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
