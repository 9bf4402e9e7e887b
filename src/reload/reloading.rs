//! One value that is read again when somebody asks for it, at most once a second.

use std::fmt;
use std::sync::{Arc, Mutex, TryLockError};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::time::Instant;

/// How often the value is read again, at most.
const INTERVAL: Duration = Duration::from_secs(1);

/// A value, and how it is read again.
pub(crate) struct Reloading<T> {
    value: ArcSwap<T>,
    source: Option<Mutex<Source<T>>>,
}

struct Source<T> {
    what: &'static str,
    read: Box<dyn FnMut() -> Result<Option<T>, String> + Send>,
    interval: Duration,
    read_at: Instant,
    /// Why the value could not be read the last time; the same reason is told once.
    failure: Option<String>,
}

impl<T> Reloading<T> {
    /// Makes a value that stays as it is.
    pub(crate) fn fixed(value: T) -> Self {
        Self { value: ArcSwap::from_pointee(value), source: None }
    }

    /// Makes a value that `read` reads again: nothing when it has not changed, and in words why it cannot be used. The
    /// words are logged. `what` names the value in the log, in the plural.
    pub(crate) fn new(
        what: &'static str,
        value: T,
        read: impl FnMut() -> Result<Option<T>, String> + Send + 'static,
    ) -> Self {
        let source = Source { what, read: Box::new(read), interval: INTERVAL, read_at: Instant::now(), failure: None };
        Self { source: Some(Mutex::new(source)), ..Self::fixed(value) }
    }

    /// Returns the value; it is read again before that when the last reading is long enough ago.
    ///
    /// Whoever comes while another reads gets the last value and does not wait.
    pub(crate) fn get(&self) -> Arc<T> {
        let source = self.source.as_ref().and_then(|source| match source.try_lock() {
            Ok(source) => Some(source),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        });
        if let Some(mut source) = source.filter(|source| source.read_at.elapsed() >= source.interval) {
            source.read_at = Instant::now();
            match (source.read)() {
                Ok(next) => {
                    source.failure = None;
                    if let Some(next) = next {
                        self.value.store(Arc::new(next));
                    }
                }
                Err(why) if source.failure.as_ref() == Some(&why) => {}
                Err(why) => {
                    tracing::warn!(why, "the last {} are used on", source.what);
                    source.failure = Some(why);
                }
            }
        }
        self.value.load_full()
    }
}

impl<T: fmt::Debug> fmt::Debug for Reloading<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Reloading").field(&self.value.load()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_time<T>(mut value: Reloading<T>) -> Reloading<T> {
        value.source.as_mut().expect("a source").get_mut().expect("unpoisoned").interval = Duration::ZERO;
        value
    }

    #[tokio::test]
    async fn what_cannot_be_read_changes_nothing_and_what_can_is_read_again() {
        let mut readings =
            [Ok(None), Err("half".to_owned()), Err("half".to_owned()), Ok(Some(2)), Ok(None)].into_iter();
        let value = every_time(Reloading::new("numbers", 1, move || readings.next().unwrap_or(Ok(None))));
        assert_eq!([*value.get(), *value.get(), *value.get(), *value.get(), *value.get()], [1, 1, 1, 2, 2]);
    }

    #[tokio::test]
    async fn a_value_is_not_read_again_within_the_interval_and_not_by_two_at_once() {
        let rarely = Reloading::new("numbers", 1, || panic!("read"));
        assert_eq!(*rarely.get(), 1);
        let value = every_time(Reloading::new("numbers", 1, || Ok(Some(2))));
        let reading = value.source.as_ref().expect("a source").lock().expect("unpoisoned");
        assert_eq!(*value.get(), 1, "somebody else reads");
        drop(reading);
        assert_eq!(*value.get(), 2);
    }
}
