//! Work that is waited for only so long.

use std::sync::{Condvar, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use super::found::Stop;

/// How long a piece of work is waited for.
pub(crate) const BOUND: Duration = Duration::from_millis(250);

/// How long a free thread is waited for.
const TURN: Duration = Duration::from_secs(2);

/// How many pieces of work run at once, those included that nobody waits for any more.
const MOST_THREADS: usize = 4;

/// Deep documents and schemas are walked by recursion.
const STACK_BYTES: usize = 8 * 1024 * 1024;

/// The threads of this process.
static THREADS: Threads = Threads { free: Mutex::new(MOST_THREADS), freed: Condvar::new() };

/// A number of threads at once.
struct Threads {
    free: Mutex<usize>,
    freed: Condvar,
}

/// A place among the threads, given back however the work ends.
struct Turn(&'static Threads);

impl Drop for Turn {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}

impl Threads {
    fn turn(&'static self) -> Option<Turn> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.freed.wait_timeout_while(free, TURN, |free| *free == 0);
        let (mut free, _) = waited.unwrap_or_else(PoisonError::into_inner);
        (*free > 0).then(|| {
            *free -= 1;
            Turn(self)
        })
    }

    fn run<T: Send + 'static>(&'static self, what: &str, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Stop> {
        let Some(turn) = self.turn() else {
            return Err(Stop::unverified(format!("{what} was not tried: earlier ones still run")));
        };
        let (sender, receiver) = mpsc::sync_channel(1);
        let started = thread::Builder::new().name("expectation".to_owned()).stack_size(STACK_BYTES).spawn(move || {
            let done = work();
            drop(turn);
            // Nobody may wait any more.
            drop(sender.send(done));
        });
        if let Err(error) = started {
            return Err(Stop::unverified(format!(
                "{what} was not tried: no thread could be started ({})",
                error.kind()
            )));
        }
        receiver.recv_timeout(BOUND).map_err(|error| match error {
            mpsc::RecvTimeoutError::Timeout => {
                Stop::unverified(format!("{what} takes longer than {} ms on this answer", BOUND.as_millis()))
            }
            mpsc::RecvTimeoutError::Disconnected => Stop::unverified(format!("{what} ended without a result")),
        })
    }
}

/// Runs work on a thread and waits for [`BOUND`]; `what` names it. Work that takes longer is left behind, at most four.
///
/// # Errors
/// [`Stop::Unverified`] when it takes longer, or no thread is free.
pub(crate) fn run<T: Send + 'static>(what: &str, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Stop> {
    THREADS.run(what, work)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn what_takes_too_long_is_unverified_and_at_most_four_are_left() {
        static OWN: Threads = Threads { free: Mutex::new(MOST_THREADS), freed: Condvar::new() };
        let (mut ends, mut told) = (Vec::new(), Vec::new());
        for _ in 0..=MOST_THREADS {
            let (end, wait) = channel::<()>();
            ends.push(end);
            let why = match OWN.run("the search", move || wait.recv().is_ok()) {
                Err(Stop::Unverified { why, .. }) => why,
                other => format!("{other:?}"),
            };
            told.push(why);
        }
        assert!(told[..MOST_THREADS].iter().all(|why| why.contains("longer than 250 ms")), "{told:?}");
        assert!(told[MOST_THREADS].contains("earlier ones still run"), "{told:?}");
        drop(ends);
        assert_eq!(OWN.run("the search", || 7), Ok(7));
    }
}
