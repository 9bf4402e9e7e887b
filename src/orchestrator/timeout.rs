//! Asks the neighbour without depending on it: the caller goes on in time, whatever the neighbour does.

use std::future::Future;
use std::time::Duration;

use tokio_util::task::AbortOnDropHandle;

/// The neighbour did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallFailure<E> {
    /// It answered with an error.
    #[error("{0}")]
    Error(E),
    /// It did not answer in time; whether it did what it was asked is not known.
    #[error("no answer within {} s", .0.as_secs_f32())]
    TimedOut(Duration),
    /// It crashed; whether it did what it was asked is not known.
    #[error("it crashed")]
    Crashed,
}

/// Runs `asked` in a task of its own, for at most `limit`. An error, a hang and a panic are all answers.
/// The task is stopped when it did not answer in time, and when nobody waits for it any more.
pub(super) async fn with_timeout<T, E, F>(limit: Duration, asked: F) -> Result<T, CallFailure<E>>
where
    T: Send + 'static,
    E: Send + 'static,
    F: Future<Output = Result<T, E>> + Send + 'static,
{
    match tokio::time::timeout(limit, AbortOnDropHandle::new(tokio::spawn(asked))).await {
        Ok(Ok(answer)) => answer.map_err(CallFailure::Error),
        Ok(Err(_)) => Err(CallFailure::Crashed),
        Err(_) => Err(CallFailure::TimedOut(limit)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_error_a_hang_and_a_panic_are_answers() {
        let limit = Duration::from_millis(5);
        assert_eq!(with_timeout(limit, async { Ok::<_, ()>(7) }).await.ok(), Some(7));
        let hung = with_timeout::<(), (), _>(limit, std::future::pending()).await;
        assert!(matches!(hung, Err(CallFailure::TimedOut(_))), "{hung:?}");
        let crashed = with_timeout::<(), (), _>(limit, async { panic!("as asked") }).await;
        assert!(matches!(crashed, Err(CallFailure::Crashed)), "{crashed:?}");
    }
}
