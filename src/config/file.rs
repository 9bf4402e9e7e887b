//! The configuration file: its keys, and how it is read.

use std::collections::BTreeMap;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use serde_json::error::Category;

use super::error::ConfigError;
use super::explain::{SchemaProblem, explain};
use super::private_file;
use super::schema::file_schema;
use crate::domain::{ConvergeSettings, LiveCheck, Policy, SecretText, VersionComparison};

/// The documented name.
pub const FILE_NAME: &str = ".snipara-orchestrator.json";
/// The name that the seed's `init` wrote.
pub const OLD_FILE_NAME: &str = ".agentic.json";
/// The largest file that is read; real ones have some hundred bytes.
const MAX_FILE_BYTES: u64 = 262_144;

/// Settings of snipara-orchestrator for one repository.
///
/// Flags and environment variables win over this file. Keys that give permissions count for agents as they were when a
/// person ran `snipara-orchestrator trust`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "snipara-orchestrator configuration")]
pub(crate) struct FileSettings {
    /// The address of this schema, for editors.
    #[serde(rename = "$schema")]
    pub(crate) schema: Option<String>,
    /// The key of the Snipara service. Better kept in the variable SNIPARA_API_KEY, or stored with `init --store-key`. A
    /// permission.
    #[serde(deserialize_with = "secret")]
    #[schemars(with = "Option<String>")]
    pub(crate) snipara_api_key: Option<SecretText>,
    /// The project; the name of the main worktree's folder when not given. A permission.
    pub(crate) snipara_project: Option<String>,
    /// The address of the Snipara service. A permission.
    pub(crate) snipara_api_url: Option<String>,
    /// The address of production: http or https. A permission.
    pub(crate) prod_url: Option<String>,
    /// The repository, relative to this file; this file's folder when not given. A permission.
    pub(crate) repo_path: Option<String>,
    /// The name of the usual test user, for people.
    pub(crate) test_user: Option<String>,
    /// Users that exist in production for tests, by name: `bearer_env`, `header` with `value_env`, `basic`, or `login` with
    /// `headers`; `whoami`, `methods`. A permission.
    pub(crate) test_users: Option<BTreeMap<String, FileTestUser>>,
    /// Labels decisions; `orchestrator-gatekeeper` when not given.
    pub(crate) gatekeeper_id: Option<String>,
    /// Whether a drift finding before validation stops a task; true when not given. A permission.
    pub(crate) fail_fast_on_drift: Option<bool>,
    /// Whether outcomes become memories; true when not given.
    pub(crate) auto_remember: Option<bool>,
    /// Whether debug logs are written; false when not given.
    pub(crate) verbose: Option<bool>,
    /// The toolsets that the MCP server offers; the default profile when not given. A permission.
    pub(crate) toolsets: Option<Vec<String>>,
    /// Whether the MCP server offers only tools that read; false when not given. A permission.
    pub(crate) read_only: Option<bool>,
    /// Whether answers of the MCP server leave out what others wrote. It counts at once; only taking it away is a permission.
    pub(crate) lockdown: Option<bool>,
    /// What every task must meet; callers add, never lower: `required_proofs`, `min_task_proofs`, `local_tests`, `live_checks`,
    /// `ui_tests`, `hold_seconds`, `require`; for htasks `require_evidence_on_complete`, `require_verified_evidence`,
    /// `closure_policy`, `allow_parent_close_with_waiver`. A permission.
    pub(crate) policy: Option<Policy>,
    /// Named lists of live checks; a task that names a suite has its checks as its own. A permission.
    pub(crate) suites: Option<BTreeMap<String, Vec<LiveCheck>>>,
    /// Health routes on production, each of which must pass; an empty list asks for none. When not given, those of `/health`,
    /// `/ready`, `/healthz` and `/api/health` that production offers. A permission.
    pub(crate) health_paths: Option<Vec<String>>,
    /// Where the deployed version can be read: `path`, `header`, `field`, `compare`; `/version`, `/api/version` and
    /// `/actuator/info` when not given. A permission.
    pub(crate) version: Option<FileVersion>,
    /// What of the repository is deployed, as globs such as `src/**`: other changes do not make production's build an older one.
    /// When not given, all but README, LICENSE, CHANGELOG, `.github/`, this file, and `docs/` without a site generator. A
    /// permission.
    pub(crate) deploy_paths: Option<Vec<String>>,
    /// The build folder whose files production's pages have to load, by SHA-256: `assets` (a folder such as `dist`), `pages`
    /// (`/`). A permission.
    pub(crate) identity: Option<FileIdentity>,
    /// Time-outs in seconds: `command_s` (300), `drift_s` (10), `schema_s` (60), `ui_s` (300). A permission.
    pub(crate) timeouts: Option<FileTimeouts>,
    /// How long failing checks are tried again when a run does not say, in seconds: 0 when not given, at most 600. A
    /// permission.
    #[schemars(range(min = 0, max = 600))]
    pub(crate) settle_seconds: Option<u64>,
    /// How often production is asked until its answers agree; callers raise it, never lower it: `initial_delay_s` (0),
    /// `interval_ms` (1000), `consecutive_successes` (3), `failure_limit` (none). A permission.
    pub(crate) converge: Option<ConvergeSettings>,
    /// Hosts that checks may call besides production: HOST or HOST:PORT. Their answers prove nothing. A permission.
    pub(crate) allowed_hosts: Option<Vec<String>>,
    /// Hosts that are production, too: their answers count as its own. HOST or HOST:PORT. A permission.
    pub(crate) production_hosts: Option<Vec<String>>,
    /// Commands that agents may run besides the known runners: exact, or with `*`. A permission.
    pub(crate) allowed_commands: Option<Vec<String>>,
    /// The deployment of the provider `custom`: `command`, with `{service}` and `{environment}`. A permission.
    pub(crate) deploy: Option<FileDeploy>,
    /// Where to connect instead of what names resolve to: "host:port" to "address:port". A permission.
    pub(crate) resolve: Option<BTreeMap<String, String>>,
    /// A PEM file with authorities that are trusted besides the system's, relative to this file. A permission.
    pub(crate) ca_file: Option<String>,
    /// Through which proxy calls go: `none`, an address, or `environment` for the one that HTTPS_PROXY, HTTP_PROXY and
    /// NO_PROXY name; none when not given. A permission.
    pub(crate) proxy: Option<String>,
    /// The certificate that production asks its callers for: `certificate`, and `key_env` or `key_file`. A permission.
    pub(crate) client_certificate: Option<FileClientCertificate>,
    /// The audit trail, a line for each call, refusal, permission and login: `file` (in the state folder), `max_mb` (10; 0 keeps
    /// none). A permission.
    pub(crate) audit: Option<FileAudit>,
}

/// A client certificate, sent to production and production_hosts only.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FileClientCertificate {
    /// A PEM file with the certificate and those that sign it, relative to this file.
    pub(crate) certificate: Option<String>,
    /// The variable that holds the certificate's key in PEM: SNIPARA_TEST_…, or named by --credential-env.
    pub(crate) key_env: Option<String>,
    /// Instead of key_env: a PEM file with the key, relative to this file, that only its owner may read.
    pub(crate) key_file: Option<String>,
}

/// The audit trail.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FileAudit {
    /// The file, relative to this one; audit.jsonl in the project's state folder when not given.
    pub(crate) file: Option<String>,
    /// How large it may grow before it becomes the older one (.1), in MB; 10 when not given, and 0 keeps no trail.
    #[schemars(range(min = 0, max = 10000))]
    pub(crate) max_mb: Option<u64>,
}

/// What a test user sends: a bearer token, a header of its own, a name and a password, or what a login gives. Credentials are in
/// environment variables: SNIPARA_TEST_…, or named by --credential-env.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FileTestUser {
    /// The variable that holds a token for `Authorization: Bearer`: SNIPARA_TEST_…, or named by --credential-env.
    pub(crate) bearer_env: Option<String>,
    /// The name of a header, with value_env.
    pub(crate) header: Option<String>,
    /// The variable that holds the header's value.
    pub(crate) value_env: Option<String>,
    /// A name and a password for `Authorization: Basic`; beside login they are sent with its requests, too.
    pub(crate) basic: Option<FileBasic>,
    /// The requests that log in, in their order. They may use `{{env:NAME}}` and what earlier ones captured, in url, headers and
    /// body; a text body is a form. Cookies are kept.
    #[serde(deserialize_with = "one_or_more_checks")]
    #[schemars(with = "Option<Vec<LiveCheck>>", extend("x-accepts" = "object"))]
    pub(crate) login: Option<Vec<LiveCheck>>,
    /// What the user's checks send after the login, such as `Authorization: Bearer {{token}}`.
    #[serde(deserialize_with = "header_lines")]
    #[schemars(with = "Option<Vec<String>>", extend("x-accepts" = "object"))]
    pub(crate) headers: Option<BTreeMap<String, String>>,
    /// A check that only this user passes, such as `/api/me` with `jsonpath $.email == 'ada@example.com'`: asked before the
    /// user's first check, and without it the user's checks are unverified.
    pub(crate) whoami: Option<LiveCheck>,
    /// The methods with which the credential is sent; GET, HEAD and OPTIONS when not given.
    pub(crate) methods: Option<Vec<String>>,
}

/// A name and a password (RFC 7617).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileBasic {
    /// The variable that holds the name.
    pub(crate) user_env: String,
    /// The variable that holds the password.
    pub(crate) password_env: String,
}

/// Where the deployed version can be read.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FileVersion {
    /// A path on production.
    pub(crate) path: Option<String>,
    /// A response header that holds the version.
    pub(crate) header: Option<String>,
    /// The one field of the document that holds it, such as `data.build.id`.
    pub(crate) field: Option<String>,
    /// What decides: the commit alone (when not given), or a version in words, too.
    pub(crate) compare: Option<VersionComparison>,
}

/// The build folder with which the files of production's pages are compared.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FileIdentity {
    /// The build folder, relative to the repository, such as `dist`.
    pub(crate) assets: Option<String>,
    /// The pages whose scripts, styles and preloads are compared; `/` when not given.
    pub(crate) pages: Option<Vec<String>>,
}

/// Time-outs, in seconds.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FileTimeouts {
    /// One local test; 300 when not given.
    #[schemars(range(min = 1, max = 86400))]
    pub(crate) command_s: Option<u64>,
    /// One request of the drift check; 10 when not given.
    #[schemars(range(min = 1, max = 86400))]
    pub(crate) drift_s: Option<u64>,
    /// One run of a schema tool; 60 when not given.
    #[schemars(range(min = 1, max = 86400))]
    pub(crate) schema_s: Option<u64>,
    /// One UI spec; 300 when not given.
    #[schemars(range(min = 1, max = 86400))]
    pub(crate) ui_s: Option<u64>,
}

/// A deployment.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileDeploy {
    /// The program and its arguments, as a list or as one text that is split into words as a shell would (none is started);
    /// `{service}` and `{environment}` are replaced in each.
    #[serde(deserialize_with = "command_words")]
    #[schemars(extend("type" = ["array", "string"]))]
    pub(crate) command: Vec<String>,
}

/// A list of checks, or its only one.
fn one_or_more_checks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<LiveCheck>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Checks {
        More(Vec<LiveCheck>),
        One(Box<LiveCheck>),
    }
    Ok(Option::deserialize(deserializer)?.map(|checks| match checks {
        Checks::More(checks) => checks,
        Checks::One(check) => vec![*check],
    }))
}

/// Headers by name, or as lines of `Name: value`.
fn header_lines<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<BTreeMap<String, String>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Headers {
        Named(BTreeMap<String, String>),
        Lines(Vec<String>),
    }
    let read = |line: String| {
        let (name, value) = line.split_once(':')?;
        Some((name.trim().to_owned(), value.trim().to_owned()))
    };
    match Option::deserialize(deserializer)? {
        None => Ok(None),
        Some(Headers::Named(headers)) => Ok(Some(headers)),
        Some(Headers::Lines(lines)) => {
            let headers: Option<_> = lines.into_iter().map(read).collect();
            headers.map(Some).ok_or_else(|| serde::de::Error::custom("a header is written \"Name: value\""))
        }
    }
}

/// Words, or a text that holds them.
fn command_words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Words {
        List(Vec<String>),
        Text(String),
    }
    match Words::deserialize(deserializer)? {
        Words::List(words) => Ok(words),
        Words::Text(text) => shlex::split(&text).ok_or_else(|| serde::de::Error::custom("a quote is not closed")),
    }
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretText>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).map(SecretText::new))
}

/// A file that was read.
#[derive(Debug, Default)]
pub(crate) struct ReadFile {
    /// What its keys say; those that cannot be read are left out.
    pub(crate) settings: FileSettings,
    /// The same as JSON, for digests and for `init`. It may hold the API key: never printed.
    pub(crate) document: Document,
    /// All that is wrong with it.
    pub(crate) problems: Vec<ConfigError>,
}

impl ReadFile {
    /// Returns the file when all of it can be read.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub(crate) fn whole(self) -> Result<Self, ConfigError> {
        let Self { settings, document, problems } = self;
        match ConfigError::all(problems) {
            Some(error) => Err(error),
            None => Ok(Self { settings, document, problems: Vec::new() }),
        }
    }
}

/// A file's JSON object; its `Debug` names keys only.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(transparent)]
pub(crate) struct Document(pub(crate) serde_json::Map<String, Value>);

impl std::fmt::Debug for Document {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

/// Reads a configuration file; nothing when it is not there. What is wrong in it is told beside what can be read.
///
/// # Errors
/// When it cannot be read at all.
pub(crate) fn read(file: &Path) -> Result<Option<ReadFile>, ConfigError> {
    let Some(text) = private_file::read(file, MAX_FILE_BYTES)? else { return Ok(None) };
    Ok(Some(parse(file, text.strip_prefix('\u{feff}').unwrap_or(&text))))
}

fn parse(file: &Path, text: &str) -> ReadFile {
    let document: Value = match serde_json::from_str(text) {
        Ok(document) => document,
        Err(error) => return ReadFile { problems: vec![not_json(file, &error)], ..ReadFile::default() },
    };
    let Value::Object(fields) = document else {
        // serde takes a list for an object.
        let problem = SchemaProblem::type_of(Vec::new(), &document, "an object");
        return ReadFile { problems: vec![refused_as(file, problem)], ..ReadFile::default() };
    };
    let document = Document(fields);
    let (settings, problems) = settings_of(&document);
    let mut problems: Vec<_> = problems.into_iter().map(|problem| refused_as(file, problem)).collect();
    // A document keeps the last of two keys of one name: only the text shows both.
    if problems.is_empty()
        && let Err(error) = serde_json::from_str::<FileSettings>(text)
        && error.to_string().starts_with("duplicate field")
    {
        problems.push(ConfigError::TwiceGiven { file: file.to_owned(), line: error.line(), column: error.column() });
    }
    ReadFile { settings, document, problems }
}

/// Reads the keys of a document. A key that cannot be read is left out, and everything that is wrong with it is told: from
/// the document and the schema, because serde's own message shows the value.
pub(crate) fn settings_of(document: &Document) -> (FileSettings, Vec<SchemaProblem>) {
    let schema = file_schema();
    let mut left = document.0.clone();
    let mut problems = Vec::new();
    for (key, value) in &document.0 {
        let alone = Value::Object([(key.clone(), value.clone())].into_iter().collect());
        let Err(error) = serde_path_to_error::deserialize::<_, FileSettings>(&alone) else { continue };
        left.shift_remove(key);
        let found = explain(&schema, &alone);
        if found.is_empty() {
            let path = error.path().to_string().split('.').map(str::to_owned).collect();
            let (expected, found) =
                ("what docs/configuration.md says of this key".to_owned(), "something else".to_owned());
            problems.push(SchemaProblem::WrongType { path, expected, found });
        }
        problems.extend(found);
    }
    // Keys are read one by one above, and none depends on another.
    (serde_json::from_value(Value::Object(left)).unwrap_or_default(), problems)
}

fn not_json(file: &Path, error: &serde_json::Error) -> ConfigError {
    // The parser's messages for syntax errors are fixed words without any part of the text.
    let full = error.to_string();
    let reason = match error.classify() {
        Category::Eof => "it ends too early",
        _ => full.split(" at line ").next().unwrap_or("syntax error"),
    };
    ConfigError::NotJson {
        file: file.to_owned(),
        reason: reason.to_owned(),
        line: error.line(),
        column: error.column(),
    }
}

fn refused_as(file: &Path, problem: SchemaProblem) -> ConfigError {
    let file = file.to_owned();
    match problem {
        SchemaProblem::UnknownKey { path, suggestion } => {
            ConfigError::UnknownKey { file, key: path.join("."), suggestion }
        }
        SchemaProblem::WrongType { path, expected, found } => {
            let key = if path.is_empty() { "the whole file".to_owned() } else { path.join(".") };
            ConfigError::WrongType { file, key, expected, found }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn refusal(text: &str) -> String {
        all_of(parse(Path::new("/r/.snipara-orchestrator.json"), text)).message()
    }

    fn all_of(read: ReadFile) -> ConfigError {
        read.whole().expect_err("refused")
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once_and_the_rest_is_read() {
        let text = json!({
            "prod_ulr": "https://a.example", "verbose": "yes", "gatekeeper_id": "gate",
            "timeouts": {"command_s": "soon", "drifts": 1}, "allowed_hosts": [1, "b", true],
        });
        let read = parse(Path::new("/r/f"), &text.to_string());
        assert_eq!(read.settings.gatekeeper_id.as_deref(), Some("gate"));
        assert!(read.settings.verbose.is_none() && read.settings.timeouts.is_none());
        let message = all_of(read).message();
        for told in [
            "6 settings cannot be used: ",
            "unknown key `prod_ulr` in /r/f; did you mean `prod_url`?",
            "`verbose` in /r/f is text; expected true or false",
            "`timeouts.command_s` in /r/f is text",
            "unknown key `timeouts.drifts` in /r/f; did you mean `drift_s`?",
            "`allowed_hosts.0` in /r/f is a number",
            "`allowed_hosts.2` in /r/f is true or false",
        ] {
            assert!(message.contains(told), "{told}: {message}");
        }
        assert!(!message.contains('\n'));
    }

    #[test]
    fn e09_an_unknown_key_is_refused_with_the_nearest_known_one() {
        let text = refusal(r#"{"fail_fast_on_drfit": false}"#);
        assert_eq!(
            text,
            "unknown key `fail_fast_on_drfit` in /r/.snipara-orchestrator.json; did you mean `fail_fast_on_drift`?"
        );
        let deep = refusal(r#"{"policy": {"requird_proofs": 3}}"#);
        assert!(deep.contains("`policy.requird_proofs`") && deep.contains("`required_proofs`?"), "{deep}");
        let user = refusal(r#"{"test_users": {"ada": {"bearer_evn": "SNIPARA_TEST_A"}}}"#);
        assert!(user.contains("`test_users.ada.bearer_evn`") && user.contains("`bearer_env`?"), "{user}");
    }

    #[test]
    fn e07_a_broken_file_gets_one_line_with_line_and_column() {
        let text = refusal("{\n  \"prod_url\": \"https://x.example\",\n  \"verbose\" true\n}");
        assert!(text.contains("not valid JSON") && text.contains("line 3 column") && !text.contains('\n'), "{text}");
        assert!(refusal("").contains("it ends too early"));
        assert!(refusal("{\"verbose\": true").contains("it ends too early"));
        assert!(refusal("[]").contains("the whole file") && refusal("7").contains("the whole file"));
    }

    #[test]
    fn a_wrong_type_names_the_key_and_both_types() {
        assert_eq!(
            refusal(r#"{"timeouts": {"command_s": "soon"}}"#),
            "`timeouts.command_s` in /r/.snipara-orchestrator.json is text; expected a whole number from 1 to 86400"
        );
        assert!(refusal(r#"{"verbose": 1}"#).contains("is a number; expected true or false"));
        assert!(refusal(r#"{"allowed_hosts": "x"}"#).contains("is text; expected a list"));
        assert!(refusal(r#"{"allowed_hosts": [1]}"#).contains("`allowed_hosts.0`"));
        assert!(refusal(r#"{"policy": {"required_proofs": -1}}"#).contains("expected a whole number"));
        assert!(refusal(r#"{"policy": {"required_proofs": 99999999999}}"#).contains("expected a whole number"));
        assert!(refusal(r#"{"deploy": {}}"#).contains("`deploy.command`"));
        assert!(refusal(r#"{"deploy": {"command": [1]}}"#).contains("`deploy.command.0`"));
        assert!(refusal(r#"{"deploy": {"command": 1}}"#).contains("is a number; expected a list or text"));
        assert!(refusal(r#"{"verbose": true, "verbose": false}"#).contains("stands twice"));
    }

    #[test]
    fn a_deployment_is_a_list_or_a_text_of_words() {
        let words = |command: Value| {
            let text = json!({"deploy": {"command": command}}).to_string();
            parse(Path::new("/r/f"), &text).whole().expect("reads").settings.deploy.expect("deploy").command
        };
        assert_eq!(words(json!("fly deploy --app 'my {service}'")), ["fly", "deploy", "--app", "my {service}"]);
        assert_eq!(words(json!(["fly", "deploy"])), ["fly", "deploy"]);
    }

    #[test]
    fn every_key_in_the_file_is_read() {
        let text = json!({
            "$schema": "x", "snipara_api_key": "k", "snipara_project": "p", "snipara_api_url": "u", "prod_url": "u",
            "repo_path": ".", "test_user": "t", "test_users": {"t": {"bearer_env": "SNIPARA_TEST_T", "methods": ["GET"]},
            "h": {"header": "X-Key", "value_env": "SNIPARA_TEST_H"},
            "b": {"basic": {"user_env": "SNIPARA_TEST_U", "password_env": "SNIPARA_TEST_P"}, "whoami": {"url": "/me",
            "expect": "jsonpath $.id == 7"}}, "l": {"login": [{"url": "/login"}, "POST /login"], "headers": ["A: b"]},
            "o": {"login": {"url": "/token"}, "headers": {"A": "b"}}}, "gatekeeper_id": "g", "fail_fast_on_drift": true,
            "auto_remember": true, "verbose": false, "toolsets": ["all"], "read_only": true, "lockdown": true,
            "policy": {"required_proofs": 2, "min_task_proofs": 1, "local_tests": [], "live_checks": [], "ui_tests": []},
            "suites": {"api": ["/s", {"url": "/t", "users": ["t"]}]}, "health_paths": ["/h"],
            "version": {"path": "/v", "header": "x-v", "field": "a.b", "compare": "package"},
            "deploy_paths": ["src/**"], "identity": {"assets": "dist", "pages": ["/"]}, "timeouts": {"command_s": 1, "drift_s": 1,
            "schema_s": 1, "ui_s": 1}, "settle_seconds": 0, "converge": {"initial_delay_s": 1, "interval_ms": 100,
            "consecutive_successes": 1, "failure_limit": 1}, "allowed_hosts": ["h"], "production_hosts": ["h"], "allowed_commands": ["c"],
            "deploy": {"command": ["d"]}, "resolve": {"h:1": "127.0.0.1:2"}, "ca_file": "c",
            "proxy": "none", "client_certificate": {"certificate": "c", "key_env": "SNIPARA_TEST_K", "key_file": "k"},
            "audit": {"file": "a", "max_mb": 1}
        });
        let read = parse(Path::new("/r/f"), &text.to_string()).whole().expect("reads");
        let keys: Vec<&str> = read.document.0.keys().map(String::as_str).collect();
        let schema = file_schema();
        let known: Vec<&str> =
            schema["properties"].as_object().expect("properties").keys().map(String::as_str).collect();
        assert!(known.iter().all(|key| keys.contains(key)), "the fixture lacks a key of the schema");
        assert!(explain(&schema, &text).is_empty(), "the schema refuses what is read");
    }

    proptest! {
        #[test]
        fn e06_no_refusal_shows_a_value(
            secret in "[A-Za-z0-9_-]{12,40}",
            key in prop::sample::select(vec![
                "verbose", "policy", "timeouts", "allowed_hosts", "test_users", "deploy", "version", "settle_seconds",
                "unknown", "health_paths",
            ]),
        ) {
            let text = json!({ "snipara_api_key": secret, key: secret }).to_string();
            let file = Path::new("/r/f");
            let error = all_of(parse(file, &text));
            let printed = format!("{error:?}");
            prop_assert!(!error.message().contains(&secret) && !printed.contains(&secret));
            let tail = &secret[secret.len() - 8..];
            prop_assert!(!error.message().contains(tail) && !error.hint().contains(tail));
            let cut = &text[..text.len() - 3];
            prop_assert!(!all_of(parse(file, cut)).message().contains(tail));
            let typed = json!({ "snipara_api_key": {"key": secret} }).to_string();
            prop_assert!(!all_of(parse(file, &typed)).message().contains(tail));
            let read = parse(file, &json!({ "snipara_api_key": secret }).to_string()).whole().expect("reads");
            let printed = format!("{read:?}");
            prop_assert!(!printed.contains(tail));
        }
    }
}
