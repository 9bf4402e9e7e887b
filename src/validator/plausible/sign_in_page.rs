//! A sign-in page at a path that is none: the wall stands before what was asked for.

use super::answered::{JudgedAnswer, PAGE_BOUND, ReadAnswer};
use super::error_page::MAX_VISIBLE_BYTES;
use super::failure_words::words;
use super::implausible::{Implausible, quoted};
use crate::expect::{AnswerPlace, HtmlPage};

/// Segments of paths at which people sign in, and below which pages about it stand.
const SIGN_IN_PATHS: [&str; 38] = [
    "login",
    "log-in",
    "log_in",
    "signin",
    "sign-in",
    "sign_in",
    "signon",
    "sso",
    "saml",
    "oauth",
    "oauth2",
    "openid",
    "authorize",
    "authenticate",
    "auth",
    "session",
    "sessions",
    "register",
    "signup",
    "sign-up",
    "sign_up",
    "join",
    "password",
    "passwords",
    "reset-password",
    "forgot-password",
    "wp-login.php",
    "login.php",
    "login.html",
    "login.aspx",
    "identity",
    "logout",
    "docs",
    "help",
    "blog",
    "support",
    "kb",
    "invite",
];

/// Titles and headings of sign-in pages, as a whole and in lower case; `to …` may follow the first ones.
const ENTER: [&str; 6] = ["sign in", "log in", "login", "signin", "sign on", "log on"];
const WALLS: [&str; 10] = [
    "login required",
    "sign in required",
    "authentication required",
    "please sign in",
    "please log in",
    "please login",
    "session expired",
    "your session has expired",
    "login page",
    "member login",
];

pub(super) fn find(answered: &JudgedAnswer<'_>, reading: &ReadAnswer<'_>) -> Option<Implausible> {
    let segments = answered.segments();
    // An application whose first page is its sign-in answers `/` with it.
    let is_sign_in_path =
        segments.is_empty() || segments.iter().any(|segment| SIGN_IN_PATHS.contains(&segment.as_str()));
    if is_sign_in_path || !reading.is_page() {
        return None;
    }
    let page = reading.page()?;
    let title = page.title.as_deref().or(page.heading.as_deref()).unwrap_or_default();
    let observed = if page.password_form.is_some() && is_known_login_page(answered, page) {
        format!("the sign-in page {}", quoted(title))
    } else if page.text.len() < MAX_VISIBLE_BYTES && answered.is_whole && says_sign_in(page) {
        format!("a sign-in page titled {}", quoted(title))
    } else {
        return None;
    };
    Some(Implausible {
        rule: "sign_in_page",
        place: AnswerPlace::Body,
        expected: "what the path names",
        observed,
        overruled_by: "expect: body startsWith and how the body begins".to_owned(),
    })
}

/// The tokens in forms change with each answer, so pages are equal when they show the same.
fn is_known_login_page(answered: &JudgedAnswer<'_>, page: &HtmlPage) -> bool {
    let login = answered.login_page.map(String::from_utf8_lossy);
    let login = login.and_then(|login| HtmlPage::read(&login, Some(answered.url), PAGE_BOUND));
    login.is_some_and(|login| login.password_form.is_some() && (&login.title, &login.text) == (&page.title, &page.text))
}

fn says_sign_in(page: &HtmlPage) -> bool {
    [page.title.as_deref(), page.heading.as_deref()].into_iter().flatten().any(|head| {
        let mut parts = vec![head];
        parts.extend([" | ", " - ", " – ", " — ", " · ", " :: ", " • "].into_iter().flat_map(|mark| head.split(mark)));
        parts.into_iter().any(|part| is_sign_in(part, page.password_form.is_some()))
    })
}

fn is_sign_in(part: &str, has_password: bool) -> bool {
    let said = words(part);
    let to = |enter: &&str| {
        let rest = said.strip_prefix(*enter).and_then(|rest| rest.strip_prefix(" to "));
        // `Sign in to continue` is a wall; `Log in to your account with an app` may be an article.
        rest.is_some_and(|rest| rest.split(' ').count() <= 3)
    };
    WALLS.contains(&said.as_str())
        || ENTER.contains(&said.as_str())
        || (has_password && ENTER.iter().any(to))
        || ["sign in to continue", "log in to continue", "sign in to your account", "log in to your account"]
            .contains(&said.as_str())
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_honest, assert_lies};

    const LOGIN: &str = r#"<!doctype html><html><head><title>Acme</title></head><body><form method="post" action="/login"><input type="hidden" name="csrf" value="a1"><label>Mail <input name="mail"></label><input type="password" name="password"><button>Enter</button></form></body></html>"#;

    fn wall(title: &str) -> Sample {
        Sample::get("/dashboard").page(&format!(
            r#"<!doctype html><title>{title}</title><form><input name="user"><input type="password"><button>Go</button></form>"#
        ))
    }

    #[test]
    fn a_wall_before_what_was_asked_for_fails() {
        let other_token = LOGIN.replace("a1", "b2");
        assert_lies(
            "sign_in_page",
            [
                wall("Sign in"),
                wall("Log in"),
                wall("Login"),
                wall("Sign in · Acme"),
                wall("Acme | Log in"),
                wall("Sign in to Acme"),
                wall("Log in to your account"),
                wall("Authentication required"),
                wall("Please log in"),
                wall("Session expired"),
                Sample::get("/account")
                    .page("<!doctype html><title>Acme</title><h1>Sign in to continue</h1><a>SSO</a>"),
                Sample::get("/account").page(LOGIN).login_page(LOGIN),
                Sample::get("/orders/7").page(&other_token).login_page(LOGIN),
            ],
        );
    }

    #[test]
    fn sign_in_paths_and_pages_about_signing_in_pass() {
        let at = |path: &str, title: &str| wall(title).at(path);
        assert_honest([
            at("/login", "Sign in"),
            at("/users/sign_in", "Log in"),
            at("/wp-login.php", "Log In"),
            at("/", "Sign in to Acme"),
            at("/auth/realms/acme/protocol/openid-connect/auth", "Sign in to Acme"),
            at("/register", "Log in"),
            at("/docs/sign-in-with-github", "Sign in with GitHub"),
            at("/integrations/github", "Sign in with GitHub"),
            at("/articles/7", "How to log in safely"),
            at("/account/new", "Create your account"),
            Sample::get("/home").page(LOGIN),
            Sample::get("/home").page(LOGIN).login_page("<!doctype html><title>Acme</title><p>no form"),
            Sample::get("/shop").page("<!doctype html><title>Shop</title><a href=/login>Log in</a><p>Shoes"),
            Sample::get("/settings").page(
                "<!doctype html><title>Settings</title><h1>Change password</h1><form><input type=password></form>",
            ),
            wall("Sign in").status(401),
            Sample::get("/blog/1").page(&format!("<title>Login</title><p>{}", "About logging in. ".repeat(200))),
        ]);
    }
}
