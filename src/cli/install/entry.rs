//! The entry of this server in a client's file.

use serde_json::{Map, Value, json};

use super::client::{Client, InstallScope};

/// The variable that holds a token for our own server.
pub(crate) const TOKEN_VARIABLE: &str = "SNIPARA_ORCHESTRATOR_TOKEN";

/// Codex gives a tool call 60 s unless told otherwise; `run_task` may be asked to wait up to 600 s.
const CODEX_TIMEOUT_S: u64 = 650;
/// Gemini CLI gives a tool call 600 s, which is exactly as long as `run_task` may wait: its answer would come too late.
const GEMINI_TIMEOUT_MS: u64 = 650_000;

/// A server that runs already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Remote {
    /// Its address.
    pub(crate) url: String,
    /// The variable that holds the token, when it wants one.
    pub(crate) token_variable: Option<String>,
}

/// The options that the entry is made from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct InstallOptions {
    /// The program to start.
    pub(crate) command: String,
    /// Production's address.
    pub(crate) prod_url: Option<String>,
    /// The repository, when the person named one.
    pub(crate) repository: Option<String>,
    /// The project, when the person named one.
    pub(crate) project: Option<String>,
    /// Variables that the server reads, for a client that hands on few.
    pub(crate) variables: Vec<String>,
    /// Whether the agent may use the tools without asking, for a client that would ask.
    pub(crate) approve: bool,
    /// The server to call instead of starting one.
    pub(crate) remote: Option<Remote>,
}

/// The keys of our entry, and keys of the other transport that must not stand beside them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ServerEntry {
    /// Our keys.
    pub(crate) fields: Map<String, Value>,
    /// Keys that contradict ours.
    pub(crate) conflicting_keys: &'static [&'static str],
}

const LOCAL_KEYS: [&str; 5] = ["command", "args", "env", "env_vars", "cwd"];
const REMOTE_KEYS: [&str; 7] =
    ["url", "httpUrl", "serverUrl", "headers", "bearer_token_env_var", "http_headers", "env_http_headers"];

impl ServerEntry {
    /// Makes the entry of a client.
    pub(crate) fn new(client: Client, scope: InstallScope, options: &InstallOptions) -> Self {
        let (mut fields, conflicting_keys): (_, &[&str]) = match &options.remote {
            Some(remote) => (remote_fields(client, remote), &LOCAL_KEYS),
            None => (local_fields(client, scope, options), &REMOTE_KEYS),
        };
        if client == Client::Codex && options.approve {
            fields.insert("default_tools_approval_mode".into(), json!("approve"));
        }
        add_timeout(client, &mut fields);
        Self { fields, conflicting_keys }
    }
}

fn local_fields(client: Client, scope: InstallScope, options: &InstallOptions) -> Map<String, Value> {
    let mut fields = Map::new();
    if matches!(client, Client::Claude | Client::Cursor | Client::VsCode) {
        fields.insert("type".into(), json!("stdio"));
    }
    let mut words = vec!["mcp".to_owned()];
    if let Some(url) = &options.prod_url {
        words.extend(["--prod-url".to_owned(), url.clone()]);
    }
    if let Some(project) = &options.project {
        words.extend(["--project".to_owned(), project.clone()]);
    }
    // Editors start a server in a folder of their own. The other clients start it in the folder of the person's work.
    let usual = match (client, scope) {
        (Client::Cursor | Client::VsCode, _) => Some("${workspaceFolder}".to_owned()),
        _ => None,
    };
    if let Some(repository) = options.repository.clone().or(usual) {
        words.extend(["--repo".to_owned(), repository]);
    }
    fields.insert("command".into(), json!(options.command));
    fields.insert("args".into(), json!(words));
    if client == Client::Codex && !options.variables.is_empty() {
        fields.insert("env_vars".into(), json!(options.variables));
    }
    fields
}

fn remote_fields(client: Client, remote: &Remote) -> Map<String, Value> {
    let mut fields = Map::new();
    if matches!(client, Client::Claude | Client::VsCode) {
        fields.insert("type".into(), json!("http"));
    }
    let key = match client {
        Client::Gemini => "httpUrl",
        Client::Windsurf => "serverUrl",
        _ => "url",
    };
    fields.insert(key.into(), json!(remote.url));
    if let Some(variable) = &remote.token_variable {
        let reference = match client {
            Client::Codex => {
                fields.insert("bearer_token_env_var".into(), json!(variable));
                None
            }
            Client::Claude | Client::Gemini => Some(format!("${{{variable}}}")),
            Client::Cursor | Client::VsCode | Client::Windsurf => Some(format!("${{env:{variable}}}")),
        };
        if let Some(reference) = reference {
            fields.insert("headers".into(), json!({ "Authorization": format!("Bearer {reference}") }));
        }
    }
    fields
}

fn add_timeout(client: Client, fields: &mut Map<String, Value>) {
    match client {
        Client::Codex => fields.insert("tool_timeout_sec".into(), json!(CODEX_TIMEOUT_S)),
        Client::Gemini => fields.insert("timeout".into(), json!(GEMINI_TIMEOUT_MS)),
        _ => None,
    };
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    fn remote(variable: Option<&str>) -> InstallOptions {
        let remote = Remote { url: "https://o.example.com/mcp".into(), token_variable: variable.map(str::to_owned) };
        InstallOptions { command: "snipara-orchestrator".into(), remote: Some(remote), ..InstallOptions::default() }
    }

    #[test]
    fn every_client_is_given_the_name_of_a_variable_and_no_token() {
        for client in Client::value_variants() {
            let text = Value::from(ServerEntry::new(*client, InstallScope::User, &remote(Some("MY_TOKEN"))).fields)
                .to_string();
            assert!(text.contains("MY_TOKEN"), "{text}");
            let without = Value::from(ServerEntry::new(*client, InstallScope::User, &remote(None)).fields).to_string();
            assert!(!without.contains("oken") && !without.contains("Authorization"), "{without}");
        }
    }

    #[test]
    fn clients_that_wait_too_short_are_told_to_wait() {
        let timeout =
            |client, key: &str| ServerEntry::new(client, InstallScope::User, &remote(None)).fields.get(key).cloned();
        assert_eq!(timeout(Client::Codex, "tool_timeout_sec"), Some(json!(650)));
        assert_eq!(timeout(Client::Gemini, "timeout"), Some(json!(650_000)));
    }

    #[test]
    fn a_repository_that_was_named_goes_before_the_editors_own() {
        let mut options = InstallOptions { command: "s".into(), ..InstallOptions::default() };
        let args = |options: &InstallOptions| {
            ServerEntry::new(Client::Cursor, InstallScope::Project, options).fields["args"].clone()
        };
        assert_eq!(args(&options), json!(["mcp", "--repo", "${workspaceFolder}"]));
        options.repository = Some("/r".into());
        assert_eq!(args(&options), json!(["mcp", "--repo", "/r"]));
    }

    #[test]
    fn codex_is_told_what_it_hands_on_and_whom_it_need_not_ask() {
        let options = InstallOptions {
            command: "s".into(),
            variables: vec!["SNIPARA_TEST_ADA".into()],
            approve: true,
            ..InstallOptions::default()
        };
        let fields = ServerEntry::new(Client::Codex, InstallScope::User, &options).fields;
        assert_eq!(fields["env_vars"], json!(["SNIPARA_TEST_ADA"]));
        assert_eq!(fields["default_tools_approval_mode"], "approve");
        let fields = ServerEntry::new(Client::Claude, InstallScope::User, &options).fields;
        assert!(!fields.contains_key("env_vars") && !fields.contains_key("default_tools_approval_mode"), "{fields:?}");
    }

    #[test]
    fn every_client_is_told_the_project() {
        let options = InstallOptions { command: "s".into(), project: Some("shop".into()), ..InstallOptions::default() };
        for client in Client::value_variants() {
            let fields = ServerEntry::new(*client, InstallScope::User, &options).fields;
            let words = fields["args"].as_array().expect("words");
            assert!(words.windows(2).any(|pair| pair == [json!("--project"), json!("shop")]), "{words:?}");
        }
    }
}
