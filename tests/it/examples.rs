//! Every example runs to its end, and every client's configuration is one that the client and our binary take.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// The examples themselves, compiled into this binary: what a reader copies is what runs here.
#[path = "../../examples/context.rs"]
mod context;
#[expect(clippy::duplicate_mod, reason = "examples are programs of their own, each with the same support")]
#[path = "../../examples/drift_detector.rs"]
mod drift_detector;
#[path = "../../examples/executor.rs"]
mod executor;
#[expect(clippy::duplicate_mod, reason = "as above")]
#[path = "../../examples/gatekeeper.rs"]
mod gatekeeper;
#[path = "../../examples/htasks.rs"]
mod htasks;
#[path = "../../examples/memory.rs"]
mod memory;
#[expect(clippy::duplicate_mod, reason = "as above")]
#[path = "../../examples/orchestrator.rs"]
mod orchestrator;
#[path = "../../examples/swarm.rs"]
mod swarm;
#[expect(clippy::duplicate_mod, reason = "as above")]
#[path = "../../examples/validator.rs"]
mod validator;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn client(path: &str) -> String {
    std::fs::read_to_string(root().join("examples/clients").join(path)).expect(path)
}

/// Each client's file, and the words that `install` makes it of.
const CLIENTS: [(&str, &str, &[&str]); 6] = [
    ("claude-code", ".mcp.json", &["claude", "--project"]),
    ("codex", "config.toml", &["codex", "--project"]),
    ("cursor", ".cursor/mcp.json", &["cursor", "--project"]),
    ("vscode", ".vscode/mcp.json", &["vscode", "--project"]),
    ("gemini", ".gemini/settings.json", &["gemini", "--project"]),
    ("windsurf", "mcp_config.json", &["windsurf", "--user"]),
];

/// Reads a client's entry, from its own kind of file.
fn entry(path: &str) -> Value {
    let text = client(path);
    let document: Value = if path.ends_with(".toml") {
        serde_json::to_value(text.parse::<toml::Table>().expect("TOML")).expect("a table")
    } else {
        serde_json::from_str(&text).expect("JSON")
    };
    let section = ["mcpServers", "servers", "mcp_servers"].into_iter().find_map(|key| document.get(key));
    section.unwrap_or_else(|| panic!("{path}: no section")).get("snipara-orchestrator").expect(path).clone()
}

fn servers() -> Vec<(&'static str, Value)> {
    CLIENTS.iter().map(|(name, file, _)| (*name, entry(&format!("{name}/{file}")))).collect()
}

fn printed(words: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_snipara-orchestrator"))
        .arg("install")
        .args(words)
        .arg("--print")
        .current_dir(folder.path())
        // What is set here is no part of an example.
        .env_clear()
        .env("HOME", folder.path())
        .output()
        .expect("the binary starts");
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn the_clients_files_are_what_install_prints() {
    for (name, file, words) in CLIENTS {
        let mut local = [words, &["--prod-url", "https://api.example.com"]].concat();
        if name == "windsurf" {
            local.extend(["--repo", "/path/to/repository"]);
        }
        assert_eq!(client(&format!("{name}/{file}")), printed(&local), "{name}");
        let remote = [words, &["--http", "https://orchestrator.example.com/mcp"]].concat();
        assert_eq!(client(&format!("{name}/http/{file}")), printed(&remote), "{name}");
    }
}

#[test]
fn a_remote_client_calls_the_protocol_and_reads_its_token_from_a_variable() {
    for (name, file, _) in CLIENTS {
        let entry = entry(&format!("{name}/http/{file}"));
        let url = ["url", "httpUrl", "serverUrl"].into_iter().find_map(|key| entry.get(key)).expect(name);
        assert_eq!(url, "https://orchestrator.example.com/mcp", "{name}");
        assert!(entry.to_string().contains("SNIPARA_ORCHESTRATOR_TOKEN"), "{name}: {entry}");
        assert!(entry.get("command").is_none(), "{name}: {entry}");
    }
}

#[test]
fn the_executor_example_runs() {
    executor::main().expect("the example");
}

#[test]
fn the_validator_example_runs() {
    validator::main().expect("the example");
}

#[test]
fn the_drift_detector_example_runs() {
    drift_detector::main().expect("the example");
}

#[test]
fn the_gatekeeper_example_runs() {
    gatekeeper::main().expect("the example");
}

#[test]
fn the_orchestrator_example_runs() {
    orchestrator::main().expect("the example");
}

#[test]
fn the_memory_example_runs() {
    memory::main().expect("the example");
}

#[test]
fn the_context_example_runs() {
    context::main().expect("the example");
}

#[test]
fn the_swarm_example_runs() {
    swarm::main().expect("the example");
}

#[test]
fn the_htasks_example_runs() {
    htasks::main().expect("the example");
}

#[test]
fn every_example_is_run_by_a_test() {
    let this = std::fs::read_to_string(root().join("tests/it/examples.rs")).expect("this file");
    for entry in std::fs::read_dir(root().join("examples")).expect("the folder").flatten() {
        if let Some(name) = entry.path().file_name().and_then(|name| name.to_str()?.strip_suffix(".rs")) {
            assert!(this.contains(&format!("    {name}::main()")), "examples/{name}.rs is run by no test");
        }
    }
}

#[test]
fn every_client_starts_our_command() {
    for (name, server) in servers() {
        assert_eq!(server["command"], "snipara-orchestrator", "{name}: {server}");
        assert_eq!(server["args"][0], "mcp", "{name}: {server}");
    }
}

#[test]
fn clients_that_ask_for_a_type_get_stdio() {
    for (name, server) in servers() {
        if matches!(name, "claude-code" | "cursor" | "vscode") {
            assert_eq!(server["type"], "stdio", "{name}: {server}");
        }
    }
}

#[test]
fn clients_that_give_up_early_wait_longer_than_run_task_may_take() {
    for folder in ["", "http/"] {
        let codex = entry(&format!("codex/{folder}config.toml"));
        assert!(codex["tool_timeout_sec"].as_u64() >= Some(650), "{codex}");
        let gemini = entry(&format!("gemini/{folder}.gemini/settings.json"));
        assert!(gemini["timeout"].as_u64() >= Some(650_000), "{gemini}");
    }
}

#[test]
fn our_binary_takes_the_arguments_of_every_client() {
    for (name, server) in servers() {
        let folder = tempfile::tempdir().expect("a folder");
        let arguments = server["args"].as_array().expect("a list").iter().map(|argument| {
            let here = folder.path().to_string_lossy();
            let argument = argument.as_str().expect("a text");
            argument.replace("${workspaceFolder}", &here).replace("/path/to/repository", &here)
        });
        // With nothing on its input the server ends at once; with a flag that it does not know, with code 2.
        let output = Command::new(env!("CARGO_BIN_EXE_snipara-orchestrator"))
            .args(arguments)
            .current_dir(folder.path())
            .env("SNIPARA_ORCHESTRATOR_HOME", folder.path().join("state"))
            .stdin(Stdio::null())
            .output()
            .expect("the server starts");
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn the_documents_show_the_configurations_as_they_are_tested() {
    let document = std::fs::read_to_string(root().join("docs/clients.md")).expect("docs/clients.md");
    for path in ["codex/config.toml", "cursor/.cursor/mcp.json", "vscode/.vscode/mcp.json", "claude-code/.mcp.json"] {
        let shown = client(path).lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n");
        let shown = shown.trim();
        assert!(document.contains(shown), "docs/clients.md does not show {}", Path::new(path).display());
    }
}
