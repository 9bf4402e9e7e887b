//! A flag for every key of the file, made from the file's schema: a new key has its flag by itself.
//!
//! What a flag says is read by the type that reads the file's key, and stands in that key's place: whoever starts the
//! program is believed, so the file's value waits for nobody's trust then.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::error::{ConfigError, SettingSource};
use super::explain::{SchemaProblem, followed, types};
use super::file::{Document, settings_of};
use super::private_file;
use super::schema::file_schema;
use crate::domain::json_problem;

/// The most bytes of a flag's file.
const MAX_FLAG_BYTES: u64 = 262_144;

/// The key that is no setting: it helps editors.
const FOR_EDITORS: &str = "$schema";

/// Keys whose flag is called in another way: `--version` asks for ours, and what is repeated names one of many.
const NAMES: [(&str, &str); 6] = [
    ("allowed_commands", "--allow-command"),
    ("allowed_hosts", "--allow-host"),
    ("production_hosts", "--production-host"),
    ("repo_path", "--repo"),
    ("snipara_project", "--project"),
    ("version", "--version-source"),
];

/// Keys whose flags the command line declares by hand: common ones that help shows, and those that only servers have.
const DECLARED: [&str; 10] = [
    "allowed_hosts",
    "ca_file",
    "lockdown",
    "prod_url",
    "read_only",
    "repo_path",
    "resolve",
    "snipara_project",
    "toolsets",
    "verbose",
];

/// How the text of a flag becomes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The text itself.
    Text,
    /// A text that a list of processes must not show: it comes from a file that only its owner reads.
    Secret,
    /// One item of a list of texts, or a whole list as JSON.
    Texts,
    /// JSON.
    Json,
}

/// The flag of a key.
#[derive(Debug, Clone)]
pub struct SettingFlag {
    /// The key in the file.
    pub key: String,
    /// The flag, with its dashes.
    pub flag: String,
    /// What stands behind it in help.
    pub value_name: &'static str,
    /// What the key means, as its schema says.
    pub help: String,
    /// Whether it may be given more than once.
    pub repeatable: bool,
    /// Whether the command line declares it by hand, and does not make it from this table.
    pub declared: bool,
    form: Form,
}

static FLAGS: LazyLock<Vec<SettingFlag>> = LazyLock::new(|| {
    let schema = file_schema();
    let keys = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    keys.filter(|(key, _)| *key != FOR_EDITORS).map(|(key, of_key)| flag_of(&schema, key, of_key)).collect()
});

/// Returns the flags of all keys, in the order of the file's schema.
pub fn setting_flags() -> &'static [SettingFlag] {
    &FLAGS
}

fn flag_of(schema: &Value, key: &str, of_key: &Value) -> SettingFlag {
    let named = NAMES.iter().find(|(name, _)| *name == key).map(|(_, flag)| (*flag).to_owned());
    let items = of_key.get("items").and_then(|items| followed(schema, items)).map(types).unwrap_or_default();
    let kinds = types(of_key);
    let (form, value_name) = if key == "snipara_api_key" {
        (Form::Secret, "@FILE")
    } else if kinds.contains(&"string") {
        (Form::Text, "TEXT")
    } else if kinds.contains(&"array") && items == ["string"] {
        (Form::Texts, "TEXT|JSON|@FILE")
    } else if kinds.contains(&"boolean") {
        (Form::Json, "true|false")
    } else if kinds.contains(&"integer") {
        (Form::Json, "NUMBER")
    } else {
        (Form::Json, "JSON|@FILE")
    };
    SettingFlag {
        key: key.to_owned(),
        flag: named.unwrap_or_else(|| format!("--{}", key.replace('_', "-"))),
        value_name,
        help: of_key.get("description").and_then(Value::as_str).unwrap_or_default().trim_end_matches('.').to_owned(),
        repeatable: form == Form::Texts,
        declared: DECLARED.contains(&key),
        form,
    }
}

/// What flags say in the place of keys.
#[derive(Debug, Default)]
pub(super) struct FlagSettings {
    /// The values, by key.
    pub(super) document: Document,
    /// The flag that says each.
    pub(super) flags: BTreeMap<String, &'static str>,
    /// What is wrong with the others.
    pub(super) problems: Vec<ConfigError>,
}

/// Reads the texts of flags, by key; files that they name are relative to `folder`.
pub(super) fn read(given: &BTreeMap<String, Vec<String>>, folder: &Path) -> FlagSettings {
    let mut read = FlagSettings::default();
    for flag in setting_flags() {
        let Some(texts) = given.get(&flag.key) else { continue };
        let value = match flag.value(texts, folder) {
            Ok(value) => value,
            Err(error) => {
                read.problems.push(error);
                continue;
            }
        };
        let alone = Document(Map::from_iter([(flag.key.clone(), value)]));
        let (_, problems) = settings_of(&alone);
        if problems.is_empty() {
            read.document.0.extend(alone.0);
            read.flags.insert(flag.key.clone(), &flag.flag);
        }
        read.problems.extend(problems.into_iter().map(|problem| flag.refused(problem)));
    }
    read
}

impl SettingFlag {
    fn wrong(&'static self, reason: impl Into<String>) -> ConfigError {
        ConfigError::value(SettingSource::Flag(&self.flag), self.key.clone(), reason)
    }

    fn refused(&'static self, problem: SchemaProblem) -> ConfigError {
        let source = SettingSource::Flag(&self.flag);
        match problem {
            SchemaProblem::UnknownKey { path, suggestion } => {
                let meant = suggestion.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
                ConfigError::value(source, path.join("."), format!("there is no such key{meant}"))
            }
            SchemaProblem::WrongType { path, expected, found } => {
                ConfigError::value(source, path.join("."), format!("it is {found}; expected {expected}"))
            }
        }
    }

    fn value(&'static self, texts: &[String], folder: &Path) -> Result<Value, ConfigError> {
        let last = texts.last().map(String::as_str).unwrap_or_default();
        match self.form {
            Form::Text => Ok(Value::from(last)),
            Form::Secret => match last.strip_prefix('@') {
                Some(file) => Ok(Value::from(private_file::read_secret_file(&folder.join(file))?.trim())),
                None => Err(self.wrong("every list of processes would show it: give @FILE, or set SNIPARA_API_KEY")),
            },
            Form::Json => self.json(last, folder),
            Form::Texts => {
                let mut all = Vec::new();
                for text in texts {
                    match text.starts_with(['[', '@']).then(|| self.json(text, folder)).transpose()? {
                        Some(Value::Array(items)) => all.extend(items),
                        Some(other) => return Ok(other),
                        None => all.push(Value::from(text.as_str())),
                    }
                }
                Ok(Value::Array(all))
            }
        }
    }

    fn json(&'static self, text: &str, folder: &Path) -> Result<Value, ConfigError> {
        let read;
        let text = match text.strip_prefix('@') {
            None => text,
            Some(file) => {
                let found = private_file::read(&folder.join(file), MAX_FLAG_BYTES)?;
                read = found.ok_or_else(|| self.wrong("there is no such file"))?;
                &read
            }
        };
        let unread = |error| self.wrong(format!("{}; it takes {}", json_problem(&error), self.value_name));
        serde_json::from_str(text).map_err(unread)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn given(key: &str, texts: &[&str]) -> FlagSettings {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        read(&BTreeMap::from([(key.to_owned(), texts)]), Path::new("/nowhere"))
    }

    fn refusal(key: &str, text: &str) -> String {
        ConfigError::all(given(key, &[text]).problems).expect("refused").message()
    }

    #[test]
    fn every_key_has_one_flag_of_its_own() {
        let schema = file_schema();
        let keys = schema["properties"].as_object().expect("keys").keys().filter(|key| *key != FOR_EDITORS);
        assert!(keys.eq(setting_flags().iter().map(|flag| &flag.key)));
        let names: std::collections::BTreeSet<_> = setting_flags().iter().map(|flag| &flag.flag).collect();
        assert_eq!(names.len(), setting_flags().len());
        let named = |key: &str| setting_flags().iter().find(|flag| flag.key == key).map(|flag| flag.flag.as_str());
        assert_eq!(named("settle_seconds"), Some("--settle-seconds"));
        assert_eq!(named("version"), Some("--version-source"));
        for key in DECLARED.iter().chain(NAMES.iter().map(|(key, _)| key)) {
            assert!(named(key).is_some(), "{key} is no key");
        }
    }

    /// A line of the table of docs/configuration.md for each key: what the schema says of it, and its flag.
    fn table() -> String {
        let schema = file_schema();
        let row = |flag: &SettingFlag| {
            let meaning =
                schema["properties"][&flag.key]["description"].as_str().expect("a meaning").replace('\n', " ");
            format!("| `{}` | {meaning} | `{}` `{}` |\n", flag.key, flag.flag, flag.value_name.replace('|', "\\|"))
        };
        let rows: String = setting_flags().iter().map(row).collect();
        format!("| key | meaning | flag |\n|---|---|---|\n{rows}")
    }

    #[test]
    fn the_table_of_keys_in_the_documents_is_the_generated_one() {
        let (document, table) = (include_str!("../../docs/configuration.md"), table());
        if !document.contains(&table) {
            let (before, rest) = document.split_once("| key | meaning | flag |").expect("a table");
            let after = rest.split_once("\n\n").expect("text behind it").1;
            let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/target/configuration.md");
            std::fs::write(beside, format!("{before}{table}\n{after}")).expect("written");
            panic!("the keys have changed: cp {beside} docs/configuration.md");
        }
    }

    #[test]
    fn a_flag_is_read_as_the_files_key() {
        for (key, texts, value) in [
            ("settle_seconds", &["30"][..], json!(30)),
            ("fail_fast_on_drift", &["false"], json!(false)),
            ("gatekeeper_id", &["true"], json!("true")),
            ("health_paths", &["/a", "/b"], json!(["/a", "/b"])),
            ("health_paths", &["[]"], json!([])),
            ("allowed_commands", &["make x", r#"["a","b"]"#], json!(["make x", "a", "b"])),
            ("timeouts", &[r#"{"ui_s": 9}"#], json!({"ui_s": 9})),
        ] {
            let read = given(key, texts);
            assert!(read.problems.is_empty(), "{key}: {:?}", read.problems);
            assert_eq!(read.document.0.get(key), Some(&value));
        }
    }

    #[test]
    fn what_is_wrong_names_the_flag() {
        let typed = refusal("timeouts", r#"{"ui_s": "soon"}"#);
        assert!(typed.starts_with("`timeouts.ui_s` given by --timeouts cannot be used: it is text"), "{typed}");
        let named = refusal("policy", r#"{"requird_proofs": 1}"#);
        assert!(named.contains("given by --policy") && named.contains("did you mean `required_proofs`?"), "{named}");
        assert!(refusal("settle_seconds", "soon").contains("it takes NUMBER"));
        assert!(refusal("policy", "@missing.json").contains("there is no such file"));
    }

    #[test]
    fn a_key_is_not_typed_where_others_see_it() {
        let told = refusal("snipara_api_key", "snp-planted-key");
        assert!(told.contains("give @FILE") && !told.contains("planted"), "{told}");
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("key");
        std::fs::write(&file, "snp-of-a-file\n").expect("written");
        private_file::close_to_others(&file).expect("closed");
        let read = given("snipara_api_key", &[&format!("@{}", file.display())]);
        assert_eq!(read.document.0.get("snipara_api_key"), Some(&json!("snp-of-a-file")));
    }
}
