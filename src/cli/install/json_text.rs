//! Edits one entry of a JSON text, which may have comments and trailing commas, and leaves every other byte as it is.
//!
//! jsonc-parser reads the text and says where each token stands. Its own editing tree (`cst`) is not used: it breaks an
//! object that stands on one line over several lines, and it drops blank lines. The result is read again and compared
//! with what it should say.

use jsonc_parser::ast::{self, Object, ObjectProp};
use jsonc_parser::common::Ranged;
use jsonc_parser::tokens::{Token, TokenAndRange};
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};
use serde_json::{Map, Value};

use super::edit::{EditError, KeyChange};

const INDENT: &str = "  ";

/// The options to read JSON as VS Code does: with comments and trailing commas, and nothing else of JSON5.
const DIALECT: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_trailing_commas: true,
    allow_loose_object_property_names: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// Returns the entry `section.name`.
pub(super) fn entry(text: &str, section: &str, name: &str) -> Result<Option<Map<String, Value>>, EditError> {
    let document = ClientJson::read(text)?;
    let Some(servers) = member(&document.top, section)? else { return Ok(None) };
    let entry = member(object_of(servers)?, name)?.map(object_of).transpose()?;
    Ok(entry.map(fields))
}

/// Applies changes to the entry `section.name`, which may be new.
pub(super) fn set(text: &str, section: &str, name: &str, changes: &[KeyChange]) -> Result<String, EditError> {
    let present = entry(text, section, name)?;
    let mut wanted = present.clone().unwrap_or_default();
    for KeyChange { key, new, .. } in changes {
        match new {
            Some(value) => wanted.insert(key.clone(), value.clone()),
            None => wanted.shift_remove(key),
        };
    }
    let edited = match present {
        None => put(text, &[section, name], &Value::Object(wanted.clone()))?,
        Some(_) => changes.iter().try_fold(text.to_owned(), |text, KeyChange { key, new, .. }| match new {
            Some(value) => put(&text, &[section, name, key], value),
            None => cut(&text, &[section, name, key]),
        })?,
    };
    says_only(&edited, text, section, name, Some(wanted))
}

/// Removes the entry `section.name`, and the section when nothing is left in it, comments counted.
pub(super) fn remove(text: &str, section: &str, name: &str) -> Result<String, EditError> {
    let mut edited = cut(text, &[section, name])?;
    if is_empty_object(&edited, &[section])? {
        edited = cut(&edited, &[section])?;
    }
    says_only(&edited, text, section, name, None)
}

/// Tells whether a text holds no more than an empty `section`. A comment counts as content.
pub(super) fn says_nothing(text: &str, section: &str) -> bool {
    let empty = |member: &ObjectProp<'_>| {
        member.name.as_str() == section && object_of(member).is_ok_and(|servers| servers.properties.is_empty())
    };
    ClientJson::read(text)
        .is_ok_and(|document| document.top.properties.iter().all(empty) && !document.tokens.iter().any(is_comment))
}

/// Returns an edited text when it differs from the one before in our entry alone.
fn says_only(
    edited: &str,
    before: &str,
    section: &str,
    name: &str,
    entry: Option<Map<String, Value>>,
) -> Result<String, EditError> {
    let mut wanted = fields(&ClientJson::read(before)?.top);
    match entry {
        Some(entry) => {
            let servers = wanted.entry(section).or_insert_with(|| Value::Object(Map::new()));
            servers.as_object_mut().ok_or(EditError::Wrong)?.insert(name.to_owned(), Value::Object(entry));
        }
        None => {
            wanted.get_mut(section).and_then(Value::as_object_mut).and_then(|servers| servers.shift_remove(name));
            let is_gone = member(&ClientJson::read(edited)?.top, section)?.is_none();
            if is_gone && wanted.get(section) == Some(&Value::Object(Map::new())) {
                wanted.shift_remove(section);
            }
        }
    }
    if fields(&ClientJson::read(edited)?.top) == wanted { Ok(edited.to_owned()) } else { Err(EditError::Wrong) }
}

/// Puts a value at a path; objects on the way that are missing are made.
pub(super) fn put(text: &str, path: &[&str], value: &Value) -> Result<String, EditError> {
    let document = ClientJson::read(text)?;
    let mut object = &document.top;
    let mut rest = path;
    while let [name, inner @ ..] = rest {
        match member(object, name)? {
            None => {
                let nested = |value, name: &&str| Value::Object(Map::from_iter([((*name).to_owned(), value)]));
                let value = inner.iter().rev().fold(value.clone(), nested);
                return Ok(document.insert(object, name, &value));
            }
            Some(member) if inner.is_empty() => {
                let indent = line_indent(document.text, member.range.start);
                let old = member.value.range();
                return Ok(splice(document.text, old.start, old.end, &document.render(value, indent)));
            }
            Some(member) => object = object_of(member)?,
        }
        rest = inner;
    }
    Err(EditError::Wrong)
}

/// Cuts out the member at a path, if it is there.
pub(super) fn cut(text: &str, path: &[&str]) -> Result<String, EditError> {
    let document = ClientJson::read(text)?;
    let mut object = &document.top;
    let mut rest = path;
    while let [name, inner @ ..] = rest {
        match member(object, name)? {
            None => break,
            Some(member) if inner.is_empty() => return Ok(document.without(object, member)),
            Some(member) => object = object_of(member)?,
        }
        rest = inner;
    }
    Ok(text.to_owned())
}

/// Tells whether the object at a path is there and holds nothing, not even a comment.
pub(super) fn is_empty_object(text: &str, path: &[&str]) -> Result<bool, EditError> {
    let document = ClientJson::read(text)?;
    let mut object = &document.top;
    for name in path {
        match member(object, name)? {
            Some(member) => object = object_of(member)?,
            None => return Ok(false),
        }
    }
    let tokens = &document.tokens[document.token_at(object.range.start)..document.token_at(object.range.end)];
    Ok(object.properties.is_empty() && !tokens.iter().any(is_comment))
}

/// A text that was read: its value, and the places of its tokens and comments.
pub(super) struct ClientJson<'a> {
    pub(super) text: &'a str,
    pub(super) top: Object<'a>,
    pub(super) tokens: Vec<TokenAndRange<'a>>,
}

impl<'a> ClientJson<'a> {
    pub(super) fn read(text: &'a str) -> Result<Self, EditError> {
        let text = if text.trim().is_empty() { "{}\n" } else { text };
        let collect = CollectOptions { comments: CommentCollectionStrategy::AsTokens, tokens: true };
        let parsed = parse_to_ast(text, &collect, &DIALECT)
            // The message names a kind of mistake and a place. It shows nothing of the text, which may hold secrets.
            .map_err(|error| EditError::Unreadable { format: "JSON", reason: error.to_string() })?;
        match parsed.value {
            Some(ast::Value::Object(top)) => Ok(Self { text, top, tokens: parsed.tokens.unwrap_or_default() }),
            _ => Err(EditError::WrongKind { key: "the whole".into(), wanted: "an object" }),
        }
    }

    /// Returns the number of the first token that begins at a byte or behind it.
    pub(super) fn token_at(&self, byte: usize) -> usize {
        self.tokens.partition_point(|token| token.range.start < byte)
    }

    /// Returns the number of the comma behind what ends at a byte.
    pub(super) fn comma_behind(&self, end: usize) -> Option<usize> {
        let behind = self.token_at(end);
        let next = behind + self.tokens[behind..].iter().position(|token| !is_comment(token))?;
        (self.tokens[next].token == Token::Comma).then_some(next)
    }

    /// Adds a member at the end of an object, in the object's own layout.
    fn insert(&self, object: &Object<'_>, name: &str, value: &Value) -> String {
        let (open, close) = (object.range.start + 1, object.range.end - 1);
        let name = Value::from(name);
        let (first, last) = (object.properties.first(), object.properties.last());
        if let (Some(first), Some(last)) = (first, last)
            && !self.text[open..first.range.start].contains('\n')
        {
            return splice(self.text, last.range.end, last.range.end, &format!(", {name}: {value}"));
        }
        let outer = line_indent(self.text, object.range.start);
        let indent = match first {
            Some(first) => line_indent(self.text, first.range.start).to_owned(),
            None => format!("{outer}{}", self.indent()),
        };
        let line_break = self.line_break();
        let member = format!("{line_break}{indent}{name}: {}", self.render(value, &indent));
        // The new member follows the last member, its comma, or a comment behind them.
        let before = &self.tokens[self.token_at(close) - 1];
        if before.range.end == open {
            return splice(self.text, open, close, &format!("{member}{line_break}{outer}"));
        }
        let trailing_comma = last.is_some_and(|last| self.comma_behind(last.range.end).is_some());
        let member = if trailing_comma { format!("{member},") } else { member };
        let edited = splice(self.text, before.range.end, before.range.end, &member);
        match last {
            Some(last) if !trailing_comma => splice(&edited, last.range.end, last.range.end, ","),
            _ => edited,
        }
    }

    /// Takes a member out of its object, with the comma and the white space that it does not need any more.
    fn without(&self, object: &Object<'_>, member: &ObjectProp<'_>) -> String {
        let key = self.token_at(member.range.start);
        let comma = self.comma_behind(member.range.end);
        let end = comma.map_or_else(|| self.token_at(member.range.end), |comma| comma + 1);
        let (before, after) = (&self.tokens[key - 1], &self.tokens[end]);
        let is_last = object.properties.last().is_some_and(|last| last.range == member.range);
        if !is_last {
            return splice(self.text, member.range.start, after.range.start, "");
        }
        if before.token == Token::OpenBrace && after.token == Token::CloseBrace {
            return splice(self.text, before.range.end, after.range.start, "");
        }
        let cut_end = self.tokens[end - 1].range.end;
        let line_goes_on = !self.text[cut_end..after.range.start].contains('\n');
        // A line comment needs the end of its line.
        let in_comment = matches!(before.token, Token::CommentLine(_)) && line_goes_on;
        let cut_start = if in_comment { member.range.start } else { before.range.end };
        let edited = splice(self.text, cut_start, cut_end, "");
        // The member before ours is the last one now: where we had no comma it has none.
        let orphan = self.tokens[..key].iter().rfind(|token| !is_comment(token)).filter(|_| comma.is_none());
        match orphan {
            Some(orphan) if orphan.token == Token::Comma => splice(&edited, orphan.range.start, orphan.range.end, ""),
            _ => edited,
        }
    }

    /// Returns what one level is indented by.
    fn indent(&self) -> &str {
        let first = self.top.properties.first().map(|first| line_indent(self.text, first.range.start));
        first.filter(|indent| !indent.is_empty()).unwrap_or(INDENT)
    }

    pub(super) fn line_break(&self) -> &'static str {
        if self.text.contains("\r\n") { "\r\n" } else { "\n" }
    }

    /// Writes objects over several lines and lists on one, as people do in these files.
    fn render(&self, value: &Value, indent: &str) -> String {
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                let inner = format!("{indent}{}", self.indent());
                let members: Vec<String> = fields
                    .iter()
                    .map(|(key, value)| format!("{inner}{}: {}", Value::from(key.as_str()), self.render(value, &inner)))
                    .collect();
                let line_break = self.line_break();
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

pub(super) fn is_comment(token: &TokenAndRange<'_>) -> bool {
    matches!(token.token, Token::CommentLine(_) | Token::CommentBlock(_))
}

pub(super) fn member<'o, 'a>(object: &'o Object<'a>, name: &str) -> Result<Option<&'o ObjectProp<'a>>, EditError> {
    let mut found = object.properties.iter().filter(|member| member.name.as_str() == name);
    match (found.next(), found.next()) {
        (_, Some(_)) => Err(EditError::Twice { key: name.to_owned() }),
        (member, None) => Ok(member),
    }
}

pub(super) fn object_of<'o, 'a>(member: &'o ObjectProp<'a>) -> Result<&'o Object<'a>, EditError> {
    let wrong = || EditError::WrongKind { key: member.name.as_str().to_owned(), wanted: "an object" };
    member.value.as_object().ok_or_else(wrong)
}

fn fields(object: &Object<'_>) -> Map<String, Value> {
    object.properties.iter().cloned().map(|member| (member.name.into_string(), member.value.into())).collect()
}

pub(super) fn splice(text: &str, start: usize, end: usize, replacement: &str) -> String {
    format!("{}{replacement}{}", &text[..start], &text[end..])
}

/// Returns the white space that begins the line of a byte.
pub(super) fn line_indent(text: &str, byte: usize) -> &str {
    let line = text[..byte].rsplit('\n').next().unwrap_or_default();
    &line[..line.len() - line.trim_start().len()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn ours() -> Vec<KeyChange> {
        [("command", json!("s")), ("args", json!(["mcp", "-x"]))]
            .map(|(key, value)| KeyChange { key: key.into(), old: None, new: Some(value) })
            .into()
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
    fn comments_and_trailing_commas_are_read_and_kept() {
        let text = "{\n  // ours\n  \"servers\": {\n    \"other\": { \"command\": \"x\", }, // keep\n  },\n}\n";
        let edited = set(text, "servers", "s", &ours()).expect("set");
        insta::assert_snapshot!(edited, @r#"
        {
          // ours
          "servers": {
            "other": { "command": "x", }, // keep
            "s": {
              "command": "s",
              "args": ["mcp", "-x"]
            },
          },
        }
        "#);
        assert_eq!(remove(&edited, "servers", "s").expect("removed"), text);
    }

    #[test]
    fn a_comment_keeps_its_place_wherever_it_stands() {
        for text in [
            "{ // mine\n}",
            "{\n  // mine\n  \"other\": {} // too\n}\n",
            "{\n  \"servers\": {\n    /* none\n       yet */\n  }\n}\n",
            "{\n  \"servers\": {\n    \"o\": {} // the only one\n  }\n}\n",
            "{\n  \"servers\": {\n    \"o\": {},\n    // \"p\": {}\n  }\n}\n",
            "{\"servers\": {\"o\": {} /* one */}} // end",
        ] {
            let edited = set(text, "servers", "s", &ours()).expect(text);
            let removed = remove(&edited, "servers", "s").expect("removed");
            assert_eq!(removed, text, "{edited}");
            assert_eq!(
                removed.matches("/*").count() + removed.matches("//").count(),
                text.matches("/*").count() + text.matches("//").count()
            );
            assert!(!says_nothing(&removed, "servers"), "{removed}");
        }
        let ours_alone = "{ // mine\n  \"servers\": { // here\n \"s\": {} }\n}";
        assert_eq!(remove(ours_alone, "servers", "s").expect("removed"), ours_alone.replace("\"s\": {}", ""));
        let ours_first = "{\n  \"servers\": {\n    \"s\": {},\n    // theirs\n    \"o\": {}\n  }\n}";
        assert_eq!(remove(ours_first, "servers", "s").expect("removed"), ours_first.replace("\"s\": {},\n    ", ""));
    }

    #[test]
    fn a_key_of_our_entry_changes_alone() {
        let text = "{\"servers\": {\"s\": {\"url\": 1, \"args\": [ ], // why\n \"command\":\"s\", \"env\": {}}}}";
        let mut changes = ours();
        changes.retain(|change| change.key == "args");
        changes.push(KeyChange { key: "url".into(), old: Some(json!(1)), new: None });
        changes.push(KeyChange { key: "timeout".into(), old: None, new: Some(json!(5)) });
        let edited = set(text, "servers", "s", &changes).expect("set");
        let wanted = text.replace("\"url\": 1, ", "").replace("[ ]", "[\"mcp\", \"-x\"]");
        assert_eq!(edited, wanted.replace("\"env\": {}", "\"env\": {}, \"timeout\": 5"));
    }

    #[test]
    fn other_dialects_and_other_kinds_are_refused() {
        for text in ["{a: 1}", "{\"a\": 0x1}", "{\"a\": 'x'}", "{\"a\": 1 \"b\": 2}", "{", "\u{feff}{}"] {
            let refused = set(text, "mcpServers", "s", &ours()).expect_err(text);
            assert!(matches!(refused, EditError::Unreadable { format: "JSON", .. }), "{refused}");
        }
        for text in ["[]", "// nothing", "{\"mcpServers\": 1}", "{\"mcpServers\": {\"s\": 1}}"] {
            assert!(matches!(entry(text, "mcpServers", "s"), Err(EditError::WrongKind { .. })), "{text}");
        }
        let twice = "{\"mcpServers\": {}, \"mcpServers\": {}}";
        assert!(matches!(set(twice, "mcpServers", "s", &ours()), Err(EditError::Twice { .. })));
        let secret = set("{\"a\": \"planted-secret", "mcpServers", "s", &ours()).expect_err("refused");
        assert!(!secret.to_string().contains("planted"), "{secret}");
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
                    servers["s"] = json!({ "command": "s", "args": ["mcp", "-x"] });
                }
            }
            let edited = set(&text, "mcpServers", "s", &ours()).expect("set");
            prop_assert_eq!(serde_json::from_str::<Value>(&edited).expect("JSON"), Value::Object(with));
            let removed: Value = serde_json::from_str(&remove(&edited, "mcpServers", "s").expect("removed")).expect("JSON");
            if document.get("mcpServers") == Some(&json!({})) {
                document.shift_remove("mcpServers");
            }
            prop_assert_eq!(removed, Value::Object(document));
        }
    }
}
