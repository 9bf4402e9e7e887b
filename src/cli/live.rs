//! What a run shows while it goes on, on standard error.
//!
//! On a terminal the current phase has a spinner and every item leaves a line behind; in a pipe there are plain
//! lines. The sink hands events to a thread of its own, so that a slow reader never holds up a run.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output::Output;
use super::render::{Paint, duration};
use crate::domain::{Phase, ProgressEvent, ProgressSink, TaskId, one_line, silent_progress};

enum Message {
    Event(ProgressEvent),
    Stop,
}

/// Shows progress until it is finished or dropped.
pub(crate) struct LiveView {
    sender: Option<Sender<Message>>,
    thread: Option<JoinHandle<()>>,
    task: Arc<RwLock<Option<TaskId>>>,
}

impl LiveView {
    /// Starts a view and returns the sink that feeds it; with `--quiet` nothing is shown.
    pub(crate) fn start(output: &Arc<Output>) -> (Self, ProgressSink) {
        if output.quiet {
            return (Self { sender: None, thread: None, task: Arc::default() }, silent_progress());
        }
        let (sender, receiver) = channel();
        let shown_on = output.clone();
        let thread = std::thread::spawn(move || show(&receiver, &shown_on));
        let task: Arc<RwLock<Option<TaskId>>> = Arc::default();
        let (feed, known) = (sender.clone(), task.clone());
        let sink: ProgressSink = Arc::new(move |event| {
            if let ProgressEvent::Started { task_id, .. } = &event {
                *known.write().unwrap_or_else(PoisonError::into_inner) = Some(task_id.clone());
            }
            // The view is gone once the result is shown; what still comes has no place.
            let _ = feed.send(Message::Event(event));
        });
        (Self { sender: Some(sender), thread: Some(thread), task }, sink)
    }

    /// Returns the task that runs, once it has its id.
    pub(crate) fn task(&self) -> Option<TaskId> {
        self.task.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for LiveView {
    /// Shows what came so far and ends.
    fn drop(&mut self) {
        if let Some(sender) = self.sender.take() {
            let _ = sender.send(Message::Stop);
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn show(receiver: &Receiver<Message>, output: &Output) {
    let spinner = output.live.then(spinner);
    while let Ok(Message::Event(event)) = receiver.recv() {
        if let (Some(bar), ProgressEvent::PhaseStarted { phase, items }) = (&spinner, &event) {
            bar.set_message(running(*phase, *items));
            bar.enable_steady_tick(Duration::from_millis(100));
            continue;
        }
        let Some(line) = event_line(&event, output.note_paint) else { continue };
        match &spinner {
            Some(bar) => bar.suspend(|| output.note_styled(&line)),
            None => output.note_styled(&line),
        }
        if let (Some(bar), ProgressEvent::PhaseFinished { .. }) = (&spinner, &event) {
            bar.disable_steady_tick();
            bar.set_message("");
        }
    }
    if let Some(bar) = spinner {
        bar.finish_and_clear();
    }
}

fn spinner() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
        bar.set_style(style.tick_chars("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ "));
    }
    bar
}

fn running(phase: Phase, items: usize) -> String {
    match items {
        0 => phase.title().to_owned(),
        1 => format!("{} (1 item)", phase.title()),
        _ => format!("{} ({items} items)", phase.title()),
    }
}

/// Returns the line that an event leaves behind, when it leaves one.
fn event_line(event: &ProgressEvent, paint: Paint) -> Option<String> {
    Some(match event {
        ProgressEvent::Started { task_id, attempt } => format!("{task_id}, attempt {attempt}"),
        ProgressEvent::PhaseStarted { phase, items } => format!("… {}", running(*phase, *items)),
        ProgressEvent::ItemFinished { name, outcome, duration_ms, .. } => {
            let mut line =
                format!("  {} {} {}", paint.outcome(outcome), one_line(name, 160), paint.dim(duration(*duration_ms)));
            if let Some(reason) = outcome.reason() {
                line.push_str(&format!(" {}", one_line(&reason, 240)));
            }
            line
        }
        ProgressEvent::PhaseFinished { phase, passed, summary, duration_ms } => {
            let mark = if *passed { paint.success("✓") } else { paint.error("✗") };
            let summary = one_line(summary, 240);
            let colon = if summary.is_empty() { "" } else { ": " };
            format!("{mark} {}{colon}{summary} {}", phase.title(), paint.dim(duration(*duration_ms)))
        }
        ProgressEvent::StatusChanged { .. } => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::output::tests::Buffer;
    use crate::cli::render::samples;
    use crate::domain::{Outcome, TaskStatus};

    fn events() -> Vec<ProgressEvent> {
        vec![
            ProgressEvent::Started { task_id: samples::task_id(), attempt: 2 },
            ProgressEvent::StatusChanged { status: TaskStatus::InProgress },
            ProgressEvent::PhaseStarted { phase: Phase::LocalTests, items: 2 },
            ProgressEvent::ItemFinished {
                phase: Phase::LocalTests,
                name: "cargo test [/red]".into(),
                outcome: Outcome::Passed,
                duration_ms: 1200,
            },
            ProgressEvent::ItemFinished {
                phase: Phase::LocalTests,
                name: "echo \u{1b}[2J".into(),
                outcome: Outcome::failed("exit code 0", "exit code 1"),
                duration_ms: 3,
            },
            ProgressEvent::PhaseFinished {
                phase: Phase::LocalTests,
                passed: false,
                summary: "1 of 2 failed".into(),
                duration_ms: 1203,
            },
            ProgressEvent::ItemFinished {
                phase: Phase::Drift,
                name: "schema".into(),
                outcome: Outcome::unverified("DATABASE_URL is not set", Some("set it")),
                duration_ms: 0,
            },
        ]
    }

    fn shown(quiet: bool) -> String {
        let notes = Buffer::default();
        let output = Arc::new(Output::captured(false, quiet, Box::new(Buffer::default()), Box::new(notes.clone())));
        let (view, sink) = LiveView::start(&output);
        for event in events() {
            sink(event);
        }
        drop(view);
        notes.text()
    }

    #[test]
    fn in_a_pipe_a_run_shows_plain_lines() {
        insta::assert_snapshot!(shown(false), @"
        task_0193aaaabbbbccccddddeeeeffff0001, attempt 2
        … Local tests (2 items)
          ✓ cargo test [/red] 1.2 s
          ✗ echo �[2J 3 ms expected exit code 0, got exit code 1
        ✗ Local tests: 1 of 2 failed 1.2 s
          ? schema 0 ms DATABASE_URL is not set (set it)
        ");
    }

    #[test]
    fn a19_quiet_shows_no_progress() {
        assert_eq!(shown(true), "");
    }

    #[test]
    fn a_sink_that_outlives_its_view_does_nothing() {
        let output = Arc::new(Output::captured(false, false, Box::new(Buffer::default()), Box::new(Buffer::default())));
        let (view, sink) = LiveView::start(&output);
        sink(ProgressEvent::Started { task_id: samples::task_id(), attempt: 1 });
        drop(view);
        sink(ProgressEvent::StatusChanged { status: TaskStatus::Done });
    }
}
