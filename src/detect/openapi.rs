//! OpenAPI 3.0 and 3.1 documents: which routes anybody may ask.

use regex::Regex;
use serde_json::{Map, Value};
use url::Url;

use super::routes::{can_be_asked, joined};
use super::sources::Sources;

/// Names under which such documents are kept.
const NAMES: &str = r"(?i)(?:^|/)[\w.-]*(?:openapi|swagger)[\w.-]*\.(?:json|ya?ml)$";

/// What a document told.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ApiDocument {
    /// Its routes that answer GET, need no parameter and no login.
    Routes(Vec<String>),
    /// It cannot be read.
    Unread(String),
    /// It is something else, such as an older version.
    Other,
}

/// Reads the documents, by path.
pub(super) fn documents(sources: &Sources) -> Vec<(String, ApiDocument)> {
    let Ok(names) = Regex::new(NAMES) else { return Vec::new() };
    let named = sources.paths().filter(|path| names.is_match(path));
    named.filter_map(|path| Some((path.to_owned(), document(path, sources.text(path)?)))).collect()
}

fn document(path: &str, text: &str) -> ApiDocument {
    let read = if path.ends_with(".json") {
        serde_json::from_str::<Value>(text).map_err(|error| error.to_string())
    } else {
        serde_saphyr::from_str::<Value>(text).map_err(|error| error.to_string())
    };
    let document = match read {
        Ok(document) => document,
        Err(why) => return ApiDocument::Unread(why.lines().next().unwrap_or_default().to_owned()),
    };
    if !document.get("openapi").and_then(Value::as_str).is_some_and(|version| version.starts_with("3.")) {
        return ApiDocument::Other;
    }
    let below = base_path(&document);
    let paths = document.get("paths").and_then(Value::as_object).into_iter().flatten();
    let open = paths.filter(|(_, item)| is_open(&document, item)).map(|(path, _)| joined(&[&below, path]));
    ApiDocument::Routes(open.filter(|path| can_be_asked(path)).collect())
}

/// The path of the first server, which all routes lie under.
fn base_path(document: &Value) -> String {
    let url = document.pointer("/servers/0/url").and_then(Value::as_str).unwrap_or_default();
    match Url::parse(url) {
        Ok(url) => url.path().to_owned(),
        Err(_) if url.starts_with('/') => url.to_owned(),
        Err(_) => String::new(),
    }
}

fn is_open(document: &Value, item: &Value) -> bool {
    let Some(get) = item.get("get").and_then(Value::as_object) else { return false };
    let parameters =
        |of: &Map<String, Value>| of.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
    let all = parameters(get).into_iter().chain(item.as_object().map(parameters).unwrap_or_default());
    let needs_one = all
        .map(|parameter| followed(document, parameter))
        .any(|parameter| parameter.get("required").and_then(Value::as_bool).unwrap_or(false));
    let security = get.get("security").or_else(|| document.get("security")).and_then(Value::as_array);
    // An empty requirement among them makes a login optional.
    let needs_login = security
        .is_some_and(|ways| !ways.is_empty() && !ways.iter().any(|way| way.as_object().is_some_and(Map::is_empty)));
    let is_old = get.get("deprecated").and_then(Value::as_bool).unwrap_or(false);
    !needs_one && !needs_login && !is_old
}

fn followed(document: &Value, value: Value) -> Value {
    let target = value.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
    target.and_then(|pointer| document.pointer(pointer)).cloned().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const YAML: &str = "openapi: 3.1.0\nservers:\n  - url: https://shop.example/api/v1\nsecurity:\n  - key: []\npaths:\n  \
                        /orders:\n    get: {security: []}\n  /orders/{id}:\n    get: {security: []}\n  /me:\n    get: {}\n  \
                        /search:\n    get:\n      security: [{}]\n      parameters:\n        - $ref: '#/components/parameters/Q'\n  \
                        /pay:\n    post: {security: []}\ncomponents:\n  parameters:\n    Q: {name: q, in: query, required: true}\n";

    #[test]
    fn routes_that_anybody_may_ask_are_read_from_yaml_and_json_alike() {
        let of_yaml = document("openapi.yaml", YAML);
        assert_eq!(of_yaml, ApiDocument::Routes(vec!["/api/v1/orders".to_owned()]));
        let json = serde_saphyr::from_str::<Value>(YAML).expect("YAML").to_string();
        assert_eq!(document("openapi.json", &json), of_yaml);
    }

    #[test]
    fn what_is_no_openapi_3_tells_nothing_and_what_is_broken_says_so() {
        assert_eq!(document("swagger.json", r#"{"swagger": "2.0", "paths": {"/a": {"get": {}}}}"#), ApiDocument::Other);
        for (name, text) in [("openapi.json", "{"), ("openapi.yaml", "openapi: [3\n  x")] {
            assert!(matches!(document(name, text), ApiDocument::Unread(_)), "{name}");
        }
        // Aliases that grow without bound are refused by the reader.
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let alias = format!("*a{}, ", level - 1).repeat(9);
            bomb.push_str(&format!("a{level}: &a{level} [{alias}]\n"));
        }
        assert!(matches!(document("openapi.yml", &bomb), ApiDocument::Unread(_)));
    }
}
