//! What the production answers.

use std::time::Duration;

/// How an answer is put on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivery {
    /// With its length, at once.
    Whole,
    /// In chunks, with their end.
    Chunked,
    /// In chunks, without their end: the connection closes.
    ChunksCut,
    /// With a length that is longer than what comes: the connection closes.
    Cut,
    /// One byte each time.
    Drip(Duration),
    /// After this time.
    Late(Duration),
    /// The head, then nothing while the client waits.
    Hang,
    /// The end of the connection is the end of the body, as in HTTP/1.0.
    UntilClosed,
    /// As events: the connection stays open after the body.
    Stream,
    /// The body is the whole answer, head included.
    Raw,
}

/// An answer. In its headers and body `{{path}}`, `{{count}}`, `{{nonce}}`, `{{origin}}`, and the commits `{{build}}` (deployed
/// last), `{{short}}` (the same, seven digits) and `{{head}}` (the repository's) are filled in.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    pub delivery: Delivery,
}

impl Answer {
    #[must_use]
    pub(super) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    #[must_use]
    pub(super) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    #[must_use]
    pub(super) fn delivered(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
    }

    /// Encodes the body and says so in `Content-Encoding`.
    #[must_use]
    pub(super) fn encoded(mut self, name: &'static str, encode: fn(&[u8]) -> Vec<u8>) -> Self {
        self.body = encode(&self.body);
        self.header("content-encoding", name)
    }
}

/// Returns an answer of this media type; an empty one is not sent.
pub(super) fn typed(media_type: &str, body: impl Into<Vec<u8>>) -> Answer {
    let answer = Answer { status: 200, headers: Vec::new(), body: body.into(), delivery: Delivery::Whole };
    if media_type.is_empty() { answer } else { answer.header("content-type", media_type) }
}

pub(super) fn json(body: &str) -> Answer {
    typed("application/json", body)
}

pub(super) fn text(body: &str) -> Answer {
    typed("text/plain; charset=utf-8", body)
}

pub(super) fn html(body: &str) -> Answer {
    typed("text/html; charset=utf-8", body)
}

/// Returns a page with this title and body.
pub(super) fn page(title: &str, body: &str) -> Answer {
    html(&format!("<!doctype html><html lang=en><head><title>{title}</title></head><body>{body}</body></html>"))
}

/// Returns an answer without a body.
pub(super) fn bare(status: u16) -> Answer {
    typed("", "").status(status)
}

pub(super) fn redirect(status: u16, location: &str) -> Answer {
    bare(status).header("location", location)
}

/// Returns what is sent as it stands, head and all.
pub(super) fn raw(bytes: &str) -> Answer {
    typed("", bytes).delivered(Delivery::Raw)
}
