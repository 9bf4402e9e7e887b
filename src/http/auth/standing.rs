//! Streams that a client holds open: they end when their token is not good any more.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http::HeaderMap;
use http_body::Frame;

use super::authenticator::Access;
use super::refusal::Refusal;
use crate::domain::Principal;

/// How often it is asked whether a token is still good.
const LOOK: Duration = Duration::from_secs(5);

/// Ends a body as soon as these headers do not stand for this principal any more: a token that was revoked, given other
/// scopes, or that ran out.
pub(super) fn while_good(body: Body, access: Arc<Access>, headers: HeaderMap, principal: Principal) -> Body {
    let refused = Box::pin(async move {
        loop {
            tokio::time::sleep(LOOK).await;
            match access.identify(&headers).await {
                Ok(now) if now == principal => {}
                // Nobody said that it is bad.
                Err(Refusal::IssuerUnreachable) => {}
                _ => return,
            }
        }
    });
    Body::new(Standing { body, refused: Some(refused) })
}

struct Standing {
    body: Body,
    /// Nothing once it has ended.
    refused: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl HttpBody for Standing {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let Some(refused) = self.refused.as_mut() else { return Poll::Ready(None) };
        if refused.as_mut().poll(context).is_ready() {
            self.refused = None;
            return Poll::Ready(None);
        }
        Pin::new(&mut self.body).poll_frame(context)
    }
}
