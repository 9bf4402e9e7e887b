//! Tokens that a person handed out: a file, or one in the environment.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use subtle::ConstantTimeEq;

use crate::domain::{Principal, Scope, Scopes, one_line, sha256_hex};
use crate::reload::Reloading;

/// The name of the principal whose token stands in the environment.
pub const ENVIRONMENT_PRINCIPAL: &str = "token";

/// The fewest characters of a token: a shorter one can be guessed.
const MIN_TOKEN_CHARACTERS: usize = 16;
/// The most tokens: each request is compared with all of them.
const MAX_TOKENS: usize = 1_000;

/// Reads the tokens anew. There may be none left. The error says why they cannot be used and never shows a token.
pub type ReadTokens = Arc<dyn Fn() -> Result<Tokens, String> + Send + Sync>;

/// A token that cannot be used. The message never shows the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}: {fix}")]
pub struct TokenError {
    /// Which one: `line 3`, `token 2`, `SNIPARA_ORCHESTRATOR_TOKEN`.
    pub place: String,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub fix: String,
}

/// The accepted tokens, by their SHA-256. Printing shows none of them.
#[derive(Clone, Default)]
pub struct Tokens {
    known: Vec<(String, Principal)>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.known.iter().map(|(_, principal)| principal)).finish()
    }
}

/// One token of a JSON file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenEntry {
    name: String,
    token: Option<String>,
    sha256: Option<String>,
    scopes: Vec<String>,
    projects: Option<Vec<String>>,
}

impl Tokens {
    /// Reads a token file: JSON, or lines of name, scopes, token and projects.
    ///
    /// A line is `NAME SCOPES TOKEN [PROJECTS]`, lists with commas, `sha256:HEX` instead of a token when the file
    /// shall not hold it; `#` begins a comment. JSON is a list of objects with `name`, `scopes`, `token` or `sha256`,
    /// and `projects`. Two tokens of one name are one principal: so a token is replaced without a gap.
    ///
    /// # Errors
    /// When something in it cannot be used; names the line and the field and shows no value of a token.
    pub fn read(text: &str) -> Result<Self, TokenError> {
        let tokens = Self::read_or_none(text)?;
        if tokens.is_empty() {
            return Err(error(
                "token file",
                "it holds no token",
                "write lines of NAME SCOPES TOKEN, or remove the flag",
            ));
        }
        Ok(tokens)
    }

    /// Reads a token file as [`Tokens::read`] does, but accepts one without tokens.
    ///
    /// # Errors
    /// When something in it cannot be used.
    pub fn read_or_none(text: &str) -> Result<Self, TokenError> {
        let mut tokens = Self::default();
        if text.trim_start().starts_with(['[', '{']) {
            for (index, value) in listed(text)?.into_iter().enumerate() {
                let place = format!("token {}", index + 1);
                // serde's message may quote what it read.
                let given = TokenEntry::deserialize(value).map_err(|_| {
                    error(
                        &place,
                        "it does not have the fields of a token",
                        "give name, scopes, token or sha256, projects",
                    )
                })?;
                tokens.add(&place, given)?;
            }
        } else {
            for (index, line) in text.lines().enumerate() {
                let place = format!("line {}", index + 1);
                if let Some(given) = entry_of_line(&place, line)? {
                    tokens.add(&place, given)?;
                }
            }
        }
        Ok(tokens)
    }

    /// Adds the token of the environment: every scope but `admin`.
    ///
    /// # Errors
    /// When it is too short or has characters that no header carries.
    pub fn add_from_environment(&mut self, variable: &str, token: &str) -> Result<(), TokenError> {
        let scopes = [Scope::Read, Scope::Validate, Scope::Write].map(|scope| scope.name().to_owned()).to_vec();
        let name = ENVIRONMENT_PRINCIPAL.to_owned();
        self.add(variable, TokenEntry { name, token: Some(token.to_owned()), sha256: None, scopes, projects: None })
    }

    /// Tells whether there is none.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Accepts these tokens until `read` reads others, so that one is revoked without a restart.
    ///
    /// A file that cannot be used, such as one that is half written, changes nothing: the last tokens stay accepted. A
    /// file without tokens revokes all only when it has none at the next reading either, because a program that writes
    /// the file anew empties it first.
    pub(super) fn reloading(self, read: Option<ReadTokens>) -> Reloading<Self> {
        let Some(read) = read else { return Reloading::fixed(self) };
        let mut was_empty = false;
        Reloading::new("tokens", self, move || {
            let next = read()?;
            let counts = was_empty || !next.is_empty();
            was_empty = next.is_empty();
            Ok(counts.then_some(next))
        })
    }

    /// Finds the principal of a token. It takes as long for a wrong token as for a right one.
    pub(super) fn find(&self, token: &str) -> Option<Principal> {
        let digest = sha256_hex(token.as_bytes());
        let mut found = None;
        for (known, principal) in &self.known {
            if bool::from(known.as_bytes().ct_eq(digest.as_bytes())) {
                found = Some(principal);
            }
        }
        found.cloned()
    }

    fn add(&mut self, place: &str, given: TokenEntry) -> Result<(), TokenError> {
        let name = given.name.as_str();
        let plain = |character: char| character.is_ascii_alphanumeric() || "._-@".contains(character);
        if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
            let problem = format!("name `{}` cannot be used", one_line(name, 70));
            return Err(error(place, &problem, "use 1 to 64 letters, digits and . _ - @"));
        }
        let scopes = scopes_of(place, &given.scopes)?;
        let digest = match (&given.token, &given.sha256) {
            (Some(token), None) => {
                if token.chars().count() < MIN_TOKEN_CHARACTERS {
                    let problem = format!("the token of `{name}` is shorter than {MIN_TOKEN_CHARACTERS} characters");
                    return Err(error(place, &problem, "make one with `openssl rand -hex 32`"));
                }
                if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
                    let problem = format!("the token of `{name}` has characters that no header carries");
                    return Err(error(place, &problem, "make one with `openssl rand -hex 32`"));
                }
                sha256_hex(token.as_bytes())
            }
            (None, Some(hex)) => {
                if hex.len() != 64 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    let problem = format!("the sha256 of `{name}` is not 64 hexadecimal digits");
                    return Err(error(place, &problem, "write sha256sum's output"));
                }
                hex.to_ascii_lowercase()
            }
            _ => {
                let problem = format!("`{name}` has neither a token nor a sha256, or both");
                return Err(error(place, &problem, "give one of them"));
            }
        };
        if self.known.iter().any(|(known, _)| *known == digest) {
            return Err(error(place, &format!("the token of `{name}` stands there twice"), "give everybody their own"));
        }
        if self.known.len() >= MAX_TOKENS {
            let problem = format!("there are more than {MAX_TOKENS} tokens");
            return Err(error(place, &problem, "remove some, or let an issuer hand them out (--jwt-issuer)"));
        }
        if given.projects.as_ref().is_some_and(Vec::is_empty) {
            let problem = format!("the list of projects of `{name}` is empty");
            return Err(error(place, &problem, "name some, or leave it out for all projects"));
        }
        self.known.push((digest, Principal::named(name, scopes, given.projects)));
        Ok(())
    }
}

fn error(place: &str, problem: &str, fix: &str) -> TokenError {
    TokenError { place: place.to_owned(), problem: problem.to_owned(), fix: fix.to_owned() }
}

fn listed(text: &str) -> Result<Vec<Value>, TokenError> {
    match serde_json::from_str(text) {
        Ok(Value::Array(tokens)) => Ok(tokens),
        Ok(Value::Object(mut object)) => match (object.remove("tokens"), object.is_empty()) {
            (Some(Value::Array(tokens)), true) => Ok(tokens),
            _ => Err(error("token file", "the object holds more or less than `tokens`", "write a JSON list of tokens")),
        },
        Ok(_) => Err(error("token file", "it is not a list", "write a JSON list of tokens")),
        Err(bad) => {
            Err(error(&format!("line {}", bad.line()), "it is not JSON", "write a JSON list of tokens, or lines"))
        }
    }
}

fn entry_of_line(place: &str, line: &str) -> Result<Option<TokenEntry>, TokenError> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let list = |word: &str| word.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let (name, scopes, token, projects) = match words.as_slice() {
        [name, scopes, token] => (name, scopes, token, None),
        [name, scopes, token, projects] => (name, scopes, token, Some(list(projects))),
        _ => {
            let problem = format!("it has {} words", words.len());
            return Err(error(place, &problem, "write NAME SCOPES TOKEN [PROJECTS], such as `ci read,validate TOKEN`"));
        }
    };
    let (token, sha256) = match token.strip_prefix("sha256:") {
        Some(hex) => (None, Some(hex.to_owned())),
        None => (Some((*token).to_owned()), None),
    };
    Ok(Some(TokenEntry { name: (*name).to_owned(), token, sha256, scopes: list(scopes), projects }))
}

fn scopes_of(place: &str, names: &[String]) -> Result<Scopes, TokenError> {
    let known = "the scopes are read, validate, write and admin";
    if names.is_empty() {
        return Err(error(place, "it has no scope", known));
    }
    let scope = |name: &String| {
        // The text is not shown: it may be a token in the wrong column.
        Scope::named(name).ok_or_else(|| error(place, "one of its scopes does not exist", known))
    };
    names.iter().map(scope).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ProjectId, sha256_hex};

    const FIRST: &str = "planted-token-of-ada-0001";
    const SECOND: &str = "planted-token-of-bob-0002";

    #[test]
    fn lines_and_json_say_the_same() {
        let hash = sha256_hex(SECOND.as_bytes());
        let lines = format!("# who may call\n\nada read,validate {FIRST}\nbob admin sha256:{hash} shop,blog\n");
        let json = format!(
            r#"[{{"name":"ada","scopes":["read","validate"],"token":"{FIRST}"}},
                {{"name":"bob","scopes":["admin"],"sha256":"{hash}","projects":["shop","blog"]}}]"#
        );
        for text in [lines, format!("{{\"tokens\":{json}}}"), json] {
            let tokens = Tokens::read(&text).expect("tokens");
            let ada = tokens.find(FIRST).expect("ada");
            assert!(ada.name() == Some("ada") && ada.may(Scope::Validate) && !ada.may(Scope::Write));
            let project = |name: &str| ProjectId::from_name(name).expect("a name");
            assert!(ada.may_use(&project("anything")));
            let bob = tokens.find(SECOND).expect("bob");
            assert!(
                bob.name() == Some("bob")
                    && bob.may(Scope::Write)
                    && bob.may_use(&project("blog"))
                    && !bob.may_use(&project("other"))
            );
            for wrong in ["", "planted", &hash, &FIRST.to_uppercase(), &format!("{FIRST} ")] {
                assert_eq!(tokens.find(wrong), None);
            }
        }
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_its_place_and_without_a_token() {
        for (text, said) in [
            (String::new(), "token file: it holds no token"),
            (format!("ada {FIRST}"), "line 1: it has 2 words"),
            (format!("ada read {FIRST}\nbob {SECOND} read"), "line 2: one of its scopes does not exist"),
            (format!("a/b read {FIRST}"), "line 1: name `a/b` cannot be used"),
            (format!("ada , {FIRST}"), "line 1: it has no scope"),
            ("ada read short".to_owned(), "line 1: the token of `ada` is shorter than 16 characters"),
            ("ada read sha256:12".to_owned(), "line 1: the sha256 of `ada` is not 64"),
            (format!("ada read {FIRST}\nbob read {FIRST}"), "line 2: the token of `bob` stands there twice"),
            (format!("[{{\"name\":\"ada\",\"token\":\"{FIRST}\"}}]"), "token 1: it does not have the fields"),
            (format!("[{{\"name\":\"ada\",\"scopes\":[\"read\"],\"tokn\":\"{FIRST}\"}}]"), "token 1: it does not have"),
            ("[{\"name\":\"ada\",\"scopes\":[\"read\"]}]".to_owned(), "token 1: `ada` has neither a token nor"),
            (format!("[\"{FIRST}\""), "line 1: it is not JSON"),
            (format!("ada read {FIRST} ,"), "line 1: the list of projects of `ada` is empty"),
        ] {
            let message = Tokens::read(&text).expect_err(&text).to_string();
            assert!(message.starts_with(said), "{message}");
            assert!(!message.contains("planted"), "{message}");
        }
    }

    #[test]
    fn the_token_of_the_environment_may_do_all_but_what_needs_admin() {
        let mut tokens = Tokens::default();
        tokens.add_from_environment("VARIABLE", FIRST).expect("added");
        let principal = tokens.find(FIRST).expect("found");
        assert_eq!(principal.name(), Some(ENVIRONMENT_PRINCIPAL));
        let may = Scope::ALL.map(|scope| principal.may(scope));
        assert_eq!(may, [true, true, true, false]);
        let short = tokens.add_from_environment("VARIABLE", "tiny-secret").expect_err("refused").to_string();
        assert!(short.starts_with("VARIABLE: ") && !short.contains("tiny"), "{short}");
    }

    #[test]
    fn no_token_is_shown_when_tokens_are_printed() {
        let tokens = Tokens::read(&format!("ada read {FIRST}")).expect("tokens");
        let shown = format!("{tokens:?}");
        assert!(shown.contains("ada") && !shown.contains("planted"), "{shown}");
    }
}
