//! Logs: to standard error, without secrets, without colours and control sequences.
//!
//! Standard output carries the protocol or a command's answer and is never written here. The redactor is a parameter, so
//! that this file uses no other room. A closed standard error does not stop the program.

use std::io::{self, Write};
use std::sync::Arc;

use tracing::Subscriber;
use tracing_subscriber::filter::{EnvFilter, ParseError};
use tracing_subscriber::fmt::MakeWriter;

/// Takes secrets out of a line.
pub type Redact = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// The filter when no other one is given.
const QUIET: &str = "warn";
/// The filter with `--verbose`.
const VERBOSE: &str = "info,snipara_orchestrator=debug";
/// The protocol's library logs whole messages below this, with what agents send.
const PROTOCOL: &str = "rmcp=warn";

/// Logging cannot begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TelemetryError {
    /// The log filter cannot be read.
    #[error("RUST_LOG is not a log filter")]
    Filter(#[source] ParseError),
    /// This process logs already.
    #[error("logging has begun already")]
    Begun,
}

/// Begins to log for the whole process: warnings, and with `verbose` our own debug logs. A `filter` (the value of
/// `RUST_LOG`, syntax of `tracing_subscriber::EnvFilter`) wins over both.
///
/// # Errors
/// When the filter cannot be read, or when logging has begun already.
pub fn begin(verbose: bool, filter: Option<&str>, redact: Redact) -> Result<(), TelemetryError> {
    let subscriber = subscriber(verbose, filter, redact, io::stderr)?;
    tracing::subscriber::set_global_default(subscriber).map_err(|_| TelemetryError::Begun)
}

fn subscriber<W, O>(
    verbose: bool,
    filter: Option<&str>,
    redact: Redact,
    output: O,
) -> Result<impl Subscriber + Send + Sync, TelemetryError>
where
    W: Write,
    O: Fn() -> W + Send + Sync + 'static,
{
    let text = match filter.map(str::trim).filter(|filter| !filter.is_empty()) {
        // The protocol's debug lines hold the messages of callers, so only a filter that names them shows them.
        Some(filter) if filter.contains("rmcp") => filter.to_owned(),
        Some(filter) => format!("{filter},{PROTOCOL}"),
        None => format!("{},{PROTOCOL}", if verbose { VERBOSE } else { QUIET }),
    };
    let filter = EnvFilter::builder().parse(text).map_err(TelemetryError::Filter)?;
    Ok(tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .log_internal_errors(false)
        .with_writer(Redacted { redact, output })
        .finish())
}

struct Redacted<O> {
    redact: Redact,
    output: O,
}

impl<'a, W: Write, O: Fn() -> W> MakeWriter<'a> for Redacted<O> {
    type Writer = RedactedLine<W>;

    fn make_writer(&'a self) -> Self::Writer {
        RedactedLine { redact: self.redact.clone(), output: (self.output)(), line: Vec::new() }
    }
}

/// Gathers one event and writes it when it is whole: a secret may come in two pieces.
struct RedactedLine<W: Write> {
    redact: Redact,
    output: W,
    line: Vec<u8>,
}

impl<W: Write> Write for RedactedLine<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<W: Write> Drop for RedactedLine<W> {
    fn drop(&mut self) {
        if self.line.is_empty() {
            return;
        }
        let line: String = (self.redact)(&String::from_utf8_lossy(&self.line))
            .chars()
            .map(|one| if one.is_control() && one != '\n' && one != '\t' { '\u{fffd}' } else { one })
            .collect();
        // Standard error is closed, and there is no other place to report it.
        drop(self.output.write_all(line.as_bytes()));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("lock").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(verbose: bool, filter: Option<&str>, log: impl FnOnce()) -> String {
        let kept = Kept::default();
        let output = kept.clone();
        let redact: Redact = Arc::new(|line| line.replace("planted-secret", "[redacted]"));
        let subscriber = subscriber(verbose, filter, redact, move || output.clone()).expect("subscriber");
        tracing::subscriber::with_default(subscriber, log);
        String::from_utf8(kept.0.lock().expect("lock").clone()).expect("text")
    }

    #[test]
    fn e25_a_secret_in_a_field_or_message_is_not_logged() {
        let text = logged(false, None, || {
            tracing::warn!(key = "planted-secret", list = ?["planted-secret"], "called with planted-secret");
        });
        assert!(text.contains("called with [redacted]") && !text.contains("planted"), "{text}");
    }

    #[test]
    fn control_sequences_are_not_passed_on() {
        let text = logged(false, None, || tracing::warn!("red \u{1b}[31m bell \u{7}"));
        assert!(text.contains("red") && !text.contains('\u{1b}') && !text.contains('\u{7}'), "{text:?}");
    }

    #[test]
    fn verbose_shows_our_debug_logs_and_never_the_protocols() {
        let all = || {
            tracing::debug!(target: "snipara_orchestrator::x", "ours");
            tracing::info!(target: "rmcp::service", "theirs");
        };
        assert!(logged(false, None, all).is_empty());
        let text = logged(true, None, all);
        assert!(text.contains("ours") && !text.contains("theirs"), "{text}");
        assert!(logged(false, Some("rmcp=info"), all).contains("theirs"));
        let text = logged(false, Some("debug"), all);
        assert!(text.contains("ours") && !text.contains("theirs"), "{text}");
    }

    #[test]
    fn a_filter_that_cannot_be_read_is_refused() {
        let redact: Redact = Arc::new(str::to_owned);
        assert!(matches!(subscriber(false, Some("a=b=c"), redact, io::sink), Err(TelemetryError::Filter(_))));
    }
}
