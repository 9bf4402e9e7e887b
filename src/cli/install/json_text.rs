//! Edits one entry of a JSON text and leaves every other byte as it is.
//!
//! The text is read by serde_json first, so that the scanner below only ever sees valid JSON; the result is read
//! again and compared with what it should say.

use serde_json::{Map, Value};

use super::edit::EditError;

const UNIT: &str = "  ";

/// Returns the entry `section.name`.
pub(super) fn entry(text: &str, section: &str, name: &str) -> Result<Option<Map<String, Value>>, EditError> {
    let document = parse(text)?;
    let Some(servers) = section_of(&document, section)? else { return Ok(None) };
    match servers.get(name) {
        None => Ok(None),
        Some(Value::Object(entry)) => Ok(Some(entry.clone())),
        Some(_) => Err(no_object(name)),
    }
}

/// Sets the entry `section.name`.
pub(super) fn set(text: &str, section: &str, name: &str, entry: &Map<String, Value>) -> Result<String, EditError> {
    let text = if text.trim().is_empty() { "{}\n" } else { text };
    let mut wanted = parse(text)?;
    let style = Style::of(text);
    let top = object_at(text, first_byte(text))?;
    let edited = match only(&top, section)? {
        None => {
            let servers = Map::from_iter([(name.to_owned(), Value::Object(entry.clone()))]);
            style.insert(text, &top, section, &Value::Object(servers))
        }
        Some(member) => {
            section_of(&wanted, section)?;
            let servers = object_at(text, member.value.0)?;
            match only(&servers, name)? {
                None => style.insert(text, &servers, name, &Value::Object(entry.clone())),
                Some(old) => {
                    let indent = line_indent(text, old.key);
                    let value = style.render(&Value::Object(entry.clone()), indent);
                    splice(text, old.value, &value)
                }
            }
        }
    };
    let servers = wanted.entry(section.to_owned()).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(servers) = servers {
        servers.insert(name.to_owned(), Value::Object(entry.clone()));
    }
    if parse(&edited)? == wanted { Ok(edited) } else { Err(EditError::Wrong) }
}

/// Removes the entry `section.name`.
pub(super) fn remove(text: &str, section: &str, name: &str) -> Result<String, EditError> {
    let mut wanted = parse(text)?;
    section_of(&wanted, section)?;
    let top = object_at(text, first_byte(text))?;
    let Some(member) = only(&top, section)? else { return Ok(text.to_owned()) };
    let servers = object_at(text, member.value.0)?;
    only(&servers, name)?;
    let Some(index) = servers.members.iter().position(|member| member.name == name) else {
        return Ok(text.to_owned());
    };
    let members = &servers.members;
    let member = members.get(index).ok_or(EditError::Wrong)?;
    let span = match (index.checked_sub(1).and_then(|before| members.get(before)), members.get(index + 1)) {
        (_, Some(next)) => (member.key, next.key),
        (Some(before), None) => (before.value.1, member.value.1),
        (None, None) => (servers.open + 1, servers.close),
    };
    let edited = splice(text, span, "");
    if let Some(Value::Object(servers)) = wanted.get_mut(section) {
        servers.shift_remove(name);
    }
    if parse(&edited)? == wanted { Ok(edited) } else { Err(EditError::Wrong) }
}

/// Tells whether a text holds no more than an empty `section`.
pub(super) fn says_nothing(text: &str, section: &str) -> bool {
    let empty = |value: &Value| value.as_object().is_some_and(Map::is_empty);
    parse(text).is_ok_and(|document| document.iter().all(|(key, value)| key == section && empty(value)))
}

fn parse(text: &str) -> Result<Map<String, Value>, EditError> {
    if text.trim().is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(document)) => Ok(document),
        Ok(_) => Err(EditError::WrongKind { key: "the whole".into(), wanted: "an object" }),
        Err(error) => Err(EditError::Unreadable { format: "JSON", reason: error.to_string() }),
    }
}

fn section_of<'a>(
    document: &'a Map<String, Value>,
    section: &str,
) -> Result<Option<&'a Map<String, Value>>, EditError> {
    match document.get(section) {
        None => Ok(None),
        Some(Value::Object(servers)) => Ok(Some(servers)),
        Some(_) => Err(no_object(section)),
    }
}

fn no_object(key: &str) -> EditError {
    EditError::WrongKind { key: key.to_owned(), wanted: "an object" }
}

/// The parts of an object's text.
#[derive(Debug)]
struct ObjectText {
    open: usize,
    close: usize,
    members: Vec<Member>,
}

/// Where a member stands: its key begins at `key`, its value is `value`.
#[derive(Debug)]
struct Member {
    name: String,
    key: usize,
    value: (usize, usize),
}

fn only<'a>(object: &'a ObjectText, name: &str) -> Result<Option<&'a Member>, EditError> {
    let mut found = object.members.iter().filter(|member| member.name == name);
    match (found.next(), found.next()) {
        (_, Some(_)) => Err(EditError::Twice { key: name.to_owned() }),
        (member, None) => Ok(member),
    }
}

fn object_at(text: &str, open: usize) -> Result<ObjectText, EditError> {
    Scanner { bytes: text.as_bytes(), at: open }.object(text).ok_or(EditError::Wrong)
}

fn first_byte(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

/// Steps over valid JSON.
struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn object(&mut self, text: &str) -> Option<ObjectText> {
        let open = self.at;
        if self.peek()? != b'{' {
            return None;
        }
        self.at += 1;
        let mut members = Vec::new();
        loop {
            self.space();
            match self.peek()? {
                b'}' => return Some(ObjectText { open, close: self.at, members }),
                b',' => self.at += 1,
                _ => {
                    let key = self.at;
                    self.string()?;
                    let name = serde_json::from_str(text.get(key..self.at)?).ok()?;
                    self.space();
                    // The colon.
                    self.at += 1;
                    self.space();
                    let start = self.at;
                    self.value()?;
                    members.push(Member { name, key, value: (start, self.at) });
                }
            }
        }
    }

    fn string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            match self.peek()? {
                b'\\' => self.at += 2,
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                _ => self.at += 1,
            }
        }
    }

    fn value(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => self.string()?,
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1)?;
                    self.at += 1;
                }
                byte if depth > 0 && (byte.is_ascii_whitespace() || matches!(byte, b',' | b':')) => {
                    self.at += 1;
                    continue;
                }
                _ => self.scalar(),
            }
            if depth == 0 {
                return Some(());
            }
        }
    }

    /// A number, true, false or null.
    fn scalar(&mut self) {
        while self.peek().is_some_and(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b',' | b'}' | b']')) {
            self.at += 1;
        }
    }
}

fn splice(text: &str, (start, end): (usize, usize), replacement: &str) -> String {
    let (before, after) = (text.get(..start).unwrap_or_default(), text.get(end..).unwrap_or_default());
    format!("{before}{replacement}{after}")
}

/// Returns the white space that begins the line of a byte.
fn line_indent(text: &str, at: usize) -> &str {
    let before = text.get(..at).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |line_break| line_break + 1);
    let line = before.get(start..).unwrap_or_default();
    line.get(..line.len() - line.trim_start().len()).unwrap_or_default()
}

/// How a text is laid out.
struct Style {
    unit: String,
    line_break: &'static str,
}

impl Style {
    fn of(text: &str) -> Self {
        let line_break = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let unit = object_at(text, first_byte(text))
            .ok()
            .and_then(|top| top.members.first().map(|member| line_indent(text, member.key).to_owned()))
            .filter(|unit| !unit.is_empty());
        Self { unit: unit.unwrap_or_else(|| UNIT.to_owned()), line_break }
    }

    /// Adds a member at the end of an object.
    fn insert(&self, text: &str, object: &ObjectText, name: &str, value: &Value) -> String {
        let name = Value::from(name);
        match (object.members.first(), object.members.last()) {
            (Some(first), Some(last)) => {
                let between = text.get(object.open..first.key).unwrap_or_default();
                let member = if between.contains('\n') {
                    let indent = line_indent(text, first.key);
                    format!(",{}{indent}{name}: {}", self.line_break, self.render(value, indent))
                } else {
                    format!(", {name}: {value}")
                };
                splice(text, (last.value.1, last.value.1), &member)
            }
            _ => {
                let outer = line_indent(text, object.open);
                let indent = format!("{outer}{}", self.unit);
                let (line_break, value) = (self.line_break, self.render(value, &indent));
                let inner = format!("{line_break}{indent}{name}: {value}{line_break}{outer}");
                splice(text, (object.open + 1, object.close), &inner)
            }
        }
    }

    /// Writes objects over several lines and lists on one, as people do in these files.
    fn render(&self, value: &Value, indent: &str) -> String {
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                let inner = format!("{indent}{}", self.unit);
                let members: Vec<String> = fields
                    .iter()
                    .map(|(key, value)| format!("{inner}{}: {}", Value::from(key.as_str()), self.render(value, &inner)))
                    .collect();
                let line_break = self.line_break;
                format!("{{{line_break}{}{line_break}{indent}}}", members.join(&format!(",{line_break}")))
            }
            Value::Array(values) => {
                let values: Vec<String> = values.iter().map(Value::to_string).collect();
                format!("[{}]", values.join(", "))
            }
            other => other.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn ours() -> Map<String, Value> {
        let Value::Object(entry) = json!({ "command": "s", "args": ["mcp", "-x"] }) else { unreachable!() };
        entry
    }

    #[test]
    fn a_new_file_is_laid_out_as_people_do() {
        insta::assert_snapshot!(set("", "mcpServers", "s", &ours()).expect("set"), @r#"
        {
          "mcpServers": {
            "s": {
              "command": "s",
              "args": ["mcp", "-x"]
            }
          }
        }
        "#);
    }

    #[test]
    fn every_other_byte_stays() {
        let text =
            "{\n\t\"b\": [1,2 ,3],\n\t\"mcpServers\": {\n\t\t\"other\": {\"command\":\"o\"}\n\t},\n\t\"a\": 1e2\n}";
        let edited = set(text, "mcpServers", "s", &ours()).expect("set");
        let inserted = ",\n\t\t\"s\": {\n\t\t\t\"command\": \"s\",\n\t\t\t\"args\": [\"mcp\", \"-x\"]\n\t\t}";
        assert_eq!(edited.replace(inserted, ""), text);
        assert_eq!(remove(&edited, "mcpServers", "s").expect("removed"), text);
    }

    #[test]
    fn windows_line_ends_and_single_lines_are_kept() {
        let edited = set("{\r\n  \"a\": 1\r\n}\r\n", "mcpServers", "s", &ours()).expect("set");
        assert!(!edited.replace("\r\n", "").contains('\n'), "{edited:?}");
        let edited = set(r#"{"a": 1}"#, "mcpServers", "s", &ours()).expect("set");
        assert_eq!(edited, r#"{"a": 1, "mcpServers": {"s":{"command":"s","args":["mcp","-x"]}}}"#);
    }

    #[test]
    fn comments_trailing_commas_and_other_kinds_are_refused() {
        for text in ["{ // mine\n}", "{\"a\": 1,}", "{", "\u{feff}{}"] {
            let refused = set(text, "mcpServers", "s", &ours()).expect_err(text);
            assert!(matches!(refused, EditError::Unreadable { format: "JSON", .. }), "{refused}");
        }
        for text in ["[]", "{\"mcpServers\": 1}", "{\"mcpServers\": {\"s\": 1}}"] {
            assert!(matches!(entry(text, "mcpServers", "s"), Err(EditError::WrongKind { .. })), "{text}");
        }
        let twice = "{\"mcpServers\": {}, \"mcpServers\": {}}";
        assert!(matches!(set(twice, "mcpServers", "s", &ours()), Err(EditError::Twice { .. })));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".*".prop_map(Value::from)
        ];
        leaf.prop_recursive(3, 24, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((".{0,6}", inner), 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_document_keeps_all_else(value in any_json(), pretty in any::<bool>(), servers in any_json()) {
            let mut document = Map::from_iter([("x".to_owned(), value)]);
            if let Value::Object(servers) = servers {
                document.insert("mcpServers".into(), Value::Object(servers));
            }
            let value = Value::Object(document.clone());
            let text = if pretty { format!("{value:#}") } else { value.to_string() };
            let mut with = document.clone();
            match entry(&text, "mcpServers", "s") {
                Err(_) => return Ok(()),
                Ok(Some(_)) => return Ok(()),
                Ok(None) => {
                    let servers = with.entry("mcpServers").or_insert_with(|| json!({}));
                    servers["s"] = Value::Object(ours());
                }
            }
            let edited = set(&text, "mcpServers", "s", &ours()).expect("set");
            prop_assert_eq!(serde_json::from_str::<Value>(&edited).expect("JSON"), Value::Object(with));
            let removed: Value = serde_json::from_str(&remove(&edited, "mcpServers", "s").expect("removed")).expect("JSON");
            document.entry("mcpServers").or_insert_with(|| json!({}));
            prop_assert_eq!(removed, Value::Object(document));
        }
    }
}
