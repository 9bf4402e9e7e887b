//! The requests of a login, one after the other.

use std::sync::Arc;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{NotAsked, UserSessions};
use crate::domain::{Credential, LiveCheck, Login, Outcome, SecretText, TestUser, one_line};
use crate::expect::{CaptureValues, FORM, HtmlPage, PreparedCheck, with_values};
use crate::outbound::{
    CookieJar, Exchange, RequestSpec, Session, UserSession, anonymous_request, secret_header, session_of,
};
use crate::validator::judge::{KnownBeside, with_answer};

/// How much of an answer expectations and captures can read: 1 MiB.
pub(super) const READ_BYTES: usize = 1024 * 1024;
/// The shortest value of a cookie that is a secret: shorter ones are words such as `dark`.
const MIN_SECRET_COOKIE: usize = 8;
/// The time for reading a page.
const READING: Duration = Duration::from_millis(250);

/// What went wrong with one request of a login.
struct Failed {
    what: String,
    fix: Option<String>,
    may_pass_later: bool,
}

impl Failed {
    const fn by(what: String) -> Self {
        Self { what, fix: None, may_pass_later: false }
    }
}

impl UserSessions {
    /// Sends the requests of a login and returns what the user's checks send.
    pub(super) async fn log_in(
        &self,
        user: &TestUser,
        login: &Login,
        cancel: &CancellationToken,
    ) -> Result<UserSession, NotAsked> {
        let jar = Arc::new(CookieJar::default());
        let mut captured = CaptureValues::new();
        let mut done = Ok(());
        for (index, request) in login.requests.iter().enumerate() {
            done = self.send(user, login, request, &jar, &mut captured, cancel).await.map_err(|failed| {
                let at = format!("login[{index}] {} {}", request.method, path_of(request));
                let Failed { what, fix, may_pass_later } = failed;
                NotAsked { may_pass_later, ..not_logged_in(user, login, &format!("{at}: {what}"), fix) }
            });
            if done.is_err() {
                break;
            }
        }
        self.learn(secrets_of(&captured, &jar));
        let redacted = |refused: NotAsked| NotAsked { why: self.redactor.text(&refused.why), ..refused };
        done.map_err(redacted)?;
        session(user, login, &captured, jar).map_err(redacted)
    }

    async fn send(
        &self,
        user: &TestUser,
        login: &Login,
        request: &LiveCheck,
        jar: &Arc<CookieJar>,
        captured: &mut CaptureValues,
        cancel: &CancellationToken,
    ) -> Result<(), Failed> {
        let check = self.prepared(&as_form(request)).map_err(Failed::by)?;
        let unsendable = |_| Failed::by("what was captured cannot be sent".to_owned());
        let sent = check.rendered(&values(login, captured)).map_err(unsendable)?;
        let mut spec = RequestSpec { credential: Some(Session::Login(jar.clone())), ..anonymous_request(&sent) };
        let own = |name: &str| spec.headers.iter().any(|(known, _)| known.as_str() == name);
        let basic = session_of(user).map(|session| session.headers).unwrap_or_default();
        let missing = basic.iter().filter(|(name, _)| !own(name));
        let missing: Vec<_> = missing.filter_map(|(name, value)| secret_header(name, value)).collect();
        spec.headers.extend(missing);
        spec.headers.iter_mut().for_each(|(_, value)| value.set_sensitive(true));
        let answer = self.http.keeping(READ_BYTES).send(&spec, cancel).await;
        let exchange = answer.map_err(|failure| Failed {
            what: failure.to_string(),
            fix: failure.fix(),
            may_pass_later: failure.may_pass_later(),
        })?;
        if !sent.expected_status().accepts(exchange.status) {
            let what = format!("expected {}, observed {}", sent.expected_status(), observed(&exchange));
            return Err(Failed { may_pass_later: may_pass_later(exchange.status), ..Failed::by(what) });
        }
        self.read(&check, &exchange, captured)?;
        if !sent.method().is_safe() && asks_for_password(&exchange) {
            return Err(Failed::by("the answer asks for a password again: it was not accepted".to_owned()));
        }
        Ok(())
    }

    /// Reads what an answer must show, and what it gives. What it says is not told: it may be a token.
    fn read(&self, check: &PreparedCheck, exchange: &Exchange, captured: &mut CaptureValues) -> Result<(), Failed> {
        let now = self.clock.now();
        with_answer(exchange, KnownBeside::default(), now, &self.redactor, |answer| {
            for expectation in check.expectations() {
                match expectation.evaluate(answer) {
                    Outcome::Passed => {}
                    Outcome::Failed { .. } => return Err(Failed::by(format!("`{expectation}` does not hold"))),
                    Outcome::Unverified { .. } => {
                        return Err(Failed::by(format!("`{expectation}` could not be judged")));
                    }
                }
            }
            for capture in check.captures() {
                let value = capture.read(answer).map_err(|_| {
                    Failed::by(format!(
                        "its answer holds nothing for `capture` {}",
                        one_line(&capture.to_string(), 120)
                    ))
                })?;
                captured.insert(capture.name().to_owned(), value);
            }
            Ok(())
        })
    }

    /// Reads a check of a test user.
    pub(super) fn prepared(&self, check: &LiveCheck) -> Result<PreparedCheck, String> {
        let resolved = check.resolved(self.production.as_ref()).map_err(|error| error.to_string())?;
        PreparedCheck::new(resolved).map_err(|error| error.to_string())
    }

    /// Looks whether the checks of a test user can be read.
    pub(super) fn unreadable(&self, user: &TestUser) -> Option<NotAsked> {
        let requests = match &user.credential {
            Credential::Login(login) => login.requests.as_slice(),
            _ => &[],
        };
        let problem = requests.iter().chain(&user.whoami).find_map(|check| self.prepared(check).err())?;
        let fix = format!("a person mends test_users.{}", user.name);
        Some(NotAsked::for_good(format!("{} cannot log in: {problem}", user.name), fix))
    }
}

/// Puts together what the user's checks send.
fn session(
    user: &TestUser,
    login: &Login,
    captured: &CaptureValues,
    jar: Arc<CookieJar>,
) -> Result<UserSession, NotAsked> {
    let mut headers = session_of(user)?.headers;
    let values = values(login, captured);
    for (name, template) in &login.headers {
        let value = SecretText::new(with_values(template, &values));
        if secret_header(name, &value).is_none() {
            let what = format!("its header {name} cannot be sent with what the login gave");
            return Err(not_logged_in(user, login, &what, None));
        }
        headers.push((name.clone(), value));
    }
    if headers.is_empty() && jar.values().iter().all(|value| value.expose().is_empty()) {
        let fix = format!("a person adds to test_users.{} the headers that its checks send", user.name);
        return Err(not_logged_in(user, login, "the login gave no cookie, and no headers are configured", Some(fix)));
    }
    Ok(UserSession { headers, cookies: Some(jar) })
}

fn not_logged_in(user: &TestUser, login: &Login, what: &str, fix: Option<String>) -> NotAsked {
    let variables = login.variables.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    let and = if variables.is_empty() { String::new() } else { format!(" and {variables}") };
    let fix =
        fix.unwrap_or_else(|| format!("a person looks at test_users.{}.login{and}, then run it again", user.name));
    NotAsked::for_good(format!("{} is not logged in: {what}", user.name), fix)
}

/// What templates of a login stand for.
fn values(login: &Login, captured: &CaptureValues) -> CaptureValues {
    let variables = login.variables.iter().map(|(name, value)| (format!("env:{name}"), value.expose().to_owned()));
    variables.chain(captured.clone()).collect()
}

/// Returns a request whose text body is a form, unless it is JSON or a header says otherwise.
fn as_form(request: &LiveCheck) -> LiveCheck {
    let mut sent = request.clone();
    let has_type = sent.headers.keys().any(|name| name.eq_ignore_ascii_case("content-type"));
    if let (Some(Value::String(text)), false) = (&request.body, has_type) {
        match serde_json::from_str(text) {
            Ok(json @ (Value::Object(_) | Value::Array(_))) => sent.body = Some(json),
            _ => drop(sent.headers.insert("Content-Type".to_owned(), FORM.to_owned())),
        }
    }
    sent
}

/// Returns a request's path as it was written, without its query.
pub(super) fn path_of(request: &LiveCheck) -> String {
    let path = Url::parse(&request.url).map_or_else(|_| request.url.clone(), |url| url.path().to_owned());
    let shown = LiveCheck::get(path).shown_url();
    one_line(shown.split(['?', '#']).next().unwrap_or_default(), 120)
}

/// Says which status came and where it leads, without a query, which may hold a code.
fn observed(exchange: &Exchange) -> String {
    let location = exchange.location();
    match location.and_then(|location| exchange.url.join(location).ok()) {
        Some(target) => format!("{}, which leads to {}", exchange.status, one_line(target.path(), 80)),
        None => exchange.status.to_string(),
    }
}

pub(super) const fn may_pass_later(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..=599)
}

fn asks_for_password(exchange: &Exchange) -> bool {
    let is_page = exchange.is_found_page();
    let text = String::from_utf8_lossy(&exchange.body_start);
    is_page && HtmlPage::read(&text, Some(&exchange.url), READING).is_some_and(|page| page.password_form.is_some())
}

/// Everything that a login gave, as it is sent and as it reads.
fn secrets_of(captured: &CaptureValues, jar: &CookieJar) -> Vec<SecretText> {
    let cookies = jar.values().into_iter().filter(|value| value.expose().len() >= MIN_SECRET_COOKIE);
    let given: Vec<SecretText> = captured.values().map(SecretText::new).chain(cookies).collect();
    let read = given.iter().filter_map(|value| {
        let read = percent_decode_str(value.expose()).decode_utf8().ok()?;
        (read != value.expose()).then(|| SecretText::new(read.into_owned()))
    });
    read.collect::<Vec<_>>().into_iter().chain(given).collect()
}

#[cfg(test)]
mod tests {
    use http::header::{HeaderMap, HeaderValue, SET_COOKIE};
    use serde_json::json;

    use super::*;
    use crate::domain::Method;

    #[test]
    fn a_text_is_a_form_unless_it_is_json_or_a_header_says_otherwise() {
        let post = |body: Value| as_form(&LiveCheck::get("/login").with_method(Method::Post).with_body(body));
        assert_eq!(post(json!("a={{b}}")).headers.get("Content-Type").map(String::as_str), Some(FORM));
        let read = post(json!(r#"{"a": "{{b}}"}"#));
        assert_eq!((read.body, read.headers.is_empty()), (Some(json!({"a": "{{b}}"})), true));
        assert!(post(json!({"a": 1})).headers.is_empty());
        let mut typed = LiveCheck::get("/login").with_body(json!("<a/>"));
        typed.headers.insert("content-type".to_owned(), "application/xml".to_owned());
        assert_eq!(as_form(&typed), typed);
    }

    #[test]
    fn captures_and_cookies_are_secrets_as_they_are_sent_and_as_they_read() {
        let jar = CookieJar::default();
        let mut answered = HeaderMap::new();
        for cookie in ["sid=s%3Asession-1; Path=/", "theme=dark; Path=/"] {
            answered.append(SET_COOKIE, HeaderValue::from_static(cookie));
        }
        jar.keep(&answered, &"https://api.example.com/".parse().expect("an address"));
        let captured = [("csrf".to_owned(), "s%3Aabcdef".to_owned())].into();
        let found = secrets_of(&captured, &jar);
        assert_eq!(
            found.iter().map(SecretText::expose).collect::<Vec<_>>(),
            ["s:abcdef", "s:session-1", "s%3Aabcdef", "s%3Asession-1"]
        );
    }
}
