//! What happened to a task.

use super::paint::{Paint, duration, line, relative};
use crate::domain::Timestamp;
use crate::orchestrator::{LogEntry, TaskLog};

/// Shows the log: at a terminal each attempt below its beginning, with the time since then; in a pipe the time of each.
pub(crate) fn task_log(log: &TaskLog, paint: Paint, production: Option<&str>) -> String {
    let mut text = format!("{}  {}\n", paint.strong(line(&log.title)), paint.id(&log.task_id));
    if log.entries.is_empty() {
        text.push_str("nothing happened in this attempt\n");
    }
    let mut begun: Option<(u32, Timestamp)> = None;
    for entry in &log.entries {
        let attempt = entry.attempt.unwrap_or_default();
        if begun.is_none_or(|(before, _)| before != attempt) {
            begun = Some((attempt, entry.at));
            let name = if attempt == 0 { "before the first attempt".to_owned() } else { format!("attempt {attempt}") };
            text.push_str(&format!("{}\n", paint.dim(format!("{name}, {}", paint.when(entry.at)))));
        }
        let since = begun.map_or(0, |(_, start)| u64::try_from(entry.at.ms_since(start)).unwrap_or_default());
        text.push_str(&row(entry, since, paint, production));
    }
    text
}

fn row(entry: &LogEntry, since_ms: u64, paint: Paint, production: Option<&str>) -> String {
    let time = match paint.is_screen() {
        true => format!("{:>10}", format!("+{}", duration(since_ms))),
        false => entry.at.to_string(),
    };
    let mark = entry.result.map_or_else(|| " ".to_owned(), |result| paint.mark(result));
    let took = entry
        .duration_ms
        .filter(|took| *took > 0)
        .map(|took| format!("  {}", paint.dim(duration(took))))
        .unwrap_or_default();
    let said = match production {
        Some(origin) => entry.text.replace(&format!("{}/", origin.trim_end_matches('/')), "/"),
        None => entry.text.clone(),
    };
    format!("  {} {mark} {}{took}\n", paint.dim(time), relative(&said, None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::render::{TerminalScreen, samples};
    use crate::domain::ProofResult;

    fn log() -> TaskLog {
        let entry = |seq: u64, after_ms: i64, attempt, result, text: &str, duration_ms| LogEntry {
            seq,
            at: Timestamp::from_micros((1_700_000_000_000 + after_ms) * 1000),
            attempt,
            kind: "any".into(),
            result,
            text: text.into(),
            duration_ms,
        };
        TaskLog {
            task_id: samples::task_id(),
            title: "Deploy Auth Feature".into(),
            entries: vec![
                entry(1, 0, None, None, "created with 2 live checks and 1 local test", None),
                entry(2, 20, Some(1), None, "PENDING → IN_PROGRESS", None),
                entry(3, 1_520, Some(1), Some(ProofResult::Pass), "$ npm test, 12 tests", Some(1_500)),
                entry(
                    4,
                    1_600,
                    Some(1),
                    Some(ProofResult::Fail),
                    "task_check_1 GET https://api.example.com/a 500 \u{1b}[2J",
                    Some(8),
                ),
            ],
        }
    }

    #[test]
    fn in_a_pipe_each_line_has_its_time() {
        insta::assert_snapshot!(task_log(&log(), Paint::new(false), Some("https://api.example.com")), @"
        Deploy Auth Feature  task_0193aaaabbbbccccddddeeeeffff0001
        before the first attempt, 2023-11-14T22:13:20.000Z
          2023-11-14T22:13:20.000Z   created with 2 live checks and 1 local test
        attempt 1, 2023-11-14T22:13:20.020Z
          2023-11-14T22:13:20.020Z   PENDING → IN_PROGRESS
          2023-11-14T22:13:21.520Z ✓ $ npm test, 12 tests  1.5 s
          2023-11-14T22:13:21.600Z ✗ task_check_1 GET /a 500 �[2J  8 ms
        ");
    }

    #[test]
    fn at_a_terminal_times_count_from_the_beginning_of_the_attempt() {
        let now = Timestamp::from_micros(1_700_000_060_000_000);
        let paint = Paint::on(false, Some(TerminalScreen { now, columns: Some(80) }));
        insta::assert_snapshot!(task_log(&log(), paint, None), @"
        Deploy Auth Feature  task_0193aaaabbbb
        before the first attempt, 1 min ago
               +0 ms   created with 2 live checks and 1 local test
        attempt 1, 59 s ago
               +0 ms   PENDING → IN_PROGRESS
              +1.5 s ✓ $ npm test, 12 tests  1.5 s
              +1.6 s ✗ task_check_1 GET https://api.example.com/a 500 �[2J  8 ms
        ");
    }
}
