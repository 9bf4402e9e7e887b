//! The outcome of a command for people.

use super::paint::{Paint, duration, indented, line};
use crate::domain::{CapturedOutput, CommandRun};

/// How many lines of each stream are shown.
const LINES: usize = 20;

/// Shows a command's end, and both streams unless `quiet`.
pub(crate) fn command_run(run: &CommandRun, paint: Paint, quiet: bool) -> String {
    let outcome = run.outcome();
    let mut text = format!("{} {} ({})", paint.outcome(&outcome), line(&run.command), duration(run.duration_ms));
    if let Some(reason) = outcome.reason() {
        text.push_str(&format!(": {}", line(&reason)));
    }
    text.push('\n');
    if !quiet {
        stream(&mut text, paint, "stdout", &run.stdout);
        stream(&mut text, paint, "stderr", &run.stderr);
    }
    text
}

fn stream(text: &mut String, paint: Paint, name: &str, output: &CapturedOutput) {
    if output.text.trim().is_empty() {
        return;
    }
    let lines: Vec<&str> = output.text.lines().collect();
    let end = lines.get(lines.len().saturating_sub(LINES)..).unwrap_or_default().join("\n");
    let note = if lines.len() > LINES || output.truncated {
        format!(" (the end of {} bytes)", output.bytes)
    } else {
        String::new()
    };
    text.push_str(&format!("  {}{note}\n", paint.strong(name)));
    indented(text, &end, "  | ");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::CommandEnd;

    #[test]
    fn b10_both_streams_are_shown_and_a_long_one_by_its_end() {
        let output = |text: String| CapturedOutput { bytes: text.len() as u64, text, ..CapturedOutput::default() };
        let run = CommandRun {
            command: "fly deploy".into(),
            end: CommandEnd::Exited { exit_code: 1 },
            duration_ms: 1500,
            stdout: output((1..=30).map(|number| format!("line {number}\n")).collect()),
            stderr: output("oh \u{1b}[31mno\n".into()),
            tests: None,
        };
        let text = command_run(&run, Paint::new(false), false);
        assert!(text.starts_with("✗ fly deploy (1.5 s): expected exit code 0, got exit code 1\n"), "{text}");
        assert!(text.contains("  | line 11\n") && !text.contains("line 10\n"), "{text}");
        assert!(text.ends_with("  stderr\n  | oh \u{fffd}[31mno\n"), "{text}");
        assert_eq!(command_run(&run, Paint::new(false), true).lines().count(), 1);
    }
}
