//! Asking the neighbour without depending on it: whatever it does, the caller goes on in time.

use std::future::Future;
use std::time::Duration;

use tokio_util::task::AbortOnDropHandle;

/// The neighbour did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum Silence<E> {
    /// It answered with an error.
    #[error("{0}")]
    Error(E),
    /// It did not answer in time; whether it did what it was asked is not known.
    #[error("no answer within {} s", .0.as_secs_f32())]
    TooSlow(Duration),
    /// It crashed; whether it did what it was asked is not known.
    #[error("it crashed")]
    Crashed,
}

/// Runs `asked` in a task of its own, for at most `limit`: an error, a hang and a panic are all answers.
/// What was not answered in time is stopped, and so is what nobody waits for any more.
pub(super) async fn bounded<T, E, F>(limit: Duration, asked: F) -> Result<T, Silence<E>>
where
    T: Send + 'static,
    E: Send + 'static,
    F: Future<Output = Result<T, E>> + Send + 'static,
{
    match tokio::time::timeout(limit, AbortOnDropHandle::new(tokio::spawn(asked))).await {
        Ok(Ok(answer)) => answer.map_err(Silence::Error),
        Ok(Err(_)) => Err(Silence::Crashed),
        Err(_) => Err(Silence::TooSlow(limit)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_error_a_hang_and_a_panic_are_answers() {
        let limit = Duration::from_millis(5);
        assert_eq!(bounded(limit, async { Ok::<_, ()>(7) }).await.ok(), Some(7));
        let hung = bounded::<(), (), _>(limit, std::future::pending()).await;
        assert!(matches!(hung, Err(Silence::TooSlow(_))), "{hung:?}");
        let crashed = bounded::<(), (), _>(limit, async { panic!("as asked") }).await;
        assert!(matches!(crashed, Err(Silence::Crashed)), "{crashed:?}");
    }
}
