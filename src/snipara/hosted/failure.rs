//! What a failed try means, and whether another may follow. Pure.

use httpdate::parse_http_date;
use serde_json::{Map, Value};

use super::envelope::Reply;
use crate::domain::{Redactor, one_line};
use crate::outbound::{Exchange, TimeoutPhase, TransportFailure};
use crate::snipara::SniparaError;
use crate::snipara::payload::{Payload, message_of, read_error};

/// What is called.
#[derive(Debug, Clone, Copy)]
pub(super) struct Called<'a> {
    /// The tool without prefix.
    pub(super) tool: &'a str,
    /// Whether it changes nothing.
    pub(super) read_only: bool,
    /// What it was given.
    pub(super) arguments: &'a Payload,
    /// Knows the key.
    pub(super) redactor: &'a Redactor,
}

/// Whether another try may follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// It may not, or it would change nothing.
    Never,
    /// After a wait of our own.
    Later,
    /// After as many seconds as the service asks for.
    AfterSeconds(u64),
}

/// A failed try.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: SniparaError,
    pub(super) again: Again,
}

/// Judges that no answer came.
///
/// A request that surely did not arrive may always be sent again, one that may have arrived only when it changes
/// nothing.
pub(super) fn of_transport(call: Called<'_>, failure: TransportFailure) -> Failure {
    let arrived = !matches!(
        failure.bare(),
        TransportFailure::Dns { .. }
            | TransportFailure::Refused { .. }
            | TransportFailure::Tls { .. }
            | TransportFailure::Blocked { .. }
            | TransportFailure::NoDescriptors { .. }
            | TransportFailure::Proxy { .. }
            | TransportFailure::Timeout { phase: TimeoutPhase::Connect, .. }
    );
    let may_have_happened = arrived && !call.read_only;
    // The deadline is one for all tries: when it has passed, no time is left for another.
    let over = matches!(failure.bare(), TransportFailure::Timeout { .. }) || !failure.may_pass_later();
    let again = if over || may_have_happened { Again::Never } else { Again::Later };
    Failure { error: SniparaError::Unreachable { tool: call.tool.to_owned(), failure, may_have_happened }, again }
}

/// Judges an answer's status; nothing when it is a success.
pub(super) fn of_status(call: Called<'_>, exchange: &Exchange) -> Option<Failure> {
    let status = exchange.status;
    if (200..300).contains(&status) {
        return None;
    }
    let retry_after_s = exchange.header("retry-after").and_then(|value| retry_after(value, exchange.header("date")));
    let again = match (status, retry_after_s) {
        (429 | 503, Some(seconds)) => Again::AfterSeconds(seconds),
        (500.., _) if call.read_only => Again::Later,
        _ => Again::Never,
    };
    let message = match status {
        300..=399 => Some(redirect_message(call, exchange)),
        _ => said(&exchange.body_start).map(|message| call.redactor.text(&message)),
    };
    let error = SniparaError::Status { tool: call.tool.to_owned(), status, message, retry_after_s };
    Some(Failure { error, again })
}

/// Judges what an answer holds.
pub(super) fn of_reply(call: Called<'_>, reply: Reply) -> Result<Payload, SniparaError> {
    let tool = || call.tool.to_owned();
    match reply {
        Reply::Payload(payload) => Ok(payload),
        Reply::Failed(payload) => Err(read_error(call.tool, call.arguments, &cleaned(call.redactor, &payload))),
        Reply::RpcError { message, .. } => {
            let message = call.redactor.text(&message);
            Err(SniparaError::HostRefused { tool: tool(), message, code: None })
        }
        Reply::Unclear(why) => Err(SniparaError::Malformed { tool: tool(), why }),
    }
}

/// Takes the key out of the texts of a host's failure; numbers stay, `given_token` is no secret.
fn cleaned(redactor: &Redactor, payload: &Payload) -> Payload {
    fn clean(redactor: &Redactor, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(redactor.text(text)),
            Value::Array(items) => items.iter().map(|item| clean(redactor, item)).collect(),
            Value::Object(fields) => Value::Object(cleaned(redactor, fields)),
            other => other.clone(),
        }
    }
    payload.iter().map(|(name, value)| (name.clone(), clean(redactor, value))).collect()
}

fn redirect_message(call: Called<'_>, exchange: &Exchange) -> String {
    match exchange.header("location") {
        Some(place) => format!("it redirects to {}, which is not followed", one_line(&call.redactor.url(place), 120)),
        None => "it redirects, which is not followed".to_owned(),
    }
}

/// Returns what an error's body says; nothing for HTML and the like.
fn said(body: &[u8]) -> Option<String> {
    let fields: Map<String, Value> = serde_json::from_slice(body).ok()?;
    message_of(&fields)
}

/// Reads `Retry-After`: seconds, or a date (RFC 9110 §10.2.3), which counts from the answer's own `Date`.
fn retry_after(value: &str, date: Option<&str>) -> Option<u64> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(seconds);
    }
    let (until, now) = (parse_http_date(value.trim()).ok()?, parse_http_date(date?.trim()).ok()?);
    Some(until.duration_since(now).map_or(0, |wait| wait.as_secs()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::SecretText;

    const KEY: &str = "snp-planted-key-77";

    fn exchange(status: u16, headers: &[(&str, &str)], body: &str) -> Exchange {
        Exchange::answered("https://api.snipara.com/mcp/p", status, headers, body.as_bytes())
    }

    fn with<T>(read_only: bool, judge: impl FnOnce(Called<'_>) -> T) -> T {
        let (redactor, arguments) = (Redactor::new([SecretText::new(KEY)]), Payload::new());
        judge(Called {
            tool: if read_only { "recall" } else { "remember" },
            read_only,
            arguments: &arguments,
            redactor: &redactor,
        })
    }

    fn status(read_only: bool, exchange: &Exchange) -> Failure {
        with(read_only, |call| of_status(call, exchange)).expect("a failure")
    }

    #[test]
    fn e18_each_status_has_its_code_its_message_and_what_to_do() {
        for (code, body, word, message, hint) in [
            (
                401,
                r#"{"success":false,"error":"Invalid API key","usage":{}}"#,
                "snipara_unauthorized",
                "recall: Snipara answered 401: Invalid API key",
                "SNIPARA_API_KEY",
            ),
            (403, "<html>no</html>", "snipara_unauthorized", "recall: Snipara answered 403", "use a key"),
            (404, "", "snipara_error", "recall: Snipara answered 404", "snipara_project"),
            (
                400,
                r#"{"error":{"code":-32700,"message":"Parse\nerror"}}"#,
                "snipara_error",
                "recall: Snipara answered 400: Parse error",
                "try again later",
            ),
            (422, r#"{"detail":"bad"}"#, "snipara_error", "recall: Snipara answered 422: bad", "try again later"),
            (500, "oops", "snipara_error", "recall: Snipara answered 500", "try again later"),
        ] {
            let failure = status(true, &exchange(code, &[], body));
            let error = failure.error;
            assert_eq!((error.code(), error.to_string().as_str()), (word, message));
            assert!(error.hint().contains(hint), "{}", error.hint());
        }
        assert!(with(true, |call| of_status(call, &exchange(200, &[], ""))).is_none());
    }

    #[test]
    fn e18_only_what_is_safe_is_tried_again() {
        let again = |read_only, code, headers: &[(&str, &str)]| status(read_only, &exchange(code, headers, "")).again;
        for read_only in [true, false] {
            assert_eq!(again(read_only, 429, &[("retry-after", "3")]), Again::AfterSeconds(3));
            assert_eq!(again(read_only, 503, &[("retry-after", "3")]), Again::AfterSeconds(3));
            for code in [302, 400, 401, 403, 404, 429] {
                assert_eq!(again(read_only, code, &[]), Again::Never, "{code}");
            }
        }
        assert_eq!((again(true, 502, &[]), again(false, 502, &[])), (Again::Later, Again::Never));
        let transport =
            |read_only, failure: TransportFailure| with(read_only, |call| of_transport(call, failure)).again;
        let refused = || TransportFailure::Refused { host: "h".into(), port: 1 };
        let reset = || TransportFailure::Reset { reason: "x".into() };
        let late = TransportFailure::Timeout { phase: TimeoutPhase::Response, timeout_ms: 1 };
        assert_eq!((transport(true, refused()), transport(false, refused())), (Again::Later, Again::Later));
        assert_eq!((transport(true, reset()), transport(false, reset())), (Again::Later, Again::Never));
        assert_eq!(transport(true, late), Again::Never);
        assert_eq!(transport(true, TransportFailure::TooLarge { limit_bytes: 1 }), Again::Never);
    }

    #[test]
    fn a_write_that_may_have_happened_says_so_and_a_read_never_does() {
        let may = SniparaError::may_have_happened;
        let reset = || TransportFailure::Reset { reason: "x".into() };
        let refused = TransportFailure::Refused { host: "h".into(), port: 1 };
        assert!(may(&with(false, |call| of_transport(call, reset())).error));
        assert!(!may(&with(false, |call| of_transport(call, refused)).error));
        assert!(!may(&with(true, |call| of_transport(call, reset())).error));
        assert!(may(&status(false, &exchange(500, &[], "")).error));
        assert!(!may(&status(false, &exchange(429, &[], "")).error));
        let unclear = with(false, |call| of_reply(call, Reply::Unclear("it is empty".into()))).expect_err("an error");
        assert!(may(&unclear) && unclear.hint().contains("before you try again"), "{}", unclear.hint());
        assert!(!may(&status(true, &exchange(500, &[], "")).error));
    }

    #[test]
    fn retry_after_is_read_as_seconds_or_as_a_date() {
        let now = Some("Tue, 24 Nov 2026 00:10:00 GMT");
        assert_eq!(retry_after(" 7 ", None), Some(7));
        assert_eq!(retry_after("Tue, 24 Nov 2026 00:10:30 GMT", now), Some(30));
        assert_eq!(retry_after("Tue, 24 Nov 2026 00:09:30 GMT", now), Some(0));
        // The two older forms of RFC 9110 §5.6.7.
        assert_eq!(retry_after("Tuesday, 24-Nov-26 00:10:30 GMT", now), Some(30));
        assert_eq!(retry_after("Tue Nov 24 00:10:30 2026", now), Some(30));
        assert_eq!(retry_after("Tue, 24 Nov 2026 00:10:30 GMT", None), None);
        assert_eq!(retry_after("soon", now), None);
    }

    #[test]
    fn the_key_stands_in_no_message() {
        let echo = format!(r#"{{"error":"bad key {KEY}"}}"#);
        assert!(!status(true, &exchange(401, &[], &echo)).error.to_string().contains(KEY));
        let place = format!("https://evil.test/?k={KEY}");
        let redirect = status(true, &exchange(302, &[("location", &place)], "")).error.to_string();
        assert!(redirect.contains("not followed") && !redirect.contains(KEY), "{redirect}");
        for reply in [
            Reply::RpcError { code: None, message: format!("no {KEY}") },
            Reply::Failed(json!({"error": format!("no {KEY}")}).as_object().expect("an object").clone()),
        ] {
            let error = with(true, |call| of_reply(call, reply)).expect_err("an error").to_string();
            assert!(error.starts_with("recall: no ") && !error.contains(KEY), "{error}");
        }
    }
}
