//! Edits one list of a JSON text, which may have comments, and leaves every other byte as it is.

use jsonc_parser::ast::Array;
use jsonc_parser::common::Ranged;
use jsonc_parser::tokens::Token;
use serde_json::{Value, json};

use super::edit::EditError;
use super::json_text::{ClientJson, cut, is_comment, is_empty_object, line_indent, member, object_of, put, splice};

/// Returns the values of the list `path`; nothing when it is not there.
pub(super) fn elements(text: &str, path: &[&str]) -> Result<Vec<Value>, EditError> {
    let document = ClientJson::read(text)?;
    Ok(list_at(&document, path)?
        .map(|list| list.elements.iter().cloned().map(Value::from).collect())
        .unwrap_or_default())
}

/// Adds a value at the end of the list `path`; what is missing on the way is made.
pub(super) fn push(text: &str, path: &[&str], value: &Value) -> Result<String, EditError> {
    let document = ClientJson::read(text)?;
    let edited = match list_at(&document, path)? {
        None => put(text, path, &json!([value]))?,
        Some(list) => match (list.elements.first(), list.elements.last()) {
            (Some(first), Some(last)) => {
                let over_lines = document.text[list.range.start..first.start()].contains('\n');
                let indent = line_indent(document.text, first.start());
                let gap = if over_lines { format!("{}{indent}", document.line_break()) } else { " ".to_owned() };
                match document.comma_behind(last.end()) {
                    Some(comma) => {
                        let end = document.tokens[comma].range.end;
                        splice(document.text, end, end, &format!("{gap}{value},"))
                    }
                    None => splice(document.text, last.end(), last.end(), &format!(",{gap}{value}")),
                }
            }
            _ => splice(document.text, list.range.start + 1, list.range.start + 1, &value.to_string()),
        },
    };
    let mut wanted = elements(text, path)?;
    wanted.push(value.clone());
    if elements(&edited, path)? == wanted { Ok(edited) } else { Err(EditError::Wrong) }
}

/// Takes the values that are `ours` out of the list `path`, and what it leaves empty.
pub(super) fn take_out(text: &str, path: &[&str], ours: impl Fn(&Value) -> bool) -> Result<String, EditError> {
    let before = elements(text, path)?;
    let wanted: Vec<Value> = before.iter().filter(|value| !ours(value)).cloned().collect();
    if wanted.len() == before.len() {
        return Ok(text.to_owned());
    }
    if wanted.is_empty() {
        return (1..=path.len()).rev().try_fold(text.to_owned(), |text, depth| {
            let gone = depth == path.len() || is_empty_object(&text, &path[..depth])?;
            if gone { cut(&text, &path[..depth]) } else { Ok(text) }
        });
    }
    let mut edited = text.to_owned();
    while let Some(place) = elements(&edited, path)?.iter().position(&ours) {
        edited = without(&edited, path, place)?;
    }
    if elements(&edited, path)? == wanted { Ok(edited) } else { Err(EditError::Wrong) }
}

/// Takes out one of several elements, with its comma and the white space that it does not need any more.
fn without(text: &str, path: &[&str], place: usize) -> Result<String, EditError> {
    let document = ClientJson::read(text)?;
    let list = list_at(&document, path)?.ok_or(EditError::Wrong)?;
    let element = &list.elements[place];
    let (start, end) = (element.start(), element.end());
    let commented = |from: usize, to: usize| {
        let inside = document.token_at(from)..document.token_at(to);
        document.tokens[inside].iter().any(is_comment)
    };
    let previous = place.checked_sub(1).map(|place| list.elements[place].end());
    Ok(match (list.elements.get(place + 1), previous) {
        (Some(next), _) if !commented(end, next.start()) => splice(text, start, next.start(), ""),
        (None, Some(previous)) if !commented(previous, start) => splice(text, previous, end, ""),
        // A comment between two elements stays: only the element and one comma go.
        (Some(_), _) => {
            let comma = document.comma_behind(end).map_or(end, |comma| document.tokens[comma].range.end);
            splice(text, start, comma, "")
        }
        (None, previous) => {
            let edited = splice(text, start, end, "");
            let comma = document.tokens[..document.token_at(start)]
                .iter()
                .rfind(|token| token.token == Token::Comma && Some(token.range.start) >= previous);
            match comma {
                Some(comma) => splice(&edited, comma.range.start, comma.range.end, ""),
                None => edited,
            }
        }
    })
}

fn list_at<'d, 'a>(document: &'d ClientJson<'a>, path: &[&str]) -> Result<Option<&'d Array<'a>>, EditError> {
    let Some((last, before)) = path.split_last() else { return Ok(None) };
    let mut object = &document.top;
    for name in before {
        match member(object, name)? {
            Some(member) => object = object_of(member)?,
            None => return Ok(None),
        }
    }
    let Some(member) = member(object, last)? else { return Ok(None) };
    let wrong = || EditError::WrongKind { key: (*last).to_owned(), wanted: "a list" };
    member.value.as_array().map(Some).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PATH: [&str; 2] = ["hooks", "Stop"];

    fn ours(value: &Value) -> bool {
        value == &json!({"ours": 1})
    }

    #[test]
    fn what_is_added_and_taken_out_again_leaves_every_byte() {
        for text in [
            "{\n  \"a\": 1\n}\n",
            "{ \"hooks\": { \"Stop\": [ {\"b\":2} ] } }",
            "{\r\n\t\"hooks\": {\r\n\t\t\"Stop\": [\r\n\t\t\t{\"b\": 2}, // why\r\n\t\t\t{\"c\": 3} // last\r\n\t\t]\r\n\t}\r\n}\r\n",
            "{\"hooks\": {\"Stop\": [\n  1, /* two */ 2,\n]}}",
            "{\"hooks\": {\"Other\": [1]}} // end\n",
        ] {
            let added = push(text, &PATH, &json!({"ours": 1})).expect(text);
            assert!(elements(&added, &PATH).expect("read").iter().any(ours), "{added}");
            assert_eq!(take_out(&added, &PATH, ours).expect("taken out"), text, "{added}");
        }
    }

    #[test]
    fn a_comment_stays_when_an_element_beside_it_goes() {
        let text = "{\"hooks\": {\"Stop\": [\n  {\"b\": 2}, // mine\n  {\"ours\": 1} // ours\n]}}";
        let left = take_out(text, &PATH, ours).expect("taken out");
        assert!(left.contains("// mine") && left.contains("// ours") && !left.contains("\"ours\""), "{left}");
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for text in ["{\"hooks\": []}", "{\"hooks\": {\"Stop\": {}}}", "{\"hooks\": {\"Stop\": [1, }}"] {
            push(text, &PATH, &json!(1)).expect_err(text);
        }
    }

    proptest! {
        #[test]
        fn any_list_keeps_all_else(values in proptest::collection::vec(0_u8..4, 0..6), pretty in any::<bool>()) {
            let list: Vec<Value> = values.iter().map(|it| if *it == 0 { json!({"ours": 1}) } else { json!(it) }).collect();
            let document = json!({"x": {"y": []}, "hooks": {"Stop": list, "Z": [1]}});
            let text = if pretty { serde_json::to_string_pretty(&document)? } else { document.to_string() };
            let left = take_out(&text, &PATH, ours).expect("taken out");
            let kept: Vec<Value> = list.into_iter().filter(|it| !ours(it)).collect();
            prop_assert_eq!(elements(&left, &PATH).expect("read"), kept);
            let again: Value = serde_json::from_str(&left).expect("JSON");
            prop_assert_eq!((&again["x"], &again["hooks"]["Z"]), (&document["x"], &document["hooks"]["Z"]));
        }
    }
}
