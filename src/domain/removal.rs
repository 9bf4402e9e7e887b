//! A text that is taken out of others: a leaked secret, by its value.

use serde_json::Value;

use super::LiveCheck;

/// How much of a JSON value is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Texts. Names of fields and numbers stay.
    Texts,
    /// Texts and numbers. Names of fields stay.
    Values,
    /// Texts, numbers and names of fields: nobody reads the value by its names.
    Names,
}

/// A text that is to be removed, and what stands in its place.
#[derive(Debug, Clone)]
pub struct Removal {
    text: String,
    /// The text as it stands inside JSON that is a text itself.
    escaped: String,
    instead: &'static str,
}

impl Removal {
    /// Makes the removal of a text.
    pub fn new(text: &str, instead: &'static str) -> Self {
        let quoted = Value::from(text).to_string();
        let escaped = quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned();
        Self { text: text.to_owned(), escaped, instead }
    }

    /// Returns the text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the text as it stands inside a JSON text.
    pub fn escaped(&self) -> &str {
        &self.escaped
    }

    /// Tells whether a text holds it.
    pub fn is_in(&self, value: &str) -> bool {
        value.contains(&self.text) || value.contains(&self.escaped)
    }

    /// Tells whether a JSON value holds it in a text, or in a name where `names` count.
    pub fn is_in_json(&self, value: &Value, names: bool) -> bool {
        match value {
            Value::String(text) => self.is_in(text),
            Value::Number(number) => number.to_string().contains(&self.text),
            Value::Array(items) => items.iter().any(|item| self.is_in_json(item, names)),
            Value::Object(fields) => {
                fields.iter().any(|(name, field)| names && self.is_in(name) || self.is_in_json(field, names))
            }
            Value::Null | Value::Bool(_) => false,
        }
    }

    /// Returns what is left of a text.
    pub fn of_text(&self, value: &str) -> String {
        value.replace(&self.text, self.instead).replace(&self.escaped, self.instead)
    }

    /// Returns what is left of a JSON value; a text in it may be JSON itself. Fields named in `but` stay as they are.
    pub fn of_json(&self, value: &Value, reach: Reach, but: &[&str]) -> Value {
        match value {
            Value::String(text) => Value::String(self.of_text(text)),
            Value::Array(items) => items.iter().map(|item| self.of_json(item, reach, but)).collect(),
            Value::Object(fields) => {
                let left = fields.iter().map(|(name, field)| {
                    if but.contains(&name.as_str()) {
                        return (name.clone(), field.clone());
                    }
                    let name = if reach == Reach::Names { self.of_text(name) } else { name.clone() };
                    (name, self.of_json(field, reach, but))
                });
                Value::Object(left.collect())
            }
            Value::Number(number) if reach >= Reach::Values && number.to_string().contains(&self.text) => {
                Value::from(self.instead)
            }
            other => other.clone(),
        }
    }

    /// Returns what is left of an address: its scheme, host and port stay, because they say which production was asked.
    pub fn of_address(&self, value: &str) -> String {
        let left = self.outside_of_origin(value, &self.text);
        if self.escaped == self.text { left } else { self.outside_of_origin(&left, &self.escaped) }
    }

    /// Takes the words out of an address, but not what of them is its origin.
    fn outside_of_origin(&self, value: &str, words: &str) -> String {
        let kept = origin(value);
        let mut left = String::with_capacity(value.len());
        let mut done = 0;
        for (begin, _) in value.match_indices(words) {
            left.push_str(&value[done..begin]);
            done = begin;
            let end = begin + words.len();
            for (from, to) in kept {
                if from < end && to > begin {
                    if from > done {
                        left.push_str(self.instead);
                    }
                    left.push_str(&value[from.max(done)..to.min(end)]);
                    done = to.min(end);
                }
            }
            if end > done {
                left.push_str(self.instead);
            }
            done = end;
        }
        left.push_str(&value[done..]);
        left
    }

    /// Returns what is left of a live check: its method, statuses, origin and bounds stay, because they decide.
    pub fn of_check(&self, check: &LiveCheck) -> LiveCheck {
        let headers = check.headers.iter().map(|(name, value)| (name.clone(), self.of_text(value))).collect();
        LiveCheck {
            url: self.of_address(&check.url),
            headers,
            body: check.body.as_ref().map(|body| self.of_json(body, Reach::Values, &[])),
            user: check.user.as_deref().map(|user| self.of_text(user)),
            expect: check.expect.iter().map(|line| self.of_text(line)).collect(),
            capture: check.capture.iter().map(|line| self.of_text(line)).collect(),
            name: check.name.as_deref().map(|name| self.of_text(name)),
            ..check.clone()
        }
    }
}

/// Returns the two parts of an absolute address that say where it leads (RFC 3986 §3): the scheme, and host and port with
/// the slash after them. Users and passwords before the host are none of them.
fn origin(address: &str) -> [(usize, usize); 2] {
    let Some(scheme) = address.find("://") else { return [(0, 0); 2] };
    let start = scheme + "://".len();
    if !address[..scheme].chars().all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter)) {
        return [(0, 0); 2];
    }
    let rest = &address[start..];
    let authority = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let host = rest[..authority].rfind('@').map_or(0, |at| at + 1);
    let slash = usize::from(rest[authority..].starts_with('/'));
    [(0, start), (start + host, start + authority + slash)]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_an_address_the_origin_stays_whatever_is_removed() {
        for (text, address, left) in [
            ("secret-path", "https://api.example.com/secret-path?q=secret-path", "https://api.example.com/_?q=_"),
            ("api.example.com", "https://api.example.com/a", "https://api.example.com/a"),
            ("https://api.example.com/a", "https://api.example.com/a/b", "https://api.example.com/_/b"),
            ("/secret", "https://api.example.com/secret", "https://api.example.com/_"),
            ("ada:hunter2", "https://ada:hunter2@api.example.com/", "https://_@api.example.com/"),
            ("hunter2@api.example.com:8", "http://a:hunter2@api.example.com:80/", "http://a:_api.example.com:80/"),
            ("example", "GET /example", "GET /_"),
            ("example", "http://é.example.com/é?example", "http://é.example.com/é?_"),
        ] {
            assert_eq!(Removal::new(text, "_").of_address(address), left, "{text} in {address}");
        }
    }

    #[test]
    fn names_and_numbers_go_only_where_they_are_in_reach() {
        let value = json!({ "secret": ["secret", { "n": 123_456 }], "kind": "secret" });
        let removal = Removal::new("secret", "_");
        assert_eq!(removal.of_json(&value, Reach::Texts, &["kind"])["secret"][0], "_");
        assert_eq!(removal.of_json(&value, Reach::Texts, &["kind"])["kind"], "secret");
        assert_eq!(removal.of_json(&value, Reach::Names, &[])["_"][0], "_");
        let number = Removal::new("2345", "_");
        assert_eq!(number.of_json(&value, Reach::Texts, &[]), value);
        assert_eq!(number.of_json(&value, Reach::Values, &[])["secret"][1]["n"], "_");
        assert!(
            removal.is_in_json(&json!({ "secret": 1 }), true) && !removal.is_in_json(&json!({ "secret": 1 }), false)
        );
    }
}
