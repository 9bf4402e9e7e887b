//! Answers that are the host's payload with what to do now.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::orchestrator::OrchestratorError;
use crate::snipara::payload::Payload;

use super::reply::ToolAnswer;

/// What a tool's body gives.
pub(super) type Answered<F> = Result<ToolAnswer<PayloadReply<F>>, OrchestratorError>;

pub(super) use super::reply::{LINE, SHOWN_LINES};
/// The longest text in a row of an answer, in bytes; who asks for one row gets it whole.
const LONGEST_TEXT: usize = 2 * 1024;
/// The longest row of an answer, in bytes of JSON.
const LONGEST_ROW: usize = 12 * 1024;
/// The longest list of an answer, in bytes of JSON, as long as its rows can be cut further.
const LONGEST_LIST: usize = 128 * 1024;
/// How short rows of a very long list become, in bytes of JSON.
const SHORTEST_ROW: usize = 1024;

/// The host's payload: the fields that are promised, the others, and what to do now.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct PayloadReply<F> {
    #[serde(flatten)]
    promised: F,
    #[serde(flatten)]
    #[schemars(skip)]
    others: Payload,
    next_step: String,
}

/// Makes an answer; the text's last line is the next step.
///
/// # Errors
/// When the payload lacks a promised field.
pub(super) fn told<F: Serialize + DeserializeOwned>(
    mut payload: Payload,
    mut lines: Vec<String>,
    next_step: String,
) -> Answered<F> {
    lines.push(format!("next_step: {next_step}"));
    payload.insert("next_step".to_owned(), next_step.into());
    let output = serde_json::from_value(Value::Object(payload)).map_err(|error| {
        OrchestratorError::internal(format!("an answer does not have the form that its tool promises: {error}"))
    })?;
    Ok(ToolAnswer { output, text: lines.join("\n"), links: Vec::new() })
}

/// Returns the lines of a list, at most as many as a text shows, and how many more there are.
pub(super) fn shown_lines<T>(rows: &[T], line: impl Fn(&T) -> String) -> Vec<String> {
    let mut lines: Vec<String> = rows.iter().take(SHOWN_LINES).map(line).collect();
    if rows.len() > SHOWN_LINES {
        lines.push(format!("{} more", rows.len() - SHOWN_LINES));
    }
    lines
}

/// Cuts the long texts of each row of the list `field`, and marks such rows `truncated`; a single row stays whole.
pub(super) fn shorten_rows(payload: &mut Payload, field: &str) {
    let Some(Value::Array(rows)) = payload.get_mut(field) else { return };
    if rows.len() < 2 {
        return;
    }
    let most = (LONGEST_LIST / rows.len()).clamp(SHORTEST_ROW, LONGEST_ROW);
    for row in rows.iter_mut().filter_map(Value::as_object_mut) {
        shorten(row, most);
    }
}

/// Cuts the long texts of an answer about one thing; marks it `truncated` then.
pub(super) fn shorten_answer(payload: &mut Payload) {
    shorten(payload, LONGEST_ROW);
}

/// Cuts long texts, and more of them while the JSON is longer than `most` bytes; marks it `truncated` then.
pub(super) fn shorten(row: &mut Payload, most: usize) {
    let mut limit = LONGEST_TEXT.min(most);
    let mut cut = false;
    loop {
        for value in row.values_mut() {
            cut |= cut_texts(value, limit);
        }
        if limit <= 32 || json!(row).to_string().len() <= most {
            break;
        }
        limit /= 4;
    }
    if cut {
        row.insert("truncated".to_owned(), true.into());
    }
}

fn cut_texts(value: &mut Value, limit: usize) -> bool {
    match value {
        Value::String(text) if text.len() > limit => {
            text.truncate(text.floor_char_boundary(limit));
            text.push('…');
            true
        }
        Value::Array(items) => items.iter_mut().filter_map(|item| cut_texts(item, limit).then_some(())).count() > 0,
        Value::Object(fields) => {
            fields.values_mut().filter_map(|field| cut_texts(field, limit).then_some(())).count() > 0
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(value: Value) -> Payload {
        let Value::Object(payload) = value else { panic!("an object") };
        payload
    }

    #[derive(Debug, Serialize, Deserialize, JsonSchema)]
    struct Promised {
        memory_id: String,
    }

    #[test]
    fn a_payload_is_answered_whole_and_both_forms_end_with_the_next_step() {
        let given = payload(json!({"memory_id": "mem_1", "score": 0.5, "count": 3}));
        let answer = told::<Promised>(given, vec!["one".to_owned()], "Go on.".to_owned()).expect("told");
        assert_eq!(answer.text, "one\nnext_step: Go on.");
        let output = serde_json::to_value(&answer.output).expect("json");
        assert_eq!(output, json!({"memory_id": "mem_1", "score": 0.5, "count": 3, "next_step": "Go on."}));
    }

    #[test]
    fn a_payload_without_a_promised_field_is_our_bug() {
        let Err(error) = told::<Promised>(Payload::new(), Vec::new(), String::new()) else { panic!("refused") };
        assert_eq!(error.code(), "internal_error");
    }

    #[test]
    fn long_texts_of_several_rows_are_cut_at_characters_and_the_only_row_stays_whole() {
        let long = "ä".repeat(3_000);
        let mut many = payload(json!({"rows": [{"content": long, "n": 1}, {"content": "short"}]}));
        shorten_rows(&mut many, "rows");
        let cut = many["rows"][0]["content"].as_str().expect("text");
        assert_eq!((cut.len(), cut.ends_with('…')), (LONGEST_TEXT + '…'.len_utf8(), true));
        assert_eq!((&many["rows"][0]["truncated"], &many["rows"][1]), (&json!(true), &json!({"content": "short"})));
        let mut one = payload(json!({"rows": [{"content": long}]}));
        shorten_rows(&mut one, "rows");
        assert_eq!(one["rows"][0], json!({"content": long}));
    }

    #[test]
    fn a_row_of_many_texts_is_cut_until_it_is_small() {
        let mut row = payload(json!({"evidence": vec!["x".repeat(1_500); 100]}));
        shorten_answer(&mut row);
        assert!(json!(row).to_string().len() <= LONGEST_ROW);
        assert_eq!(row["truncated"], true);
    }
}
