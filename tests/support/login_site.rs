//! A production on loopback that people and programs log in to: a form with a token against forgery, JSON, OAuth client
//! credentials and HTTP Basic; sessions that end.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The user that can log in, with a password that every encoding changes.
pub const EMAIL: &str = "ada@example.test";
pub const PASSWORD: &str = "p&ss=wörd +1%";
/// The client of the token endpoint.
pub const CLIENT: (&str, &str) = ("client-7", "s3cret/of+client");

/// One request, as it came.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub cookie: String,
    pub authorization: String,
}

#[derive(Default)]
struct Site {
    /// What the token of each form is.
    forms: HashMap<String, String>,
    /// How often each session may still be used.
    sessions: HashMap<String, usize>,
    uses: usize,
    seen: Vec<Seen>,
    /// Everything secret that was ever given out.
    given: Vec<String>,
    /// Where `/away` leads.
    away: String,
    /// Whether everybody who is logged in gets the same answer on every path.
    catch_all: bool,
    /// Whether the login answers 503.
    down: bool,
}

/// The running site; it stops when it is dropped.
pub struct LoginSite {
    address: SocketAddr,
    site: Arc<Mutex<Site>>,
    serving: JoinHandle<()>,
}

impl Drop for LoginSite {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl LoginSite {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port");
        let address = listener.local_addr().expect("an address");
        let site = Arc::new(Mutex::new(Site { uses: usize::MAX, ..Site::default() }));
        let app = axum::Router::new().fallback(answer).with_state(site.clone());
        let serving = tokio::spawn(async move {
            axum::serve(listener, app).await.expect("it serves");
        });
        Self { address, site, serving }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url())
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.site.lock().expect("unpoisoned").seen.clone()
    }

    /// Returns how often something was asked for, such as `POST /login`.
    pub fn count(&self, line: &str) -> usize {
        self.seen().iter().filter(|seen| format!("{} {}", seen.method, seen.path) == line).count()
    }

    /// Returns every session and token that was given out.
    pub fn given(&self) -> Vec<String> {
        self.site.lock().expect("unpoisoned").given.clone()
    }

    /// Ends each session from now on after so many requests.
    pub fn end_sessions_after(&self, uses: usize) {
        self.site.lock().expect("unpoisoned").uses = uses;
    }

    pub fn lead_away_to(&self, address: &str) {
        self.site.lock().expect("unpoisoned").away = address.to_owned();
    }

    pub fn answer_everything(&self) {
        self.site.lock().expect("unpoisoned").catch_all = true;
    }

    pub fn is_down(&self, down: bool) {
        self.site.lock().expect("unpoisoned").down = down;
    }
}

impl Site {
    fn secret(&mut self, kind: &str) -> String {
        // A session as Express signs it: encoded in the cookie, decoded elsewhere.
        let secret = format!("{kind}/{}", uuid::Uuid::new_v4().simple());
        self.given.push(secret.clone());
        secret
    }

    fn begin_session(&mut self, kind: &str) -> String {
        let session = self.secret(kind);
        self.sessions.insert(session.clone(), self.uses);
        session
    }

    /// Tells whether a request comes from Ada, and uses her session up.
    fn is_ada(&mut self, headers: &HeaderMap) -> bool {
        let text = |name: header::HeaderName| {
            headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
        };
        let (cookies, authorization) = (text(header::COOKIE), text(header::AUTHORIZATION));
        let cookie = cookies.split("; ").find_map(|pair| pair.strip_prefix("sid=")).map(decoded);
        let bearer = authorization.strip_prefix("Bearer ").map(str::to_owned);
        if let Some(basic) = authorization.strip_prefix("Basic ") {
            return basic == in_base64(&format!("{EMAIL}:{PASSWORD}"));
        }
        let Some(left) = cookie.or(bearer).and_then(|session| self.sessions.get_mut(&session)) else { return false };
        let is_alive = *left > 0;
        *left = left.saturating_sub(1);
        is_alive
    }
}

fn in_base64(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn form(body: &[u8]) -> HashMap<String, String> {
    url::form_urlencoded::parse(body).into_owned().collect()
}

fn json_of(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

fn page(body: &str) -> Response {
    let page = format!("<!doctype html><title>Site</title><body>{body}</body>");
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}

fn redirect(to: &str) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, to.to_owned())]).into_response()
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    response.headers_mut().append(header::SET_COOKIE, cookie.parse().expect("a cookie"));
    response
}

fn login_page(site: &mut Site, said: &str) -> Response {
    let (browser, token) = (site.secret("browser"), site.secret("csrf+"));
    site.forms.insert(browser.clone(), token.clone());
    let form = format!(
        "<h1>Log in</h1><p>{said}</p><form method=post action=/login><input type=hidden name=\"_token\" value=\"{token}\">\
         <input name=email><input type=password name=password></form>"
    );
    with_cookie(page(&form), &format!("browser={browser}; Path=/; HttpOnly"))
}

async fn answer(State(site): State<Arc<Mutex<Site>>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 65_536).await.unwrap_or_default();
    let mut site = site.lock().expect("unpoisoned");
    let text = |name: header::HeaderName| {
        head.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).unwrap_or_default()
    };
    site.seen.push(Seen {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        cookie: text(header::COOKIE),
        authorization: text(header::AUTHORIZATION),
    });
    answered(&mut site, head.method.as_str(), head.uri.path(), &head.headers, &body)
}

fn answered(site: &mut Site, method: &str, path: &str, headers: &HeaderMap, body: &Bytes) -> Response {
    let cookie_of = |name: &str| {
        let cookies = headers.get(header::COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        cookies.split("; ").find_map(|pair| pair.strip_prefix(&format!("{name}="))).map(str::to_owned)
    };
    match (method, path) {
        ("GET", "/health") => json_of(200, &json!({"status": "ok"})),
        ("GET", "/login") => login_page(site, ""),
        ("POST", "/login" | "/api/login" | "/oauth/token") if site.down => json_of(503, &json!({"error": "starting"})),
        ("POST", "/login") => {
            let (sent, browser) = (form(body), cookie_of("browser").unwrap_or_default());
            let is_theirs = site.forms.get(&browser).is_some_and(|token| sent.get("_token") == Some(token));
            let is_ada = sent.get("email").is_some_and(|email| email == EMAIL)
                && sent.get("password").is_some_and(|password| password == PASSWORD);
            if !is_theirs {
                return json_of(419, &json!({"message": "page expired"}));
            }
            if !is_ada {
                return login_page(site, "These credentials do not match our records.");
            }
            let session = site.begin_session("session");
            let encoded = session.replace('/', "%2F");
            with_cookie(redirect("/home"), &format!("sid={encoded}; Path=/; HttpOnly; SameSite=Lax"))
        }
        ("POST", "/api/login") => {
            let sent: Value = serde_json::from_slice(body).unwrap_or_default();
            if sent != json!({"email": EMAIL, "password": PASSWORD}) {
                return json_of(401, &json!({"error": "wrong", "trace": "t0ken-of-an-error-page"}));
            }
            let token = site.begin_session("token");
            json_of(200, &json!({"data": {"token": token, "kind": "bearer"}}))
        }
        ("POST", "/oauth/token") => {
            let sent = form(body);
            let basic = format!("Basic {}", in_base64(&format!("{}:{}", CLIENT.0, CLIENT.1)));
            let by_header =
                headers.get(header::AUTHORIZATION).is_some_and(|value| value.as_bytes() == basic.as_bytes());
            let by_form = sent.get("client_id").is_some_and(|id| id == CLIENT.0)
                && sent.get("client_secret").is_some_and(|secret| secret == CLIENT.1);
            if !(by_header || by_form) || sent.get("grant_type").is_none_or(|kind| kind != "client_credentials") {
                return json_of(401, &json!({"error": "invalid_client"}));
            }
            let token = site.begin_session("access");
            json_of(200, &json!({"access_token": token, "token_type": "Bearer", "expires_in": 60}))
        }
        ("GET", "/away") => redirect(&site.away.clone()),
        ("POST", "/away") => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, site.away.clone())]).into_response(),
        ("GET", "/secret-area") => json_of(403, &json!({"message": "not for you"})),
        ("GET", "/api/me" | "/api/orders" | "/api/echo" | "/home") if !site.is_ada(headers) => match path {
            "/home" => redirect("/login"),
            _ => json_of(401, &json!({"message": "log in"})),
        },
        ("GET", "/api/me") => json_of(200, &json!({"email": EMAIL, "id": 1815})),
        ("GET", "/api/orders") => json_of(200, &json!({"items": [{"id": 1}], "of": EMAIL})),
        ("GET", "/home") => page("<h1>Welcome, Ada</h1><p>Your orders</p>"),
        ("GET", "/api/echo") => {
            let cookie = cookie_of("sid").unwrap_or_default();
            let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
            let words = authorization.unwrap_or_default().split(' ').next_back().unwrap_or_default();
            json_of(
                200,
                &json!({
                    "note": format!("raw {cookie} decoded {} bearer {words}", decoded(&cookie)),
                    "wrapped": in_base64(&format!("a:{}:b", decoded(&cookie))),
                    "bearer": in_base64(&format!("{words}!")),
                }),
            )
        }
        _ if site.catch_all && site.is_ada(headers) => json_of(200, &json!({"items": []})),
        _ => json_of(404, &json!({"message": "no such route"})),
    }
}
