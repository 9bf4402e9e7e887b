//! What a run shows while it goes on, on standard error.
//!
//! On a terminal one moving line names the phase, the running command with its last line, or the check and its try; each
//! phase leaves one line behind, in a pipe, too. With `--verbose` every item leaves one. The sink hands events to a thread of
//! its own, so that a slow reader never holds up a run.

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
    let mut now = Now::default();
    while let Ok(Message::Event(event)) = receiver.recv() {
        let line = if output.verbose {
            event_line(&event, output.note_paint)
        } else {
            phase_line(&event, now.is_decided, output.note_paint)
        };
        now.take(&event);
        if let Some(line) = line {
            match &spinner {
                Some(bar) => bar.suspend(|| output.note_styled(&line)),
                None => output.note_styled(&line),
            }
        }
        let Some(bar) = &spinner else { continue };
        match now.shown() {
            Some(shown) => {
                bar.set_message(shown);
                bar.enable_steady_tick(Duration::from_millis(100));
            }
            None => {
                bar.disable_steady_tick();
                bar.set_message("");
            }
        }
    }
    if let Some(bar) = spinner {
        bar.finish_and_clear();
    }
}

fn spinner() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed:>3} {wide_msg}") {
        bar.set_style(style.tick_chars("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ "));
    }
    bar
}

/// How much of a command or check is named, so that its last line has room beside it.
const DOING: usize = 44;

/// What goes on at this moment.
#[derive(Default)]
struct Now {
    phase: Option<(Phase, usize)>,
    finished: usize,
    /// The command, or the check, with its round.
    doing: String,
    /// The last line that the command wrote.
    said: String,
    /// Whether what goes on is a command that was asked for: git, which is asked beside it, has nothing to say here.
    speaks: bool,
    /// Whether the gate has decided: what is looked at after that only explains.
    is_decided: bool,
}

impl Now {
    fn take(&mut self, event: &ProgressEvent) {
        match event {
            ProgressEvent::PhaseStarted { phase, items } => {
                *self = Self { phase: Some((*phase, *items)), is_decided: self.is_decided, ..Self::default() };
            }
            ProgressEvent::PhaseFinished { phase, .. } => {
                *self = Self { is_decided: self.is_decided || *phase == Phase::Gate, ..Self::default() };
            }
            ProgressEvent::ItemStarted { name } => {
                self.doing = one_line(name, DOING);
                self.said.clear();
                self.speaks = true;
            }
            ProgressEvent::Asking { what, round } => {
                let again = if *round > 1 { format!(" (try {round})") } else { String::new() };
                self.doing = format!("{}{again}", one_line(what, DOING));
                self.said.clear();
                self.speaks = what.starts_with("playwright");
            }
            ProgressEvent::Output { line } if self.speaks => self.said = one_line(line, 200),
            ProgressEvent::Output { .. } => {}
            ProgressEvent::ItemFinished { .. } => {
                self.finished += 1;
                self.speaks = false;
            }
            ProgressEvent::Started { .. } | ProgressEvent::StatusChanged { .. } => {}
        }
    }

    /// Says it on one line, which the terminal cuts.
    fn shown(&self) -> Option<String> {
        let (phase, items) = self.phase?;
        let count = if items > 0 { format!(" {}/{items}", self.finished.min(items)) } else { String::new() };
        let parts = [self.doing.as_str(), self.said.as_str()].into_iter().filter(|part| !part.is_empty());
        let parts: Vec<String> =
            std::iter::once(format!("{}{count}", phase.title())).chain(parts.map(str::to_owned)).collect();
        Some(parts.join(" · "))
    }
}

fn running(phase: Phase, items: usize) -> String {
    match items {
        0 => phase.title().to_owned(),
        1 => format!("{} (1 item)", phase.title()),
        _ => format!("{} ({items} items)", phase.title()),
    }
}

/// Returns the line that the end of a phase leaves behind. What the verdict says anyway is not said here: why a gate
/// refuses, and what differs.
fn phase_line(event: &ProgressEvent, is_decided: bool, paint: Paint) -> Option<String> {
    match event {
        ProgressEvent::PhaseFinished { phase: Phase::Gate, .. } => None,
        ProgressEvent::PhaseFinished { phase: Phase::Drift, .. } if is_decided => None,
        ProgressEvent::PhaseFinished { phase: phase @ Phase::Drift, passed: false, duration_ms, .. } => {
            Some(phase_end(*phase, false, "found", *duration_ms, paint))
        }
        ProgressEvent::PhaseFinished { .. } => event_line(event, paint),
        _ => None,
    }
}

fn phase_end(phase: Phase, passed: bool, summary: &str, duration_ms: u64, paint: Paint) -> String {
    let mark = if passed { paint.success("✓") } else { paint.error("✗") };
    let summary = one_line(summary, 240);
    let colon = if summary.is_empty() { "" } else { ": " };
    format!("{mark} {}{colon}{summary} {}", phase.title(), paint.dim(duration(duration_ms)))
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
            phase_end(*phase, *passed, summary, *duration_ms, paint)
        }
        ProgressEvent::StatusChanged { .. }
        | ProgressEvent::ItemStarted { .. }
        | ProgressEvent::Output { .. }
        | ProgressEvent::Asking { .. } => return None,
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

    fn shown(quiet: bool, verbose: bool) -> String {
        let notes = Buffer::default();
        let output = Output::captured(false, quiet, Box::new(Buffer::default()), Box::new(notes.clone()));
        let (view, sink) = LiveView::start(&Arc::new(output.with_items(verbose)));
        for event in events() {
            sink(event);
        }
        drop(view);
        notes.text()
    }

    #[test]
    fn in_a_pipe_each_phase_leaves_one_line() {
        insta::assert_snapshot!(shown(false, false), @"✗ Local tests: 1 of 2 failed 1.2 s");
    }

    #[test]
    fn a_verbose_run_shows_each_item() {
        insta::assert_snapshot!(shown(false, true), @"
        task_0193aaaabbbbccccddddeeeeffff0001, attempt 2
        … Local tests (2 items)
          ✓ cargo test [/red] 1.2 s
          ✗ echo �[2J 3 ms expected exit code 0, got exit code 1
        ✗ Local tests: 1 of 2 failed 1.2 s
          ? schema 0 ms DATABASE_URL is not set (set it)
        ");
    }

    #[test]
    fn the_moving_line_names_the_command_its_last_line_the_check_and_its_try() {
        let mut now = Now::default();
        let mut after = |event: ProgressEvent| {
            now.take(&event);
            now.shown()
        };
        let started = |phase, items| ProgressEvent::PhaseStarted { phase, items };
        assert_eq!(after(started(Phase::LocalTests, 2)).as_deref(), Some("Local tests 0/2"));
        after(ProgressEvent::ItemStarted { name: "npm test".into() });
        let said = after(ProgressEvent::Output { line: "12 passing \u{1b}[2J".into() });
        assert_eq!(said.as_deref(), Some("Local tests 0/2 · npm test · 12 passing \u{fffd}[2J"));
        after(started(Phase::Validation, 3));
        let asked = after(ProgressEvent::Asking { what: "GET /a".into(), round: 1 });
        assert_eq!(asked.as_deref(), Some("Production checks 0/3 · GET /a"));
        let again = after(ProgressEvent::Asking { what: "GET /a".into(), round: 2 });
        assert_eq!(again.as_deref(), Some("Production checks 0/3 · GET /a (try 2)"));
        let over =
            ProgressEvent::PhaseFinished { phase: Phase::Gate, passed: true, summary: String::new(), duration_ms: 1 };
        assert_eq!(after(over), None);
    }

    #[test]
    fn what_the_verdict_says_is_not_said_by_the_phases() {
        let ends = |phase, is_decided| {
            let summary = "the cause".to_owned();
            let event = ProgressEvent::PhaseFinished { phase, passed: false, summary, duration_ms: 1 };
            phase_line(&event, is_decided, Paint::new(false))
        };
        assert_eq!(ends(Phase::Gate, false), None);
        assert_eq!(ends(Phase::Drift, true), None);
        assert_eq!(ends(Phase::Drift, false).as_deref(), Some("✗ Drift check: found 1 ms"));
    }

    #[test]
    fn a19_quiet_shows_no_progress() {
        assert_eq!(shown(true, true), "");
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
