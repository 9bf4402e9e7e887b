//! Secrets that are known by their value, in any form in which they may stand.

use std::fmt;
use std::ops::Range;

use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::base64;
use crate::domain::SecretText;

/// The shortest configured value that is treated as a secret wherever it stands; shorter ones are words.
const MIN_SECRET_LENGTH: usize = 4;

/// How template engines write characters in HTML: Rails, Python's `html.escape` and Django, PHP, Jinja, Go's
/// `html/template`, Mustache. `&`, `<` and `>` are written alike by all.
const HTML_ESCAPES: [&[(char, &str)]; 6] = [
    &[('"', "&quot;"), ('\'', "&#39;")],
    &[('"', "&quot;"), ('\'', "&#x27;")],
    &[('"', "&quot;"), ('\'', "&#039;")],
    &[('"', "&#34;"), ('\'', "&#39;")],
    &[('"', "&#34;"), ('\'', "&#39;"), ('+', "&#43;")],
    &[('"', "&quot;"), ('\'', "&#39;"), ('/', "&#x2F;"), ('=', "&#x3D;"), ('`', "&#x60;")],
];

fn in_html(plain: &str, escapes: &[(char, &str)]) -> String {
    let escaped = |letter: char| match letter {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        _ => escapes
            .iter()
            .find(|(one, _)| *one == letter)
            .map_or_else(|| letter.to_string(), |(_, as_is)| (*as_is).to_owned()),
    };
    plain.chars().map(escaped).collect()
}

/// The known secrets as one pattern.
#[derive(Clone, Default)]
pub(super) struct KnownSecrets {
    secrets: Vec<SecretText>,
    pattern: Option<Regex>,
    longest: usize,
}

impl fmt::Debug for KnownSecrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[secret]")
    }
}

impl KnownSecrets {
    pub(super) fn new(secrets: impl IntoIterator<Item = SecretText>) -> Self {
        let secrets: Vec<SecretText> = secrets.into_iter().collect();
        let mut forms: Vec<String> = Vec::new();
        for secret in &secrets {
            let plain = secret.expose().trim();
            if plain.len() < MIN_SECRET_LENGTH {
                continue;
            }
            let encoded: String = url::form_urlencoded::byte_serialize(plain.as_bytes()).collect();
            let quoted = Value::from(plain).to_string();
            forms.extend([
                plain.to_owned(),
                encoded,
                plain.bytes().map(|byte| format!("%{byte:02X}")).collect(),
                quoted.trim_matches('"').to_owned(),
            ]);
            forms.extend(HTML_ESCAPES.iter().map(|escapes| in_html(plain, escapes)));
            forms.extend(base64::cores(plain.as_bytes()));
            forms.extend(plain.lines().map(str::trim).filter(|line| line.len() >= 8).map(str::to_owned));
        }
        // The longest first: the first that fits is taken.
        forms.sort_unstable_by(|left, right| right.len().cmp(&left.len()).then_with(|| left.cmp(right)));
        forms.dedup();
        let Some(longest) = forms.first().map(String::len) else { return Self { secrets, ..Self::default() } };
        let all: Vec<String> = forms.iter().map(|form| regex::escape(form)).collect();
        let size = (1 << 20) + all.iter().map(String::len).sum::<usize>() * 256;
        // Literals alone always compile; the bound on the size grows with them.
        Self { secrets, pattern: RegexBuilder::new(&all.join("|")).size_limit(size).build().ok(), longest }
    }

    /// Returns these secrets and others.
    pub(super) fn with(&self, others: &[SecretText]) -> Self {
        Self::new(self.secrets.iter().chain(others).cloned())
    }

    /// Returns these secrets without others, each of which is taken out once: somebody else may have learned it, too.
    pub(super) fn without(&self, others: &[SecretText]) -> Self {
        let mut left = self.secrets.clone();
        for other in others {
            if let Some(at) = left.iter().rposition(|secret| secret == other) {
                left.remove(at);
            }
        }
        Self::new(left)
    }

    /// Returns the length in bytes of the longest form.
    pub(super) const fn longest(&self) -> usize {
        self.longest
    }

    /// Returns where they stand in a text.
    pub(super) fn places<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        self.pattern.iter().flat_map(move |pattern| pattern.find_iter(text).map(|found| found.range()))
    }
}
