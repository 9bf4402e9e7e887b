//! One exchange: a request, its redirects, and the whole answer, within time and size.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, COOKIE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::client::{ClientState, HttpClient, KeptBody};
use super::connection::{CONNECTING, Connecting};
use super::content_coding::{BodyDecoder, CodingError};
use super::egress::{EgressDecision, decide_egress_by_name};
use super::failure::{ASKS_FOR_LOGIN, TimeoutPhase, TransportFailure, Way, classify};
use super::redirect::{ascii_location, is_redirect, next_hop};
use super::session::{CookieJar, Session, joined, secret_header};
use crate::domain::{Actor, AuditEvent, Method, audit_digest, hex, is_html, one_line};

/// How many bytes of a body are kept, unless a client keeps bodies whole: 64 KiB.
pub const BODY_START_BYTES: usize = 64 * 1024;
/// The content codings that are asked for.
const CODINGS: &str = "gzip, deflate, br, zstd";
/// How many redirects are followed.
pub const MAX_REDIRECTS: usize = 10;

/// A request.
#[derive(Debug, Clone)]
pub struct RequestSpec {
    /// The method.
    pub method: Method,
    /// The address.
    pub url: Url,
    /// The headers, without credentials of test users.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body and its media type, which a `content-type` among the headers overrides.
    pub body: Option<(Bytes, &'static str)>,
    /// The time in milliseconds for everything: name, connection, every hop, the whole body.
    pub timeout_ms: u64,
    /// Whether redirects are followed (at most 10), each hop decided anew.
    pub follow_redirects: bool,
    /// As whom it is sent; nothing for anybody.
    pub credential: Option<Session>,
    /// Over which connection it is sent.
    pub route: Route,
}

impl RequestSpec {
    /// Makes a plain GET, as anybody sends it, that follows no redirect.
    pub fn get(url: Url, timeout_ms: u64) -> Self {
        Self {
            method: Method::Get,
            url,
            headers: Vec::new(),
            body: None,
            timeout_ms,
            follow_redirects: false,
            credential: None,
            route: Route::Pooled,
        }
    }
}

/// Over which connection a request is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Route {
    /// One that is open already, if there is one.
    #[default]
    Pooled,
    /// A new one.
    Fresh,
    /// A new one to one of the addresses of the host.
    To(IpAddr),
}

impl Route {
    /// Returns the address that is asked for.
    pub const fn address(self) -> Option<IpAddr> {
        match self {
            Self::To(address) => Some(address),
            Self::Pooled | Self::Fresh => None,
        }
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The first 64 KiB of the body (or all of it, when the client keeps bodies whole), decompressed.
    pub body_start: Bytes,
    /// The length of the whole body in bytes, decompressed; of one that is too long, what was read.
    pub body_bytes: u64,
    /// SHA-256 of the whole body, decompressed, in hexadecimal; empty when it was too long to be read to its end.
    pub body_digest: String,
    /// The method of the last request.
    pub method: Method,
    /// The address that answered: another than asked for after redirects.
    pub url: Url,
    /// Where redirects led, in order.
    pub redirects: Vec<Url>,
    /// The version of HTTP, such as `HTTP/1.1`.
    pub http_version: &'static str,
    /// The peer, where that is known.
    pub remote: Option<SocketAddr>,
    /// The certificate that the peer showed, in DER.
    pub certificate: Option<Bytes>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

impl Exchange {
    /// Makes an answer of its parts, for tests.
    #[cfg(test)]
    pub(crate) fn answered(url: &str, status: u16, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self {
            status,
            headers: headers.iter().map(owned).collect(),
            body_start: Bytes::copy_from_slice(body),
            body_bytes: body.len() as u64,
            body_digest: crate::domain::sha256_hex(body),
            method: Method::Get,
            url: Url::parse(url).expect("a URL"),
            redirects: Vec::new(),
            http_version: "HTTP/1.1",
            remote: None,
            certificate: None,
            duration_ms: 1,
        }
    }

    /// Returns a header's value by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns where a redirect leads, as it says it.
    pub fn location(&self) -> Option<&str> {
        self.header("location").filter(|_| (300..400).contains(&self.status))
    }

    /// Tells whether it is a page that was found: HTML with 2xx.
    pub fn is_found_page(&self) -> bool {
        (200..300).contains(&self.status) && self.header("content-type").is_some_and(is_html)
    }

    /// Returns the whole body; nothing when it is longer than what is kept.
    pub fn whole_body(&self) -> Option<&[u8]> {
        (self.body_bytes == self.body_start.len() as u64).then_some(&self.body_start)
    }
}

/// How far an exchange got. It can be read when the time of the exchange is up.
#[derive(Debug, Default)]
struct ExchangeProgress {
    connecting: Arc<Connecting>,
    head_came: AtomicBool,
}

impl ExchangeProgress {
    fn phase(&self) -> TimeoutPhase {
        if self.head_came.load(Ordering::Relaxed) {
            TimeoutPhase::Body
        } else if self.connecting.is_connecting() {
            TimeoutPhase::Connect
        } else {
            TimeoutPhase::Response
        }
    }
}

impl HttpClient {
    /// Sends a request and reads the whole answer.
    ///
    /// The time starts when the request is sent. Waiting for a permit does not count.
    ///
    /// # Errors
    /// When no complete answer was observed; says why by type.
    pub async fn send(&self, request: &RequestSpec, cancel: &CancellationToken) -> Result<Exchange, TransportFailure> {
        let answer = tokio::select! {
            biased;
            () = cancel.cancelled() => Err(TransportFailure::Cancelled),
            answer = self.send_in_turn(request) => answer,
        };
        let answer = answer.map_err(|failure| self.state.beside_proxy(failure, &request.url));
        if let (Err(TransportFailure::Blocked { .. }), Some(trail)) = (&answer, &self.audit) {
            let digest = audit_digest(trail, &request.url.as_str());
            trail.record(AuditEvent { digest, ..AuditEvent::new(self.who(), "egress", "blocked_by_policy") });
        }
        answer
    }

    fn who(&self) -> &'static str {
        match self.state.rule.actor {
            Actor::Person => "person",
            Actor::Caller => "caller",
        }
    }

    async fn send_in_turn(&self, request: &RequestSpec) -> Result<Exchange, TransportFailure> {
        // The semaphore is never closed; if it were, nothing could be sent.
        let _permit = self.state.permits.acquire().await.map_err(|_| TransportFailure::Cancelled)?;
        let begun = Instant::now();
        let progress = ExchangeProgress::default();
        let exchange = CONNECTING.scope(Arc::clone(&progress.connecting), follow_and_heal(self, request, &progress));
        match tokio::time::timeout(Duration::from_millis(request.timeout_ms), exchange).await {
            Ok(answer) => answer.map(|exchange| Exchange { duration_ms: elapsed_ms(begun), ..exchange }),
            Err(_) => Err(TransportFailure::Timeout { phase: progress.phase(), timeout_ms: request.timeout_ms }),
        }
    }
}

fn elapsed_ms(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// A kept connection may be closed by its server while we send: a request that changes nothing is then sent once more, over
/// a connection of its own (RFC 9110 §9.2.2).
async fn follow_and_heal(
    client: &HttpClient,
    request: &RequestSpec,
    progress: &ExchangeProgress,
) -> Result<Exchange, TransportFailure> {
    let answer = follow(client, request, progress).await;
    let may_have_been_kept = request.route == Route::Pooled && !progress.connecting.was_connected();
    match answer {
        Err(TransportFailure::Reset { .. }) if may_have_been_kept && request.method.is_safe() => {
            follow(client, &RequestSpec { route: Route::Fresh, ..request.clone() }, progress).await
        }
        answer => answer,
    }
}

async fn follow(
    client: &HttpClient,
    first: &RequestSpec,
    progress: &ExchangeProgress,
) -> Result<Exchange, TransportFailure> {
    let mut request = first.clone();
    let mut redirects = Vec::new();
    // The cookies of a login outlive the exchange.
    let (jar, is_login) = match &request.credential {
        Some(Session::Login(jar)) => (jar.clone(), true),
        _ => (Arc::default(), false),
    };
    for _ in 0..=MAX_REDIRECTS {
        progress.head_came.store(false, Ordering::Relaxed);
        let Hop { response, way } = send_hop(&client.state, &request, &jar).await?;
        progress.head_came.store(true, Ordering::Relaxed);
        let status = response.status().as_u16();
        if is_login || (request.follow_redirects && is_redirect(status)) {
            jar.keep(response.headers(), &request.url);
        }
        let next = match response.headers().get(http::header::LOCATION) {
            Some(location) if request.follow_redirects && is_redirect(status) => {
                next_hop(&request, status, &ascii_location(location.as_bytes()))
                    .map_err(|refused| TransportFailure::Protocol { reason: refused.to_string() })?
            }
            _ => None,
        };
        match next {
            Some(next) => {
                redirects.push(next.url.clone());
                request = next;
            }
            None => return read(client.kept, response, &request, redirects, way).await,
        }
    }
    Err(TransportFailure::TooManyRedirects { limit: MAX_REDIRECTS })
}

/// The answer of one request of a chain.
struct Hop<'a> {
    response: reqwest::Response,
    way: Way<'a>,
}

/// Sends one request of a chain. Cookies that an earlier hop set are sent to their own host, as browsers do (RFC 6265 §5.4);
/// a cookie of the check's own is sent instead, but for one of a user's session.
async fn send_hop<'a>(
    state: &'a ClientState,
    request: &RequestSpec,
    jar: &CookieJar,
) -> Result<Hop<'a>, TransportFailure> {
    if let (Some(Session::Login(_)), false) = (&request.credential, state.rule.names(&request.url)) {
        return Err(TransportFailure::Blocked {
            why: format!("a login would lead to {}", request.url.origin().ascii_serialization()),
            setting: "a person names its host in allowed_hosts (or with --allow-host)".to_owned(),
        });
    }
    if let EgressDecision::Blocked { why, setting } = decide_egress_by_name(&state.rule, &request.url) {
        return Err(TransportFailure::Blocked { why, setting });
    }
    let mut headers = headers_of(request)?;
    let on_production = state.rule.production.as_ref().is_some_and(|origin| origin.contains(&request.url));
    let user = match &request.credential {
        Some(Session::User(user)) if on_production => Some(user),
        _ => None,
    };
    for (name, value) in user.iter().flat_map(|user| &user.headers) {
        let (name, value) = secret_header(name, value).ok_or_else(|| unsendable(name))?;
        headers.insert(name, value);
    }
    let kept = jar.header(&request.url);
    match user.and_then(|user| user.cookies.as_ref()) {
        // Who asks is decided by the session: a cookie of the check's own is sent beside it, never in its place.
        Some(session) => {
            let all = kept.into_iter().chain(session.header(&request.url)).chain(headers.get(COOKIE).cloned());
            if let Some(cookies) = joined(all) {
                headers.insert(COOKIE, cookies);
            }
        }
        None => {
            if let Some(cookies) = kept {
                headers.entry(COOKIE).or_insert(cookies);
            }
        }
    }
    headers.entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static(CODINGS));
    let proxy = state.proxy_for(&request.url).await?;
    let way = Way { proxy, has_certificate: state.identity_for(&request.url).is_some() };
    let pool = state.pool(&request.url, request.route, proxy)?;
    let mut url = request.url.clone();
    if pool.hides_port {
        let host = host_header(&url);
        headers.insert(HOST, HeaderValue::from_str(&host).map_err(|_| unsendable("host"))?);
        // Fails only for addresses without a host, which have no origin and thus no pool.
        let _ = url.set_port(None);
    }
    let mut builder = pool.client.request(method_of(request.method), url).headers(headers);
    if let Some((body, _)) = &request.body {
        builder = builder.body(body.clone());
    }
    let response = builder.send().await.map_err(|error| classify(&error, &request.url, way))?;
    match proxy {
        // Only a proxy answers this (RFC 9110 §15.5.8): it is not production's word.
        Some(proxy) if response.status() == http::StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
            Err(TransportFailure::Proxy { proxy: proxy.to_string(), reason: ASKS_FOR_LOGIN.to_owned() })
        }
        _ => Ok(Hop { response, way }),
    }
}

/// Makes the headers of a request.
///
/// A `Host` that differs from the URL would ask another site on the same address and make its answers look like
/// production's; headers that frame the message belong to the client.
fn headers_of(request: &RequestSpec) -> Result<HeaderMap, TransportFailure> {
    const FRAMING: [&str; 9] = [
        "connection",
        "content-length",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "expect",
    ];
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        if name == HOST {
            if value.as_bytes().eq_ignore_ascii_case(host_header(&request.url).as_bytes()) {
                continue;
            }
            let named = one_line(&String::from_utf8_lossy(value.as_bytes()), 80);
            return Err(TransportFailure::Blocked {
                why: format!("the header Host names {named}, not the host of the URL"),
                setting: "leave the header out and put the host into url".to_owned(),
            });
        }
        if FRAMING.contains(&name.as_str()) {
            return Err(TransportFailure::Blocked {
                why: format!("the header {name} is set by the client"),
                setting: "leave the header out".to_owned(),
            });
        }
        headers.append(name, value.clone());
    }
    if let Some((_, media_type)) = &request.body {
        headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(media_type));
    }
    Ok(headers)
}

fn host_header(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn unsendable(name: &str) -> TransportFailure {
    TransportFailure::Protocol { reason: format!("the header {} cannot be sent", one_line(name, 40)) }
}

const fn method_of(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Head => reqwest::Method::HEAD,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
        Method::Options => reqwest::Method::OPTIONS,
    }
}

/// Reads the body to its end or to the bound. Decompressed bytes count.
async fn read(
    kept: KeptBody,
    mut response: reqwest::Response,
    request: &RequestSpec,
    redirects: Vec<Url>,
    way: Way<'_>,
) -> Result<Exchange, TransportFailure> {
    let status = response.status().as_u16();
    let http_version = version_name(response.version());
    // Through a proxy the peer is the proxy.
    let remote = response.remote_addr().filter(|_| way.proxy.is_none());
    let tls = response.extensions().get::<reqwest::tls::TlsInfo>();
    let certificate = tls.and_then(|tls| tls.peer_certificate()).map(Bytes::copy_from_slice);
    let never_ends = response.headers().get(CONTENT_TYPE).is_some_and(|kind| is_endless(kind.as_bytes()));
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let codings: Vec<_> = response
        .headers()
        .get_all(CONTENT_ENCODING)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    let mut decoder = BodyDecoder::of(Some(&codings.join(","))).map_err(|error| undecodable(&error))?;
    let mut digest = Sha256::new();
    let mut body_start = BytesMut::new();
    let mut body_bytes: u64 = 0;
    let mut take = |piece: &[u8]| {
        body_bytes = body_bytes.saturating_add(piece.len() as u64);
        digest.update(piece);
        let wanted = kept.start_bytes.saturating_sub(body_start.len()).min(piece.len());
        body_start.extend_from_slice(piece.get(..wanted).unwrap_or_default());
        body_bytes <= kept.max_bytes
    };
    let too_large = |error: CodingError| match error {
        CodingError::TooLong => TransportFailure::TooLarge { limit_bytes: kept.max_bytes },
        error => undecodable(&error),
    };
    let mut ended = never_ends;
    while !ended && let Some(chunk) = response.chunk().await.map_err(|error| classify(&error, &request.url, way))? {
        match decoder.feed(&chunk, &mut take) {
            // What is longer is judged by its start.
            Err(CodingError::TooLong) if !kept.must_be_whole => ended = true,
            fed => fed.map_err(too_large)?,
        }
    }
    if !ended {
        decoder.finish().map_err(too_large)?;
    }
    let is_whole = body_bytes <= kept.max_bytes;
    Ok(Exchange {
        status,
        headers,
        body_start: body_start.freeze(),
        body_bytes,
        // Of a body that was not read to its end nothing stands for the whole.
        body_digest: if is_whole { hex(&digest.finalize()) } else { String::new() },
        method: request.method,
        url: request.url.clone(),
        redirects,
        http_version,
        remote,
        certificate,
        duration_ms: 0,
    })
}

fn undecodable(error: &CodingError) -> TransportFailure {
    TransportFailure::Protocol { reason: error.to_string() }
}

/// Tells whether a body of this media type has no end: it is judged by its head.
fn is_endless(media_type: &[u8]) -> bool {
    let named = media_type.to_ascii_lowercase();
    named.starts_with(b"text/event-stream") || named.starts_with(b"multipart/x-mixed-replace")
}

const fn version_name(version: http::Version) -> &'static str {
    match version {
        http::Version::HTTP_09 => "HTTP/0.9",
        http::Version::HTTP_10 => "HTTP/1.0",
        http::Version::HTTP_2 => "HTTP/2",
        http::Version::HTTP_3 => "HTTP/3",
        _ => "HTTP/1.1",
    }
}
