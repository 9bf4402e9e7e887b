//! What an answer says about health: decoded as browsers do, then judged by `domain`'s words. Pure.

use super::plausible::{JudgedAnswer, ReadAnswer};
use crate::domain::{HealthBody, HealthRoute, HealthVerdict, judge_health, judge_health_route};
use crate::outbound::Exchange;

/// Judges an answer of a health route; `route` says who names it, where that is known.
pub(crate) fn health_of(route: Option<HealthRoute<'_>>, exchange: &Exchange) -> HealthVerdict {
    let answered = JudgedAnswer {
        method: exchange.method,
        url: &exchange.url,
        sent_accept: None,
        is_htmx: false,
        status: exchange.status,
        headers: &exchange.headers,
        body: &exchange.body_start,
        is_whole: exchange.whole_body().is_some(),
        login_page: None,
    };
    let read = ReadAnswer::of(&answered);
    let body = HealthBody::of(read.document(), exchange.header("content-type"), answered.is_whole);
    match route {
        Some(route) => judge_health_route(route, exchange.status, body),
        None => judge_health(exchange.status, body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::HealthAnswer;

    fn of(media_type: &str, body: &[u8]) -> HealthAnswer {
        health_of(None, &Exchange::answered("http://a.test/health", 200, &[("content-type", media_type)], body)).answer
    }

    #[test]
    fn a_document_is_read_in_whatever_form_it_comes() {
        let utf16: Vec<u8> = "\u{feff}{\"status\":\"DOWN\"}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for body in [
            b"\xef\xbb\xbf{\"status\":\"DOWN\"}".as_slice(),
            b")]}'\n{\"status\":\"DOWN\"}",
            utf16.as_slice(),
            b"{\"status\":\"DOWN\"}",
        ] {
            assert!(matches!(of("application/json", body), HealthAnswer::Unhealthy(_)), "{body:?}");
        }
        assert_eq!(of("application/json", b"\xef\xbb\xbf{\"status\":\"UP\"}"), HealthAnswer::Healthy);
        assert!(matches!(of("application/json", b"{\"status\":\"DOWN\",\"load\":NaN}"), HealthAnswer::Inconclusive(_)));
        assert!(matches!(of("application/json", b"<!doctype html><title>Shop</title>"), HealthAnswer::Inconclusive(_)));
        assert!(matches!(
            of("application/xml", b"<health><status>DOWN</status></health>"),
            HealthAnswer::Inconclusive(_)
        ));
        // What Express sends for res.send('ok').
        assert_eq!(of("text/html; charset=utf-8", b"ok"), HealthAnswer::Healthy);
        // kubernetes' verbose form is no list of JSON.
        let failed = b"[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed";
        assert!(matches!(of("text/plain", failed), HealthAnswer::Unhealthy(_)));
        assert_eq!(of("text/plain", b"[+]ping ok\nreadyz check passed"), HealthAnswer::Healthy);
    }
}
