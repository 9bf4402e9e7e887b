//! Errors of GraphQL, which come with 200: without data they fail, beside data they are told (GraphQL over HTTP §6.4).

use serde_json::{Map, Value};

use super::answered::{JudgedAnswer, ReadAnswer};
use super::implausible::{Implausible, quoted};
use crate::expect::AnswerPlace;

pub(super) fn find(_: &JudgedAnswer<'_>, reading: &ReadAnswer<'_>) -> Option<Implausible> {
    let object = reading.object()?;
    let first = first_error(object)?;
    // Without the key `data` it is an envelope like any other.
    let data = object.get("data")?;
    if has_data(data) {
        return None;
    }
    Some(Implausible {
        rule: "graphql_errors",
        place: AnswerPlace::JsonKey("errors".to_owned()),
        expected: "data",
        observed: format!("errors without data: {}", quoted(first)),
        overruled_by: "expect: jsonpath $.errors isList".to_owned(),
    })
}

/// Returns what is told of errors that stand beside data.
pub(super) fn told(reading: &ReadAnswer<'_>) -> Option<String> {
    let object = reading.object()?;
    let first = first_error(object)?;
    let told = || format!("GraphQL answered data with errors: {}", quoted(first));
    object.get("data").is_some_and(has_data).then(told)
}

/// Tells whether an object is an answer of GraphQL that has data beside its errors.
pub(super) fn is_partial(object: &Map<String, Value>) -> bool {
    first_error(object).is_some() && object.get("data").is_some_and(has_data)
}

/// Returns the message of the first error; none when `errors` is no list of objects with a message (GraphQL §7.1.2).
fn first_error(object: &Map<String, Value>) -> Option<&str> {
    object.get("errors")?.as_array()?.first()?.as_object()?.get("message")?.as_str()
}

/// A field that is null is one that could not be answered.
fn has_data(data: &Value) -> bool {
    match data {
        Value::Object(fields) => fields.values().any(|value| !value.is_null()),
        other => !other.is_null(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_honest, assert_lies, told_of};

    fn answered(body: &str) -> Sample {
        Sample::post("/graphql").json(body)
    }

    const PARTIAL: &str =
        r#"{"data":{"user":{"id":"7"},"orders":null},"errors":[{"message":"orders timed out","path":["orders"]}]}"#;

    #[test]
    fn errors_without_data_fail() {
        assert_lies(
            "graphql_errors",
            [
                r#"{"data":null,"errors":[{"message":"Cannot query field \"x\""}]}"#,
                r#"{"data":{"user":null},"errors":[{"message":"not authorised","path":["user"]}]}"#,
                r#"{"errors":[{"message":"boom"}],"data":null,"extensions":{}}"#,
                r#"{"data":{},"errors":[{"message":"boom"}]}"#,
                r#"{"data":{"a":null,"b":null},"errors":[{"message":"a"},{"message":"b"}]}"#,
                r#"{"data":null,"errors":[{"message":"PersistedQueryNotFound","extensions":{"code":"PERSISTED_QUERY_NOT_FOUND"}}]}"#,
            ]
            .map(answered),
        );
        // Without `data` they are errors like any other.
        assert_lies(
            "json_failure",
            [
                r#"{"errors":[{"message":"Syntax Error: Unexpected Name"}]}"#,
                r#"{"errors":[{"message":"Must provide query string."}]}"#,
                r#"{"errors":[{"message":"x","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}"#,
                r#"{"errors":[{"message":"field 'x' not found in type: 'query_root'"}],"extensions":{}}"#,
            ]
            .map(answered),
        );
    }

    #[test]
    fn errors_beside_data_are_told() {
        let told = told_of(&answered(PARTIAL));
        assert_eq!(told, ["GraphQL answered data with errors: \"orders timed out\""]);
        assert_eq!(told_of(&answered(r#"{"data":{"user":{"id":"7"}}}"#)), Vec::<String>::new());
    }

    #[test]
    fn answers_of_servers_pass() {
        assert_honest(
            [
                PARTIAL,
                r#"{"data":{"user":{"id":"7"}}}"#,
                r#"{"data":{"user":null}}"#,
                r#"{"data":null}"#,
                r#"{"data":{"orders":[]},"errors":[]}"#,
                r#"{"data":{"orders":[]},"errors":null}"#,
                r#"{"data":{"__typename":"Query"},"extensions":{"tracing":{}}}"#,
                r#"{"data":{"createUser":{"user":null,"errors":[{"field":"email","message":"taken"}]}}}"#,
                r#"{"data":{"errors":[{"message":"in the log"}]}}"#,
                r#"[{"data":{"a":1}},{"data":{"b":2}}]"#,
                r#"{"data":{"a":1},"hasNext":true}"#,
            ]
            .map(answered),
        );
    }
}
