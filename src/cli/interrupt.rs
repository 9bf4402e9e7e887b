//! Ctrl-C and SIGTERM.

use std::future::Future;
use std::io;

use tokio_util::sync::CancellationToken;

use super::error::CliError;
use super::output::Output;

/// Makes a write beyond the file size limit fail instead of ending the process.
///
/// A handler rather than SIG_IGN: what is started gets the default back, as its parent's shell would give it.
#[cfg(unix)]
pub(crate) fn ignore_sigxfsz() {
    use tokio::signal::unix::{SignalKind, signal};
    // Registering needs a runtime; the handler stays when that is gone.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
    if let Ok(runtime) = runtime {
        let _entered = runtime.enter();
        let kind = SignalKind::from_raw(nix::sys::signal::Signal::SIGXFSZ as i32);
        // Where the system refuses it, all is as it was before.
        drop(signal(kind));
    }
}

/// There is no such limit here.
#[cfg(not(unix))]
pub(crate) fn ignore_sigxfsz() {}

/// Listens for the signals that ask the process to end; while it lives they no longer end it by themselves.
pub(crate) struct Interrupt {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 3],
}

impl Interrupt {
    /// Starts to listen for SIGINT, SIGTERM and SIGHUP (elsewhere: Ctrl-C).
    ///
    /// # Errors
    /// When the system refuses the handlers.
    #[cfg(unix)]
    pub(crate) fn listen() -> Result<Self, CliError> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).map_err(|error: io::Error| cannot_listen(&error));
        Ok(Self {
            signals: [
                listen(SignalKind::interrupt())?,
                listen(SignalKind::terminate())?,
                listen(SignalKind::hangup())?,
            ],
        })
    }

    /// Starts to listen for Ctrl-C.
    ///
    /// # Errors
    /// Never here; the first wait tells.
    #[cfg(not(unix))]
    pub(crate) fn listen() -> Result<Self, CliError> {
        Ok(Self {})
    }

    /// Waits for the next signal.
    #[cfg(unix)]
    pub(crate) async fn next(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.signals;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }

    /// Waits for the next signal.
    #[cfg(not(unix))]
    pub(crate) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Waits for work that nothing is lost by dropping.
    ///
    /// # Errors
    /// The work's own, or [`CliError::interrupted`].
    pub(crate) async fn unless_interrupted<T, E: Into<CliError>>(
        &mut self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, CliError> {
        tokio::select! {
            answer = work => answer.map_err(Into::into),
            () = self.next() => Err(CliError::interrupted()),
        }
    }

    /// Waits for work that ends soon after its token is cancelled; the second signal does not wait for it.
    ///
    /// # Errors
    /// The work's own, or [`CliError::interrupted`] after a signal, whatever the work then answered.
    pub(crate) async fn cancelling<T, E: Into<CliError>>(
        &mut self,
        output: &Output,
        cancel: &CancellationToken,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, CliError> {
        tokio::pin!(work);
        tokio::select! {
            answer = &mut work => return answer.map_err(Into::into),
            () = self.next() => cancel.cancel(),
        }
        output.note("stopping; once more to leave at once");
        tokio::select! {
            _ = &mut work => {}
            () = self.next() => {}
        }
        Err(CliError::interrupted())
    }
}

#[cfg(unix)]
fn cannot_listen(error: &io::Error) -> CliError {
    CliError::could_not("signals_unavailable", format!("cannot listen for signals: {error}"), "")
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::cli::output::tests::Buffer;

    #[tokio::test]
    async fn a_signal_cancels_the_work_and_is_told() {
        let mut interrupt = Interrupt::listen().expect("handlers");
        let notes = Buffer::default();
        let output = Output::captured(false, false, Box::new(Buffer::default()), Box::new(notes.clone()));
        let cancel = CancellationToken::new();
        nix::sys::signal::raise(nix::sys::signal::Signal::SIGHUP).expect("raised");
        let work = async {
            cancel.cancelled().await;
            Ok::<_, CliError>(())
        };
        let answer = interrupt.cancelling(&output, &cancel, work).await;
        assert_eq!(answer.expect_err("interrupted").exit.number(), 130);
        assert!(notes.text().contains("stopping"));
    }
}
