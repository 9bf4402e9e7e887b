//! Bodies that hold something until they are sent, or that end before they are.

use std::error::Error;
use std::pin::Pin;
use std::task::Poll;

use axum::body::Body;
use futures_util::stream::poll_fn;
use futures_util::{FutureExt, StreamExt};
use http_body_util::{BodyExt, LengthLimitError};
use tokio::time::{Instant, Sleep, sleep_until};

/// What the body of a request says that did not come in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body did not come in time")]
struct TooSlow;

/// Holds something, such as a permit or a count, until a body is sent whole or given up.
pub(super) fn hold<T: Send + 'static>(body: Body, held: T) -> Body {
    Body::new(body.map_err(move |error| {
        // The closure owns it, and is dropped with the body.
        let _held = &held;
        error
    }))
}

/// Ends a stream of data as soon as something happens.
pub(super) fn end_when_revoked(body: Body, happened: impl Future<Output = ()> + Send + 'static) -> Body {
    Body::from_stream(body.into_data_stream().take_until(Box::pin(happened)))
}

/// Fails a body that takes too long in all, even when a little of it keeps coming.
pub(super) fn fail_after(body: Body, deadline: Instant) -> Body {
    let mut data = body.into_data_stream();
    // Made only when the body has to be waited for, because most bodies are there already.
    let mut alarm: Option<Pin<Box<Sleep>>> = None;
    Body::from_stream(poll_fn(move |context| match data.poll_next_unpin(context) {
        Poll::Pending => {
            let alarm = alarm.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
            alarm.poll_unpin(context).map(|()| Some(Err(axum::Error::new(TooSlow))))
        }
        ready => ready,
    }))
}

/// Tells whether a body was given up because it is too large. Each reader wraps the error, so all causes are searched.
pub(super) fn is_too_large(error: &axum::Error) -> bool {
    is_caused_by::<LengthLimitError>(error)
}

/// Tells whether a body was given up because it took too long.
pub(super) fn is_too_slow(error: &axum::Error) -> bool {
    is_caused_by::<TooSlow>(error)
}

fn is_caused_by<E: Error + 'static>(error: &(dyn Error + 'static)) -> bool {
    error.is::<E>() || error.source().is_some_and(is_caused_by::<E>)
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use bytes::Bytes;
    use futures_util::{Stream, stream};
    use http_body_util::Limited;

    use super::*;

    fn endless() -> Body {
        let first: Result<Bytes, axum::Error> = Ok(Bytes::from_static(b"first"));
        let rest: std::pin::Pin<Box<dyn Stream<Item = _> + Send>> = Box::pin(stream::pending());
        Body::from_stream(stream::iter([first]).chain(rest))
    }

    #[tokio::test]
    async fn a_body_that_is_too_large_and_one_that_is_too_slow_are_told_apart() {
        let large = Body::new(Limited::new(Body::from("12345"), 3));
        let large = to_bytes(large, usize::MAX).await.expect_err("too large");
        assert!(is_too_large(&large) && !is_too_slow(&large));
        let slow = to_bytes(fail_after(endless(), Instant::now()), usize::MAX).await.expect_err("too slow");
        assert!(is_too_slow(&slow) && !is_too_large(&slow));
        let in_time = fail_after(Body::from("all of it"), Instant::now());
        assert_eq!(to_bytes(in_time, usize::MAX).await.expect("what is there already is not waited for"), "all of it");
    }

    #[tokio::test]
    async fn a_stream_ends_when_what_it_waits_for_happens() {
        let (happens, happened) = tokio::sync::oneshot::channel::<()>();
        let mut data = end_when_revoked(endless(), async { drop(happened.await) }).into_data_stream();
        assert_eq!(data.next().await.expect("an item").expect("data"), "first");
        drop(happens);
        assert!(data.next().await.is_none());
    }
}
