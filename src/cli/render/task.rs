//! Lists of tasks.

use super::paint::{Paint, line};
use crate::domain::{Task, TaskStatus};

/// Lists tasks, one a line.
pub(crate) fn tasks(tasks: &[Task], paint: Paint) -> String {
    if tasks.is_empty() {
        return "no tasks yet\n".to_owned();
    }
    let mut text = String::new();
    for task in tasks {
        let status = format!("{:<11}", task.status.as_str().to_uppercase());
        let status = match task.status {
            TaskStatus::Done => paint.success(status),
            TaskStatus::LocalFail | TaskStatus::ProdFail | TaskStatus::EnvDrift => paint.error(status),
            _ => paint.warning(status),
        };
        text.push_str(&format!("{}  {status}  {}  {}\n", task.id, task.updated_at, line(&task.title)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::render::samples;
    use crate::domain::{Criteria, LiveCheck, Timestamp};

    #[test]
    fn tasks_are_listed_with_id_status_and_title() {
        let now = Timestamp::from_micros(1_700_000_000_123_000);
        let task = Task {
            id: samples::task_id(),
            title: "Deploy\u{1b}[2J Auth".into(),
            description: String::new(),
            criteria: Criteria {
                local_tests: Vec::new(),
                live_checks: vec![LiveCheck::get("https://api.example.com/")],
                ui_tests: Vec::new(),
                required_proofs: Some(3),
            },
            criteria_digest: "sha256:abcd".into(),
            status: TaskStatus::EnvDrift,
            cause: None,
            attempt: 1,
            created_at: now,
            updated_at: now,
        };
        assert_eq!(
            tasks(&[task], Paint::new(false)),
            "task_0193aaaabbbbccccddddeeeeffff0001  ENV_DRIFT    2023-11-14T22:13:20.123Z  Deploy\u{fffd}[2J Auth\n"
        );
        assert_eq!(tasks(&[], Paint::new(false)), "no tasks yet\n");
    }
}
