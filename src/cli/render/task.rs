//! Lists of tasks.

use super::paint::Paint;
use super::table::{Cell, Look, TableRow, table};
use crate::domain::{Task, TaskStatus};

/// Lists tasks, one a line.
pub(crate) fn tasks(tasks: &[Task], paint: Paint) -> String {
    if tasks.is_empty() {
        return "no tasks yet\n".to_owned();
    }
    let row = |task: &Task| {
        let look = match task.status {
            TaskStatus::Done => Look::Good,
            TaskStatus::LocalFail | TaskStatus::ProdFail | TaskStatus::EnvDrift => Look::Bad,
            _ => Look::Open,
        };
        TableRow::new([
            Cell::new(paint.id(&task.id), Look::Dim),
            Cell::new(task.status.as_str().to_uppercase(), look),
            Cell::from(paint.when(task.updated_at)),
            Cell::from(&task.title),
        ])
    };
    table(["TASK", "STATUS", "CHANGED", "TITLE"], &tasks.iter().map(row).collect::<Vec<_>>(), paint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::render::{TerminalScreen, samples};
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
        insta::assert_snapshot!(tasks(std::slice::from_ref(&task), Paint::new(false)), @"
        TASK                                   STATUS     CHANGED                   TITLE
        task_0193aaaabbbbccccddddeeeeffff0001  ENV_DRIFT  2023-11-14T22:13:20.123Z  Deploy�[2J Auth
        ");
        let screen = TerminalScreen { now: now.plus_ms(300_000), columns: Some(80) };
        insta::assert_snapshot!(tasks(&[task], Paint::on(false, Some(screen))), @"
        TASK               STATUS     CHANGED    TITLE
        task_0193aaaabbbb  ENV_DRIFT  5 min ago  Deploy�[2J Auth
        ");
        assert_eq!(tasks(&[], Paint::new(false)), "no tasks yet\n");
    }
}
