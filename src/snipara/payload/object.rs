//! A value as a JSON object without nulls.

use serde::Serialize;
use serde_json::{Map, Value};

/// A JSON object.
pub type Payload = Map<String, Value>;

/// Makes a value an object; absent things are left out, because existing clients read them without guards
/// (snipara-wire.md §1.8.3). A value that is not an object gives an empty one.
pub(in crate::snipara) fn object<T: Serialize>(value: &T) -> Payload {
    match serde_json::to_value(value) {
        Ok(Value::Object(mut payload)) => {
            payload.retain(|_, value| !value.is_null());
            payload
        }
        _ => Payload::new(),
    }
}

/// Makes a value the answer of a call that succeeded.
pub(super) fn successful<T: Serialize>(value: &T) -> Payload {
    let mut payload = Payload::new();
    payload.insert("success".to_owned(), true.into());
    payload.extend(object(value));
    payload
}
