//! What an answer says about health: decoded as browsers do, then judged by `domain`'s words. Pure.

use super::plausible::{JudgedAnswer, ReadAnswer};
use crate::domain::{HealthAnswer, HealthBody, judge_health};
use crate::outbound::Exchange;

/// Judges an answer of a health route.
pub(crate) fn health_of(exchange: &Exchange) -> HealthAnswer {
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
    let document = read.document();
    let says_json = exchange.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("json"));
    let is_list = document.starts_with('[') && !document.starts_with("[+]") && !document.starts_with("[-]");
    let is_json = says_json || is_list || document.starts_with(['{', '"']);
    let body = match read.json() {
        _ if document.is_empty() && says_json && exchange.status == 200 => HealthBody::Unreadable("an empty document"),
        _ if document.is_empty() => HealthBody::Empty,
        _ if read.is_page() => HealthBody::Page,
        Ok(value) if is_json => HealthBody::Json(value),
        // The part that was not kept may say that production is unhealthy.
        _ if !answered.is_whole => HealthBody::Unreadable("an answer too long to read"),
        Err(_) if is_json => HealthBody::Unreadable("JSON that cannot be read"),
        _ if document.starts_with('<') => HealthBody::Unreadable("XML"),
        _ => HealthBody::Text(document),
    };
    judge_health(exchange.status, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(media_type: &str, body: &[u8]) -> HealthAnswer {
        health_of(&Exchange::answered("http://a.test/health", 200, &[("content-type", media_type)], body))
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
