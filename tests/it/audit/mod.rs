//! The audit trail as an operator reads it: the lines in the file that real calls through each door left.

mod doors;
mod refusals;
mod setting;

use std::path::Path;

use serde_json::Value;

use crate::support::http_process::Site;
use crate::support::mcp_process::McpProcess;

const ADA: &str = "planted-token-of-ada-0001";
const READER: &str = "planted-token-of-a-reader";

/// Reads the trail of a site's project.
fn trail(site: &Site) -> Vec<Value> {
    lines(&site.home().join("projects/it/audit.jsonl"))
}

fn lines(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"))).collect()
}

/// The lines about one thing.
fn about<'a>(lines: &'a [Value], what: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["what"] == what).collect()
}

/// Starts `mcp` with a session on a site.
async fn mcp(site: &Site, words: &[&str]) -> McpProcess {
    let command = site.command("mcp", words);
    let arguments: Vec<String> = command.as_std().get_args().map(|word| word.to_string_lossy().into_owned()).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut server = McpProcess::start_as(&[], &site.home(), &words);
    server.initialize().await;
    server
}

/// Writes a token file that only its owner reads.
fn tokens(site: &Site) -> String {
    use std::os::unix::fs::PermissionsExt;
    let file = site.path().join("tokens");
    std::fs::write(&file, format!("ada read,validate,write {ADA}\nreader read {READER}\n")).expect("written");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("a mode");
    file.display().to_string()
}
