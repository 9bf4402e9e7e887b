//! Where an answer tells its build: fields of documents, lines of text, headers and the tags of a page.

use serde_json::Value;

use super::commit::{has_letter_and_digit, whole, within};
use super::names::{
    FieldNaming, is_about_itself, is_dirty_name, naming_in_health, naming_of, naming_of_header_beside, plain,
};
use crate::domain::{one_line, read_strictly};

/// How deep documents are read.
const DEEPEST: usize = 6;
/// How many words of one answer are kept; git is asked for each.
const MAX_WORDS: usize = 48;
/// A line is short where it tells a version.
const MAX_LINE_WORDS: usize = 12;
/// The longest value that is a version, in bytes.
const MAX_VALUE_BYTES: usize = 300;

/// Who says that a place tells the build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlaceKind {
    /// A person, in `version`: what stands there is meant.
    Configured,
    /// We guess it: a version route.
    Guessed,
    /// It is about something else, and may tell the build, too: a health answer, the headers or the page of any route.
    Beside,
}

/// Where words were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildPlace {
    /// The path that answered.
    pub path: String,
    /// Who says that it tells the build.
    pub kind: PlaceKind,
    /// The one field that the configuration names (`data.build.id`); all are read without it.
    pub field: Option<String>,
    /// Whether a cache gave the answer, although it was asked past caches.
    pub is_cached: bool,
}

/// What an answer tells.
#[derive(Debug, Clone, Copy)]
pub enum BuildAnswer<'a> {
    /// A decoded body that is no page: a document, lines or a word.
    Body(&'a str),
    /// A decoded body of a health route: what is said of the service itself, and not of its parts.
    Health(&'a str),
    /// A page: the tags in its head.
    Page(&'a str),
    /// Headers, by name and value.
    Headers(&'a [(String, String)]),
}

/// A word of an answer that may tell the build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildWord {
    /// Where it was read.
    pub place: BuildPlace,
    /// The field: `git.commit.id`, `header x-commit`, `meta version`; empty for a text answer.
    pub field: String,
    /// The value as production writes it; elsewhere than in named fields the digits alone.
    pub word: String,
    /// What its field is named for.
    pub naming: FieldNaming,
    /// Whether the answer says beside it that the build holds uncommitted changes.
    pub is_dirty: bool,
}

impl BuildWord {
    /// Tells whether it is a field of a document, and no header and no tag of a page.
    pub fn is_of_a_document(&self) -> bool {
        !self.field.starts_with("header ") && !self.field.starts_with("meta ")
    }

    /// Tells whether the field is named for a commit.
    pub fn named_for_commit(&self) -> bool {
        self.naming == FieldNaming::Commit
    }

    /// Returns the place for messages: `/version`, `header x-commit of /`, `/actuator/info (git.commit.id)`.
    pub fn at(&self) -> String {
        let (field, path) = (one_line(&self.field, 60), one_line(&self.place.path, 60));
        match (field.as_str(), path.as_str()) {
            ("", path) => path.to_owned(),
            (field, path) if field.starts_with("header ") || field.starts_with("meta ") => format!("{field} of {path}"),
            (field, path) => format!("{path} ({field})"),
        }
    }
}

/// Returns the words of an answer that may tell its build, those in named fields first.
pub fn words_of(place: &BuildPlace, told: BuildAnswer<'_>) -> Vec<BuildWord> {
    let is_health = matches!(told, BuildAnswer::Health(_));
    let mut found = Found { place, is_health, words: Vec::new(), is_dirty: false };
    match told {
        BuildAnswer::Headers(headers) => found.headers(headers),
        BuildAnswer::Page(page) => found.page(page),
        BuildAnswer::Body(text) | BuildAnswer::Health(text) => match read_strictly(text.trim()) {
            Some(document @ (Value::Object(_) | Value::Array(_))) => {
                found.document(&document, &mut Vec::new(), false, 0)
            }
            Some(Value::String(inner)) => found.text(&inner),
            // A bare number is text: `1.10` must not become 1.1, and `1234567` is a short commit.
            _ => found.text(text),
        },
    }
    found.finish()
}

struct Found<'a> {
    place: &'a BuildPlace,
    is_health: bool,
    words: Vec<BuildWord>,
    is_dirty: bool,
}

impl Found<'_> {
    fn finish(mut self) -> Vec<BuildWord> {
        let is_dirty = self.is_dirty;
        self.words.iter_mut().for_each(|word| word.is_dirty |= is_dirty);
        if self.place.kind == PlaceKind::Beside {
            // A version in words says nothing there: it may be anybody's.
            self.words.retain(|word| word.naming != FieldNaming::Version || !within(&word.word).is_empty());
        }
        self.words.sort_by_key(|word| word.naming);
        self.words.truncate(MAX_WORDS);
        self.words
    }

    fn keep(&mut self, field: &str, word: &str, naming: FieldNaming) {
        let (field, word) = (field.to_owned(), word.trim().to_owned());
        self.words.push(BuildWord { place: self.place.clone(), field, word, naming, is_dirty: false });
    }

    /// Keeps what a field says. A field for a commit that says more than one is read as a version is.
    fn field(&mut self, shown: &str, value: &str, naming: FieldNaming) {
        let value = value.trim();
        let naming = match &self.place.field {
            Some(wanted) if plain(wanted) == plain(shown) => naming.min(FieldNaming::Version),
            Some(_) => return,
            None => naming,
        };
        match naming {
            FieldNaming::Commit if whole(value).is_some() || within(value).is_empty() => {
                self.keep(shown, value, naming)
            }
            FieldNaming::Commit | FieldNaming::Version if !value.is_empty() && value.len() <= MAX_VALUE_BYTES => {
                let naming = if self.place.kind == PlaceKind::Configured && whole(value).is_some() {
                    FieldNaming::Commit
                } else {
                    FieldNaming::Version
                };
                self.keep(shown, value, naming);
            }
            // Named fields may follow, so what is not named is bounded by itself.
            _ if self.words.len() > 4 * MAX_WORDS => {}
            _ => {
                let words = within(value).into_iter().filter(|hex| has_letter_and_digit(&hex.digits));
                for hex in words.take(4 * MAX_WORDS) {
                    self.keep(shown, &hex.digits, FieldNaming::Elsewhere);
                }
            }
        }
    }

    fn document(&mut self, value: &Value, path: &mut Vec<String>, is_listed: bool, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        match value {
            Value::Object(fields) => {
                for (name, inner) in fields {
                    path.push(name.clone());
                    self.document(inner, path, is_listed, depth + 1);
                    path.pop();
                }
            }
            // A list tells of several builds, as a changelog does: none of them is the one that runs.
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    path.push(index.to_string());
                    self.document(item, path, is_listed || items.len() > 1, depth + 1);
                    path.pop();
                }
            }
            Value::Bool(is_set) => self.is_dirty |= *is_set && self.says_dirt(&names),
            Value::Number(number) => {
                self.is_dirty |= self.says_dirt(&names) && number.as_u64().is_some_and(|count| count > 0);
                let naming =
                    if is_listed { FieldNaming::Elsewhere } else { self.naming(&names).max(FieldNaming::Version) };
                self.field(&path.join("."), &number.to_string(), naming);
            }
            Value::String(text) => {
                self.is_dirty |= self.says_dirt(&names) && says_dirty(text);
                let naming = if is_listed { FieldNaming::Elsewhere } else { self.naming(&names) };
                self.field(&path.join("."), text, naming);
            }
            Value::Null => {}
        }
    }

    fn naming(&self, path: &[&str]) -> FieldNaming {
        if self.is_health { naming_in_health(path) } else { naming_of(path) }
    }

    fn says_dirt(&self, path: &[&str]) -> bool {
        is_dirty_name(path) && (!self.is_health || is_about_itself(path))
    }

    fn text(&mut self, text: &str) {
        let lines: Vec<&str> =
            text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        let rows: Option<Vec<(&str, &str)>> = lines.iter().map(|line| row(line)).collect();
        match (lines.as_slice(), rows) {
            (_, Some(rows)) if !rows.is_empty() => {
                for (name, value) in rows {
                    self.is_dirty |= is_dirty_name(&[name]) && says_dirty(value);
                    self.field(name, value, naming_of(&[name]));
                }
            }
            ([line], _) if line.split_whitespace().count() <= MAX_LINE_WORDS && !line.contains(['<', '{']) => {
                self.field("", line, FieldNaming::Version)
            }
            _ => self.field("", text, FieldNaming::Elsewhere),
        }
    }

    fn headers(&mut self, headers: &[(String, String)]) {
        for (name, value) in headers {
            let naming = match self.place.kind {
                PlaceKind::Beside => naming_of_header_beside(name),
                _ => naming_of(&[name.as_str()]),
            };
            self.is_dirty |= is_dirty_name(&[name.strip_prefix("x-").unwrap_or(name)]) && says_dirty(value);
            let is_meant = self.place.kind == PlaceKind::Configured;
            // Ids of requests and cookies hold digits, too, that are nobody's commit; an ETag may hold one.
            if is_meant || naming != FieldNaming::Elsewhere || name.eq_ignore_ascii_case("etag") {
                let naming = if is_meant { FieldNaming::Version.min(naming) } else { naming };
                self.field(&format!("header {}", name.to_ascii_lowercase()), value, naming);
            }
        }
    }

    fn page(&mut self, page: &str) {
        for tag in without_comments(page)
            .split('<')
            .filter(|tag| tag.get(..4).is_some_and(|name| name.eq_ignore_ascii_case("meta")))
        {
            let tag = tag.split('>').next().unwrap_or_default();
            if let Some((name, value)) =
                attribute(tag, "name").or_else(|| attribute(tag, "property")).zip(attribute(tag, "content"))
            {
                // `generator` and `viewport` are named for neither.
                let naming = naming_of(&[name.as_str()]);
                if naming != FieldNaming::Elsewhere {
                    self.field(&format!("meta {name}"), &value, naming);
                }
            }
        }
    }
}

fn says_dirty(text: &str) -> bool {
    ["true", "dirty", "yes", "1", "modified"].contains(&text.trim().to_ascii_lowercase().as_str())
}

/// Reads `name=value` and `name: value`; a name is one word of few letters.
fn row(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=').or_else(|| line.split_once(": "))?;
    let name = name.trim().trim_start_matches("export ").trim();
    let is_name =
        !name.is_empty() && name.len() <= 60 && name.split_whitespace().count() <= 3 && !name.contains(['/', '<', ':']);
    is_name.then(|| (name, value.trim().trim_matches(['"', '\''])))
}

fn without_comments(page: &str) -> String {
    let mut kept = String::new();
    for (index, part) in page.split("<!--").enumerate() {
        kept.push_str(if index == 0 { part } else { part.split_once("-->").map_or("", |(_, after)| after) });
    }
    kept
}

/// Returns an attribute's value, quoted or not.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let lower = tag.to_ascii_lowercase();
    let mut from = 0;
    while let Some(at) = lower.get(from..)?.find(name) {
        let start = from + at;
        let is_apart =
            lower.get(..start)?.ends_with(|before: char| before.is_whitespace() || before == '"' || before == '\'');
        let after = tag.get(start + name.len()..)?.trim_start();
        if let Some(value) = after.strip_prefix('=').filter(|_| is_apart) {
            let value = value.trim_start();
            let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''));
            return match quote {
                Some(quote) => value.get(1..)?.split(quote).next().map(str::to_owned),
                None => value.split(|letter: char| letter.is_whitespace() || letter == '/').next().map(str::to_owned),
            };
        }
        from = start + name.len();
    }
    None
}
