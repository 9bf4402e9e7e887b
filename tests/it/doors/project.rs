//! A project whose state folder is copied for each door, and the doors.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use rmcp::model::CallToolRequestParams;
use rmcp::service::ClientServiceExt;
use rmcp::transport::StreamableHttpClientTransport;
use serde_json::{Value, json};
use snipara_orchestrator::store::STORE_FILE;
use tempfile::TempDir;
use tokio::process::Command;

use crate::support::http_process::HttpProcess;
use crate::support::http_served::{posting, told};
use crate::support::mcp_client::Era;
use crate::support::mcp_process::McpProcess;
use crate::support::patience::PATIENCE;
use crate::support::production::{Answer, Production};
use crate::support::sqlite::sqlite3;
use crate::support::world::git;

/// What both servers offer.
const OFFERED: [&str; 3] = ["--toolsets", "all", "--allow-any-command"];

/// Names for what only the store knows, in arguments and words.
const NAMES: [(&str, &str); 10] = [
    ("$swarm", "SELECT id FROM swarms WHERE name = 'shop'"),
    ("$feature", "SELECT id FROM htasks WHERE level = 'N1_FEATURE'"),
    ("$stream", "SELECT id FROM htasks WHERE workstream_type = 'API'"),
    ("$work", "SELECT id FROM htasks WHERE title = 'Work'"),
    ("$other", "SELECT id FROM htasks WHERE title = 'Other'"),
    ("$fence", "SELECT max(fencing_token) FROM htasks"),
    ("$claim", "SELECT id FROM swarm_claims"),
    ("$newer", "SELECT id FROM memories ORDER BY row_number LIMIT 1 OFFSET 1"),
    ("$memory", "SELECT id FROM memories ORDER BY row_number LIMIT 1"),
    ("$task", "SELECT id FROM tasks LIMIT 1"),
];

/// A way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Door {
    /// MCP over pipes.
    Stdio,
    /// MCP over HTTP.
    Http,
    /// The command line.
    CommandLine,
    /// Snipara's route for JSON-RPC.
    SniparaRpc,
    /// Snipara's route for `{tool, params}`.
    SniparaRest,
}

/// A repository and a production that all projects share, and the folder of their state.
pub(super) struct Ground {
    folder: TempDir,
    production: Production,
}

impl Ground {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let repository = folder.path().join("repository");
        std::fs::create_dir(&repository).expect("a repository");
        git(&repository, &["init", "--quiet", "--initial-branch=main"]);
        let text = "# The shop\n\nThe shop sells carts.\n\n## Carts\n\nA cart holds three items.\n";
        std::fs::write(repository.join("README.md"), text).expect("a file");
        git(&repository, &["add", "."]);
        git(&repository, &["commit", "--quiet", "--message", "first"]);
        let production = Production::healthy().await;
        production.answer("/version", Answer::json(200, &json!({ "version": "1" })));
        Self { folder, production }
    }

    /// An empty project.
    pub(super) fn project(&self, name: &str) -> Project<'_> {
        let home = self.folder.path().join(name);
        std::fs::create_dir(&home).expect("a home");
        Project { ground: self, home }
    }
}

/// One state folder. All are of the same project name, so that what is stored can be the same.
pub(super) struct Project<'g> {
    ground: &'g Ground,
    home: PathBuf,
}

impl<'g> Project<'g> {
    fn file(&self) -> PathBuf {
        self.home.join("projects/it").join(STORE_FILE)
    }

    /// A copy under another name; nobody has the store open.
    pub(super) fn copy(&self, name: &str) -> Project<'g> {
        let copy = self.ground.project(name);
        let (from, to) = (self.file(), copy.file());
        if from.exists() {
            std::fs::create_dir_all(to.parent().expect("a folder")).expect("made");
            for name in [STORE_FILE, "store.sqlite3-wal", "ledger.head"] {
                let from = from.with_file_name(name);
                if from.exists() {
                    std::fs::copy(&from, to.with_file_name(name)).expect("copied");
                }
            }
        }
        copy
    }

    pub(super) fn sql(&self, sql: &str) -> String {
        sqlite3(&self.file(), sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    pub(super) fn store(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.file()).expect("a store")
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_snipara-orchestrator"));
        command
            .args(["--prod-url", &self.ground.production.url(), "--project", "it", "--repo"])
            .arg(self.ground.folder.path().join("repository"))
            .args(words)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.home)
            .env("SNIPARA_ORCHESTRATOR_HOME", &self.home)
            .current_dir(&self.home)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Puts what the store says in the place of its name.
    pub(super) fn filled(&self, text: &str) -> String {
        NAMES.iter().filter(|(name, _)| text.contains(name)).fold(text.to_owned(), |text, (name, sql)| {
            let value = self.sql(sql);
            assert!(!value.is_empty(), "{name} is not there");
            // A number stands without quotation marks.
            text.replace(&format!("\"{name}#\""), &value).replace(name, &value)
        })
    }

    /// Calls tools of ours over pipes, one after the other.
    pub(super) async fn over_stdio(&self, calls: &[(&str, Value)]) -> Vec<Result<Value, Value>> {
        let repository = self.ground.folder.path().join("repository");
        let url = self.ground.production.url();
        let words = ["--prod-url", &url, "--project", "it", "--repo", path(&repository), "mcp"];
        let words: Vec<&str> = words.into_iter().chain(OFFERED).collect();
        let mut server = McpProcess::start_as(&[], &self.home, &words);
        server.initialize().await;
        let mut answers = Vec::new();
        for (tool, arguments) in calls {
            let arguments = serde_json::from_str(&self.filled(&arguments.to_string())).expect("JSON");
            answers.push(told_by(server.call(tool, arguments).await));
        }
        assert!(server.hang_up().await, "the server ends well");
        answers
    }

    /// Calls one tool through a door; the command line takes its words instead.
    pub(super) async fn through(&self, door: Door, call: &Call) -> Result<Value, Value> {
        match (door, call) {
            (_, Call::Words(words)) => self.on_the_command_line(words).await,
            (Door::Stdio, Call::Tool(tool, arguments)) => self.over_stdio(&[(tool, arguments.clone())]).await.remove(0),
            (_, Call::Tool(tool, arguments)) => {
                let arguments = serde_json::from_str(&self.filled(&arguments.to_string())).expect("JSON");
                self.over_http(door, tool, &arguments).await
            }
        }
    }

    /// Names the tools that Snipara's route lists, without prefix.
    pub(super) async fn listed_for_snipara(&self) -> Vec<String> {
        let server = self.serve().await;
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
        let answer = told(posting(&format!("http://{}/mcp/it", server.authority()), &message)).await.json();
        let tools = answer["result"]["tools"].as_array().expect("a list");
        tools.iter().filter_map(|tool| Some(tool["name"].as_str()?.trim_start_matches("snipara_").to_owned())).collect()
    }

    async fn serve(&self) -> HttpProcess {
        let words: Vec<&str> = ["serve", "--no-token", "--bind", "127.0.0.1:0"].into_iter().chain(OFFERED).collect();
        HttpProcess::started(self.command(&words)).await
    }

    async fn on_the_command_line(&self, words: &[&str]) -> Result<Value, Value> {
        let words: Vec<String> = words.iter().chain(&["--json"]).map(|word| self.filled(word)).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let running = self.command(&words).output();
        let output = tokio::time::timeout(PATIENCE, running).await.expect("an end in time").expect("it ran");
        let text = String::from_utf8_lossy(&output.stdout);
        let document: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {output:?}"));
        if document.get("error").is_some() { Err(document) } else { Ok(document) }
    }

    async fn over_http(&self, door: Door, tool: &str, arguments: &Value) -> Result<Value, Value> {
        let mut server = self.serve().await;
        let url = |place: &str| format!("http://{}{place}", server.authority());
        let params = json!({ "name": tool, "arguments": arguments });
        let answer = match door {
            Door::Http => {
                let transport = StreamableHttpClientTransport::from_uri(url("/mcp"));
                let session = ().serve_with_lifecycle(transport, Era::Discover.lifecycle()).await.expect("a session");
                // A client of this era learns from the listing which arguments it must repeat as headers. Its task that
                // learns and the one that calls run beside each other: the refusal (-32020) says to list again.
                let mut tries = 0;
                let calling = loop {
                    session.list_all_tools().await.expect("tools");
                    let mut request = CallToolRequestParams::new(tool.to_owned());
                    request.arguments = arguments.as_object().cloned();
                    let calling = tokio::time::timeout(PATIENCE, session.call_tool(request)).await;
                    let calling = calling.expect("an answer in time");
                    tries += 1;
                    let unlearned = calling.as_ref().is_err_and(|error| error.to_string().contains("-32020"));
                    if !unlearned || tries == 3 {
                        break calling;
                    }
                };
                let result = serde_json::to_value(calling.expect("a result")).expect("JSON");
                session.cancel().await.expect("ended");
                told_by(result)
            }
            Door::SniparaRpc => {
                let message = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params });
                let answer = told(posting(&url("/mcp/it"), &message)).await.json();
                if answer["result"]["isError"] == true { Err(answer) } else { Ok(answer["result"].clone()) }
            }
            _ => {
                let answer = told(posting(&url("/v1/it/mcp"), &json!({ "tool": tool, "params": arguments }))).await;
                let answer = answer.json();
                if answer["success"] == true { Ok(answer["result"].clone()) } else { Err(answer) }
            }
        };
        server.signal("TERM");
        server.ended().await;
        answer
    }
}

/// What is asked of a door.
#[derive(Debug, Clone)]
pub(super) enum Call {
    /// A tool and its arguments.
    Tool(&'static str, Value),
    /// Words of the command line.
    Words(Vec<&'static str>),
}

fn told_by(result: Value) -> Result<Value, Value> {
    if result["isError"] != true { Ok(result["structuredContent"].clone()) } else { Err(result) }
}

fn path(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}
