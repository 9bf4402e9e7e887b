//! The middleware that lets only those principals through that the settings name.

use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{Method, header};

use super::addresses::Peer;
use super::authenticator::Access;
use super::rate_limit::RequestPermit;
use super::refusal::Refusal;
use super::requested_scopes::{NeededScope, scopes_needed};
use crate::domain::{AUDIT_OK, AuditEvent, Principal, audit_digest};
use crate::http::guarded_body::{end_when_revoked, is_too_large};

/// The largest body that is read to see what it asks for.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// The header that names a session: an answer with it begins one.
const SESSION: &str = "mcp-session-id";
/// The method that listens, in the protocol without sessions.
const LISTEN_METHOD: &str = "subscriptions/listen";
/// The first protocol version for which rmcp compares the header that names the method with the body.
const FIRST_COMPARED_VERSION: &str = "2026-07-28";

/// Puts the [`Principal`] into the request's extensions, or answers 401, 403, 413, 429 or 503.
///
/// For the routes of the protocol. The scopes that a request needs are read from its body, in every protocol version,
/// because headers could say something else. Mount it with `axum::middleware::from_fn_with_state(access, access::require)`.
pub async fn require(State(access): State<Arc<Access>>, request: Request, next: Next) -> Response {
    let asked = access.identify(request.headers()).await;
    let caller = match login(&access, &request, asked) {
        Ok(caller) => caller,
        Err(refusal) => return refusal.response(access.metadata_address()),
    };
    // Counted before the body is read, so that refused requests count, too.
    match admitted(&access, &caller.principal, &request) {
        Ok(permit) => match permitted(&access, &caller.principal, request).await {
            Ok(request) => forward(&access, caller, permit, request, next).await,
            Err(refusal) => refusal.response(access.metadata_address()),
        },
        Err(refusal) => refusal.response(access.metadata_address()),
    }
}

/// As [`require`], for the routes of Snipara's clients. `X-API-Key` is read, too. The routes themselves check the scope
/// that a tool needs, because their refusals have another form.
pub async fn require_with_api_key(State(access): State<Arc<Access>>, request: Request, next: Next) -> Response {
    let asked = access.identify_with_api_key(request.headers()).await;
    let admitted = login(&access, &request, asked)
        .and_then(|caller| Ok((admitted(&access, &caller.principal, &request)?, caller)));
    match admitted {
        Ok((permit, caller)) => forward(&access, caller, permit, request, next).await,
        Err(refusal) => refusal.response(access.metadata_address()),
    }
}

/// Who sent a request.
struct Caller {
    principal: Principal,
    /// Whether the trail was told of this login already.
    told: bool,
}

/// Counts a wrong token against the address that it came from, and refuses what comes from one with too many of them.
/// The trail is told of refusals, and of a name that is new at its address.
fn login(access: &Access, request: &Request, asked: Result<Principal, Refusal>) -> Result<Caller, Refusal> {
    if access.is_open() {
        return asked.map(|principal| Caller { principal, told: true });
    }
    let peer = Peer::of(request.extensions());
    let judged = access.addresses.judge(peer, asked, Instant::now());
    if let Some(trail) = access.audit() {
        match &judged {
            Ok((principal, true)) => trail.record(AuditEvent::new(who(principal), "login", AUDIT_OK)),
            Ok(_) => {}
            Err(refusal) => trail.record_seldom(AuditEvent::new(&peer.to_string(), "login", refusal.name())),
        }
    }
    judged.map(|(principal, told)| Caller { principal, told })
}

fn who(principal: &Principal) -> &str {
    principal.name().unwrap_or("caller")
}

/// Tells whether a request opens a stream that only listens.
///
/// The header is believed only where rmcp compares it with the body. In older versions of the protocol a call could
/// carry any header.
fn is_event_stream(request: &Request) -> bool {
    let says = |name: &str, value: &str| request.headers().get(name).is_some_and(|said| said == value);
    let is_listen = says("mcp-method", LISTEN_METHOD) && says("mcp-protocol-version", FIRST_COMPARED_VERSION);
    request.method() == Method::GET || (is_listen && !request.headers().contains_key("mcp-session-id"))
}

fn admitted(access: &Access, principal: &Principal, request: &Request) -> Result<RequestPermit, Refusal> {
    let admitted = access.rate_limit.admit(principal, is_event_stream(request));
    if let (Err(refusal), Some(trail)) = (&admitted, access.audit()) {
        trail.record_seldom(AuditEvent::new(who(principal), "request", refusal.name()));
    }
    admitted
}

async fn forward(
    access: &Arc<Access>,
    caller: Caller,
    permit: RequestPermit,
    mut request: Request,
    next: Next,
) -> Response {
    let Caller { principal, told } = caller;
    let begins_session = !told && !request.headers().contains_key(SESSION);
    let login = begins_session.then(|| AuditEvent::new(who(&principal), "login", AUDIT_OK));
    // A call outlives a token that expires meanwhile. A stream that only listens does not.
    let standing =
        (is_event_stream(&request) && !access.is_open()).then(|| (request.headers().clone(), principal.clone()));
    // No handler needs the secret, and a secret that is not there cannot be logged.
    request.headers_mut().remove(header::AUTHORIZATION);
    request.headers_mut().remove("x-api-key");
    request.extensions_mut().insert(principal);
    let response = next.run(request).await.map(|body| permit.until_sent(body));
    if let (Some(login), Some(trail)) = (login.filter(|_| response.headers().contains_key(SESSION)), access.audit()) {
        trail.record(login);
    }
    match standing.filter(|_| is_stream(&response)) {
        Some((headers, principal)) => {
            response.map(|body| end_when_revoked(body, access.clone().revoked(headers, principal)))
        }
        None => response,
    }
}

fn is_stream(response: &Response) -> bool {
    response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"))
}

/// Lets a request through whose principal has the scopes that it asks for.
async fn permitted(access: &Access, principal: &Principal, request: Request) -> Result<Request, Refusal> {
    if request.method() != Method::POST || principal.may_everything() {
        return Ok(request);
    }
    let (head, body) = request.into_parts();
    let refusal = |error| if is_too_large(&error) { Refusal::TooLarge } else { Refusal::BrokenBody };
    let bytes = to_bytes(body, MAX_BODY_BYTES).await.map_err(refusal)?;
    match scopes_needed(&bytes).into_iter().find(|asked| !principal.may(asked.scope)) {
        Some(NeededScope { scope, what }) => {
            let refusal = Refusal::InsufficientScope(scope);
            if let Some(trail) = access.audit() {
                let digest = audit_digest(trail, &String::from_utf8_lossy(&bytes));
                let event = AuditEvent::new(who(principal), what, refusal.name());
                trail.record(AuditEvent { digest, ..event });
            }
            Err(refusal)
        }
        None => Ok(Request::from_parts(head, Body::from(bytes))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_nobody_compares_with_the_body_makes_no_call_a_listener() {
        let posted = |headers: &[(&str, &str)]| {
            let request =
                headers.iter().fold(http::Request::post("/mcp"), |made, (name, value)| made.header(*name, *value));
            is_event_stream(&request.body(Body::empty()).expect("a request"))
        };
        let (method, version) = (("mcp-method", LISTEN_METHOD), ("mcp-protocol-version", FIRST_COMPARED_VERSION));
        assert!(posted(&[method, version]));
        for calls in [
            &[method][..],
            &[method, ("mcp-protocol-version", "2025-11-25")],
            &[method, version, ("mcp-session-id", "x")],
            &[("mcp-method", "tools/call"), version],
        ] {
            assert!(!posted(calls), "{calls:?}");
        }
    }
}
