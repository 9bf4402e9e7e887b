//! What a JSON document says about health: its own words, and those of the parts in it.

use serde_json::{Map, Value};

use super::names::{
    CODES, CONTAINERS, ENVELOPES, FAILURES, ITEM_NAMES, JUDGED, JUDGED_IN_PARTS, MESSAGES, PROSE, TRUTHS, is,
    is_dependency, is_flag, is_reversed,
};
use super::said::Said;
use super::words::{TROUBLES, WordGrade, compact, grade_of_code, grade_of_head, grade_of_phrase, grade_of_word};
use crate::domain::one_line;

/// How deep parts of parts are followed.
const DEEPEST: usize = 8;

/// What a place's words are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Worth {
    /// They are the document's own.
    Top,
    /// They are a part's, and count as the document's own.
    Part,
    /// They stand where a document may quote the past or speak of something else: they are told.
    Told,
}

/// Judges a document.
pub(super) fn judge_document(document: &Value) -> Said {
    let mut reading = Reading { said: Said::default() };
    match document {
        Value::Object(fields) => reading.object(fields, "", Worth::Top, 0),
        Value::Array(items) => reading.items(items, "", Worth::Part, 0),
        Value::String(text) => reading.word(grade_of_phrase(text), "", text, Worth::Top, false),
        Value::Bool(is_good) => reading.flag(*is_good, "", Worth::Top),
        Value::Null | Value::Number(_) => {}
    }
    reading.said
}

/// Tells whether a document is an object that says at its top how it is.
pub(super) fn has_judged_top(document: &Value) -> bool {
    document.as_object().is_some_and(|fields| fields.keys().any(|name| is(JUDGED, name)))
}

fn is_judged(name: &str, worth: Worth) -> bool {
    is(JUDGED, name) || (worth != Worth::Top && is(JUDGED_IN_PARTS, name))
}

fn says_something(value: &Value) -> bool {
    match value {
        Value::String(text) => !["", "none", "null", "no", "false", "ok"].contains(&compact(text).as_str()),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => false,
    }
}

struct Reading {
    said: Said,
}

impl Reading {
    /// Reads an object: its own fields, the parts in its containers and, at the top, parts under their own names.
    fn object(&mut self, fields: &Map<String, Value>, path: &str, worth: Worth, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        let is_good = fields
            .iter()
            .any(|(name, field)| is_judged(name, worth) && own_grade(name, field) == Some(WordGrade::Good));
        let is_map = worth == Worth::Top && is_map_of_parts(fields);
        for (name, field) in fields {
            let place = joined(path, name);
            if is_judged(name, worth) {
                self.judged(name, field, &place, worth, depth);
            } else if is(CONTAINERS, name) {
                // What a part that is well tells of itself may quote an old failure.
                let quotes = compact(name) == "details" && is_good && worth != Worth::Top;
                let inner = if quotes || worth == Worth::Told { Worth::Told } else { Worth::Part };
                self.children(field, &place, inner, depth, !(compact(name) == "details" && is_good));
            } else if worth == Worth::Top {
                self.at_top(name, field, &place, is_map, depth);
            }
            match worth {
                Worth::Top => self.failure(fields, name, field, &place),
                Worth::Part if !is_good => self.trouble(name, field, &place),
                Worth::Part | Worth::Told => {}
            }
        }
    }

    /// Reads a field of the top whose name is neither judged nor a container's.
    fn at_top(&mut self, name: &str, field: &Value, place: &str, is_map: bool, depth: usize) {
        match field {
            Value::Object(inner) if is(ENVELOPES, name) => self.object(inner, place, Worth::Top, depth + 1),
            Value::Object(_) | Value::Array(_) => {
                let worth = if is_map || is_dependency(name) { Worth::Part } else { Worth::Told };
                self.child(field, place, worth, depth);
                // `{"unhealthy": ["db"]}`
                if says_something(field)
                    && (grade_of_word(name) == Some(WordGrade::Bad) || is(TROUBLES, name))
                    && !is(FAILURES, name)
                {
                    self.said.quote(WordGrade::Bad, format!("{place}: {}", one_line(&field.to_string(), 60)));
                }
            }
            Value::String(text) if is_dependency(name) => {
                self.word(grade_of_head(text), place, text, Worth::Part, true)
            }
            Value::String(text) if is(MESSAGES, name) => {
                self.word(grade_of_phrase(text), place, text, Worth::Told, true)
            }
            Value::String(text) => self.word(grade_of_word(text), place, text, Worth::Told, true),
            // `redis: false` may say that there is none.
            Value::Bool(is_good) if is_dependency(name) => {
                self.flag(*is_good, place, if *is_good { Worth::Part } else { Worth::Told });
            }
            _ => {}
        }
    }

    /// Reads what says by being there that the document failed, and numbers that are codes beside a message.
    fn failure(&mut self, fields: &Map<String, Value>, name: &str, field: &Value, place: &str) {
        // What lies in it has said so already where it names its parts.
        let is_said = self.said.bad.iter().any(|line| line.starts_with(place));
        if is(FAILURES, name) && says_something(field) && !is_said {
            let shown = field.as_str().map_or_else(|| field.to_string(), str::to_owned);
            self.said.take(WordGrade::Bad, format!("{place}: {}", one_line(&shown, 60)));
        }
        let has_message = fields.keys().any(|name| is(MESSAGES, name));
        if let Some(code) = field.as_u64().filter(|_| has_message && is(CODES, name))
            && grade_of_code(code) == Some(WordGrade::Bad)
        {
            self.said.take(WordGrade::Bad, format!("{place}: {code}"));
        }
    }

    /// Tells the error of a part that does not say that it is well.
    fn trouble(&mut self, name: &str, field: &Value, place: &str) {
        if let Value::String(text) = field
            && is(FAILURES, name)
            && says_something(field)
        {
            self.said.quote(WordGrade::Bad, format!("{place}: {}", one_line(text, 60)));
        }
    }

    /// Reads a field that says how something is.
    fn judged(&mut self, name: &str, field: &Value, place: &str, worth: Worth, depth: usize) {
        match field {
            Value::String(text) => self.word(grade_of_phrase(text), place, text, worth, false),
            Value::Bool(is_good) => self.flag(*is_good, place, worth),
            Value::Number(number) => self.word(own_grade(name, field), place, &number.to_string(), worth, false),
            Value::Object(_) | Value::Array(_) => {
                let inner = if worth == Worth::Top { Worth::Part } else { worth };
                self.children(field, place, inner, depth, true);
            }
            Value::Null => {}
        }
    }

    /// Reads the parts in a container: named ones, a list of them, or a word for each. A `false` is a part's own word only
    /// directly in a container (`takes_flags`): deeper, and in the details of what is well, it may be any property.
    fn children(&mut self, field: &Value, place: &str, worth: Worth, depth: usize, takes_flags: bool) {
        match field {
            Value::Object(parts) if depth <= DEEPEST => {
                for (name, inner) in parts.iter().filter(|(name, _)| !is(PROSE, name)) {
                    let inner_place = joined(place, name);
                    let is_property = matches!(inner, Value::Bool(false)) && !takes_flags;
                    self.child(inner, &inner_place, if is_property { Worth::Told } else { worth }, depth);
                    self.trouble(name, inner, &inner_place);
                }
            }
            Value::Array(items) => self.items(items, place, worth, depth),
            _ => {}
        }
    }

    fn child(&mut self, inner: &Value, place: &str, worth: Worth, depth: usize) {
        match inner {
            Value::Object(fields) if fields.keys().any(|name| is_judged(name, worth) || is(CONTAINERS, name)) => {
                self.object(fields, place, worth, depth + 1);
            }
            // Parts in groups; where no parts are known to be, only what says of itself how it is.
            Value::Object(_) if worth == Worth::Part => self.children(inner, place, worth, depth + 1, false),
            Value::Object(group) if depth < DEEPEST => {
                for (name, part) in group.iter().filter(|(_, part)| part.is_object()) {
                    self.child(part, &joined(place, name), worth, depth + 1);
                }
            }
            Value::Array(items) => self.items(items, place, worth, depth + 1),
            // A word that says how a part is, or is at least said to be unknown: another text is none.
            Value::String(text) => self.word(grade_of_head(text), place, text, worth, true),
            Value::Bool(is_good) => self.flag(*is_good, place, worth),
            _ => {}
        }
    }

    fn items(&mut self, items: &[Value], place: &str, worth: Worth, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        for (index, item) in items.iter().enumerate() {
            match item {
                Value::Object(fields) => {
                    let named = fields.iter().find(|(name, _)| is(ITEM_NAMES, name));
                    let label =
                        named.and_then(|(_, name)| name.as_str()).map_or_else(|| index.to_string(), str::to_owned);
                    self.child(item, &joined(place, &label), worth, depth);
                }
                // `["Database", true]`
                Value::Array(pair) => {
                    if let [Value::String(name), said @ (Value::Bool(_) | Value::String(_))] = pair.as_slice() {
                        self.child(said, &joined(place, name), worth, depth + 1);
                    }
                }
                // `"database: down"`
                Value::String(text) => {
                    if let Some((name, said)) = text.split_once(": ") {
                        self.word(grade_of_head(said), &joined(place, name), said, worth, true);
                    }
                }
                _ => {}
            }
        }
    }

    fn flag(&mut self, is_good: bool, place: &str, worth: Worth) {
        let (grade, worth) = match (is_reversed(place), is_good) {
            (_, false) if is_flag(place) => (WordGrade::Bad, Worth::Told),
            (true, false) => return,
            (true, true) => (WordGrade::Bad, Worth::Told),
            (false, true) => (WordGrade::Good, worth),
            (false, false) => (WordGrade::Bad, worth),
        };
        self.word(Some(grade), place, if is_good { "true" } else { "false" }, worth, false);
    }

    /// Keeps what a word says; a word on no list counts only where one is expected.
    fn word(&mut self, grade: Option<WordGrade>, place: &str, text: &str, worth: Worth, may_be_prose: bool) {
        let shown = one_line(text, 60);
        let line = if place.is_empty() { shown } else { format!("{place}: {shown}") };
        match (grade, worth) {
            (None, _) if may_be_prose => {}
            (None | Some(WordGrade::Unknown), Worth::Top) => self.said.take_unknown_top(line),
            (None, Worth::Part) => self.said.take(WordGrade::Unknown, line),
            (Some(grade), Worth::Top) => self.said.take_top(grade, line),
            (Some(grade), Worth::Part) => self.said.take(grade, line),
            (Some(grade), Worth::Told) => self.said.quote(grade, line),
            (None, Worth::Told) => {}
        }
    }
}

/// What a judged field says by itself, without what lies in it.
fn own_grade(name: &str, field: &Value) -> Option<WordGrade> {
    match field {
        Value::String(text) => grade_of_phrase(text),
        Value::Bool(is_good) => Some(if *is_good { WordGrade::Good } else { WordGrade::Bad }),
        Value::Number(number) => match number.as_u64()? {
            1 if is(TRUTHS, name) => Some(WordGrade::Good),
            0 if is(TRUTHS, name) => Some(WordGrade::Bad),
            code => grade_of_code(code),
        },
        _ => None,
    }
}

/// Tells whether a document is a map of parts by name (Dropwizard, OkComputer, Airflow, Nomad): it says nothing of itself,
/// and each object in it says how it is.
fn is_map_of_parts(fields: &Map<String, Value>) -> bool {
    let parts: Vec<_> = fields.values().filter_map(Value::as_object).collect();
    let is_part = |part: &&Map<String, Value>| part.keys().any(|name| is_judged(name, Worth::Part));
    !fields.keys().any(|name| is(JUDGED, name)) && parts.len() > 1 && parts.iter().all(is_part)
}

fn joined(path: &str, name: &str) -> String {
    let name = one_line(name, 40);
    if path.is_empty() { name } else { format!("{path}.{name}") }
}
