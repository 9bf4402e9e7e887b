//! Asking the neighbour without depending on it: whatever it does, the caller goes on in time.

use std::future::Future;
use std::time::Duration;

use crate::snipara::SniparaError;

/// The neighbour did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum Silence {
    /// It answered with an error.
    #[error(transparent)]
    Error(#[from] SniparaError),
    /// It did not answer in time; whether it did what it was asked is not known.
    #[error("no answer within {} s", .0.as_secs_f32())]
    TooSlow(Duration),
    /// It crashed; whether it did what it was asked is not known.
    #[error("it crashed")]
    Crashed,
}

/// Runs `asked` in a task of its own, for at most `limit`: an error, a hang and a panic are all answers.
pub(super) async fn bounded<T, F>(limit: Duration, asked: F) -> Result<T, Silence>
where
    T: Send + 'static,
    F: Future<Output = Result<T, SniparaError>> + Send + 'static,
{
    let mut task = tokio::spawn(asked);
    match tokio::time::timeout(limit, &mut task).await {
        Ok(Ok(answer)) => Ok(answer?),
        Ok(Err(_)) => Err(Silence::Crashed),
        Err(_) => {
            task.abort();
            Err(Silence::TooSlow(limit))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_error_a_hang_and_a_panic_are_answers() {
        let limit = Duration::from_millis(5);
        assert_eq!(bounded(limit, async { Ok(7) }).await.ok(), Some(7));
        let hung = bounded::<(), _>(limit, std::future::pending()).await;
        assert!(matches!(hung, Err(Silence::TooSlow(_))), "{hung:?}");
        let crashed = bounded::<(), _>(limit, async { panic!("as asked") }).await;
        assert!(matches!(crashed, Err(Silence::Crashed)), "{crashed:?}");
    }
}
