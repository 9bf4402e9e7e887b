//! Shapes that are more than a prefix: a keyword, and around it a pattern whose first group is the secret.

use std::ops::Range;
use std::sync::OnceLock;

use regex::Regex;

use super::finding::window;
use super::{base64, value};

/// What else must hold of what a pattern found.
#[derive(Debug, Clone, Copy)]
enum Check {
    Nothing,
    /// It looks random.
    Mixed,
    /// It has a digit or is long: no word of prose.
    NoWord,
    /// It is base64 of `user:password` (RFC 7617 §2).
    UserAndPassword,
    /// It is neither a placeholder nor a plain word.
    Value,
}

/// One shape.
pub(super) struct Shape {
    /// What it is, for people.
    #[cfg_attr(not(test), expect(dead_code, reason = "names the row for people and in tests"))]
    pub(super) what: &'static str,
    /// Where it is looked for; any case.
    pub(super) keyword: &'static str,
    /// How many bytes before the keyword may belong to it.
    before: usize,
    pattern: &'static str,
    check: Check,
    compiled: OnceLock<Option<Regex>>,
}

const fn shape(what: &'static str, keyword: &'static str, before: usize, pattern: &'static str, check: Check) -> Shape {
    Shape { what, keyword, before, pattern, check, compiled: OnceLock::new() }
}

/// The longest text after a keyword that is looked at; a private key fits in it.
const WINDOW: usize = 32 * 1024;
/// The longest text where a pattern is looked for and does not begin at the keyword.
const SHORT_WINDOW: usize = 512;

const PEM: &str = r"^(-{4,5} ?BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)? ?-{4,5}(?s:.*?)(?:-{4,5} ?END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)? ?-{4,5}|\z))";
const HASH: &str = r"^(\$(?:2[abxy]|1|5|6|7|y|gy|apr1|argon2[a-z]*|scrypt|pbkdf2[a-z0-9-]*)\$[./A-Za-z0-9$=,+_-]{20,})";
const JWT: &str = r"^(eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*){0,3})";

/// All shapes.
pub(super) static SHAPES: [Shape; 43] = [
    shape("private key", "---- begin ", 0, PEM, Check::Nothing),
    shape("private key", "-----begin ", 0, PEM, Check::Nothing),
    shape("PuTTY key", "private-lines:", 0, r"^.{14} ?\d+\r?\n([A-Za-z0-9+/=\r\n]+)", Check::Nothing),
    shape("JWT", "eyj", 0, JWT, Check::Nothing),
    shape("bearer token", "bearer ", 0, r#"(?i)^bearer +["']?([a-z0-9._~+/=|-]{6,})"#, Check::NoWord),
    shape("basic credentials", "basic ", 0, r#"(?i)^basic +["']?([a-z0-9+/=_-]{6,})"#, Check::UserAndPassword),
    shape("password hash", "$2a$", 0, HASH, Check::Nothing),
    shape("password hash", "$2b$", 0, HASH, Check::Nothing),
    shape("password hash", "$2y$", 0, HASH, Check::Nothing),
    shape("password hash", "$1$", 0, HASH, Check::Nothing),
    shape("password hash", "$5$", 0, HASH, Check::Nothing),
    shape("password hash", "$6$", 0, HASH, Check::Nothing),
    shape("password hash", "$y$", 0, HASH, Check::Nothing),
    shape("password hash", "$apr1$", 0, HASH, Check::Nothing),
    shape("password hash", "$argon2", 0, HASH, Check::Nothing),
    shape("Slack webhook", "hooks.slack.com/", 0, r"^.{16}[a-z]+/([A-Za-z0-9+/_-]{20,})", Check::Nothing),
    shape("Discord webhook", "/webhooks/", 0, r"^.{10}\d+/([A-Za-z0-9_-]{20,})", Check::Nothing),
    shape("Teams webhook", "webhook.office.com/", 0, r"^.{19}[a-z0-9]+/([A-Za-z0-9@/_-]{30,})", Check::Nothing),
    shape("Zapier webhook", "hooks.zapier.com/hooks/catch/", 0, r"^.{29}([A-Za-z0-9/]{8,})", Check::Nothing),
    shape("Feishu webhook", "/open-apis/bot/v2/hook/", 0, r"^.{23}([A-Za-z0-9-]{16,})", Check::Nothing),
    shape("IFTTT webhook", "/with/key/", 0, r"^.{10}([A-Za-z0-9_-]{16,})", Check::Nothing),
    shape("Telegram bot", "/bot", 0, r"^/bot(\d{6,12}:[A-Za-z0-9_-]{20,})", Check::Nothing),
    shape("Telegram bot", ":aa", 12, r"(?:^|[^0-9])(\d{8,10}:AA[A-Za-z0-9_-]{30,})", Check::Nothing),
    shape("Azure AD client secret", "q~", 4, r"([A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{30,})", Check::Nothing),
    shape("Terraform cloud", ".atlasv1.", 24, r"([A-Za-z0-9]{10,}\.atlasv1\.[A-Za-z0-9_=-]{30,})", Check::Nothing),
    shape("Firebase messaging", ":apa91b", 40, r"([A-Za-z0-9_-]{4,}:APA91b[A-Za-z0-9_-]{60,})", Check::Nothing),
    shape(
        "SQL password",
        "identified ",
        0,
        r#"(?i)^identified\s+(?:with\s+\S+\s+)?by\s+(?:password\s+)?['"]([^'"]+)"#,
        Check::Value,
    ),
    shape("OpenSSL password", "pass:", 24, r"(?i)-pass(?:in|out)?\s+pass:(\S+)", Check::Value),
    shape("OpenSSL password", " pass:", 24, r"(?i)(?:-k|-pass(?:in|out)?)\s+pass:(\S+)", Check::Value),
    shape(
        "kubectl secret",
        "--from-literal",
        0,
        r#"^--from-literal[= ]+["']?[A-Za-z0-9_.-]+=([^\s"']+)"#,
        Check::Value,
    ),
    shape(
        "Braintree",
        "access_token$",
        0,
        r"^(access_token\$(?:production|sandbox)\$[a-z0-9]{8,}\$[a-f0-9]{16,})",
        Check::Nothing,
    ),
    shape("masked value", "::add-mask::", 0, r"^::add-mask::(\S+)", Check::Value),
    shape("signature in a query", "signature=", 24, r#"(?i)[?&;][a-z-]*signature=([^&\s"'<>#]{6,})"#, Check::Value),
    shape("signature in a query", "sig=", 1, r#"(?i)[?&;]sig=([^&\s"'<>#]{6,})"#, Check::Value),
    shape("key in a query", "?key=", 0, r#"(?i)^.key=([^&\s"'<>#]{6,})"#, Check::Mixed),
    shape("key in a query", "&key=", 0, r#"(?i)^.key=([^&\s"'<>#]{6,})"#, Check::Mixed),
    shape("code in a query", "?code=", 0, r#"(?i)^.code=([^&\s"'<>#]{6,})"#, Check::Mixed),
    shape("code in a query", "&code=", 0, r#"(?i)^.code=([^&\s"'<>#]{6,})"#, Check::Mixed),
    shape("LDAP hash", "{ssha", 0, r"(?i)^\{ssha\d*\}([A-Za-z0-9+/=]{20,})", Check::Nothing),
    shape("netrc", "machine ", 0, r"^machine\s+\S+\s+login\s+\S+\s+password\s+(\S+)", Check::Value),
    shape("redis command", "requirepass ", 0, r#"(?i)^requirepass +["']?([^\s"']+)"#, Check::Value),
    shape("redis command", "masterauth ", 0, r#"(?i)^masterauth +["']?([^\s"']+)"#, Check::Value),
    shape("AWS command", "aws configure set ", 0, r"^aws configure set \S*(?:secret|token)\S* (\S+)", Check::Value),
];

impl Shape {
    /// Returns the secret of this shape around a keyword.
    pub(super) fn at(&self, text: &str, start: usize) -> Option<Range<usize>> {
        let before = start.checked_sub(1).and_then(|before| text.as_bytes().get(before));
        if self.before == 0
            && self.keyword.starts_with(char::is_alphanumeric)
            && before.is_some_and(u8::is_ascii_alphanumeric)
        {
            return None;
        }
        // A constant pattern that does not compile would find nothing; a test compiles all of them.
        let pattern = self.compiled.get_or_init(|| Regex::new(self.pattern).ok()).as_ref()?;
        let bytes = if self.before == 0 { WINDOW } else { SHORT_WINDOW };
        let from = text.ceil_char_boundary(start.saturating_sub(self.before));
        let found = pattern.captures(window(text, from, bytes))?.get(1)?;
        let place = from + found.start()..from + found.end();
        // With a look back the pattern could find another one that ends before the keyword.
        (place.end > start && self.holds(found.as_str())).then_some(place)
    }

    fn holds(&self, found: &str) -> bool {
        match self.check {
            Check::Nothing => true,
            Check::Mixed => value::mixed(found),
            Check::NoWord => {
                !value::is_placeholder(found)
                    && (found.len() >= 24 || found.bytes().any(|byte| byte.is_ascii_digit()) || value::mixed(found))
            }
            Check::UserAndPassword => base64::decoded(found)
                .is_some_and(|plain| plain.split_once(':').is_some_and(|(user, _)| !user.contains(char::is_control))),
            Check::Value => !value::is_placeholder(found) && !value::is_plain_word(found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles_and_has_its_group() {
        for shape in &SHAPES {
            let pattern = Regex::new(shape.pattern).expect(shape.what);
            assert!(pattern.captures_len() >= 2, "{}", shape.what);
        }
    }
}
