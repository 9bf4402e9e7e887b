//! A client that asks and never reads.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::json;

#[test]
fn a_client_that_never_reads_is_stopped_at_a_bound_with_one_clear_line() {
    let home = tempfile::tempdir().expect("a home");
    let mut server = Command::new(env!("CARGO_BIN_EXE_snipara-orchestrator"))
        .arg("mcp")
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("SNIPARA_ORCHESTRATOR_HOME", home.path())
        .current_dir(home.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut input = server.stdin.take().expect("its input");
    let unread = server.stdout.take().expect("its output");
    let client = json!({"name": "it", "version": "1"});
    let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client});
    let open = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params});
    let opened = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    writeln!(input, "{open}\n{opened}").expect("written");
    // An answer repeats the id: a thousand of them are more than the bound. The input stays open, and so does the output.
    let long = "x".repeat(100_000);
    for number in 0..1_000 {
        let asked = json!({"jsonrpc": "2.0", "id": format!("{number}{long}"), "method": "ping"});
        if writeln!(input, "{asked}").is_err() {
            break;
        }
    }
    let output = server.wait_with_output().expect("its end");
    drop((input, unread));
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.contains("the client does not read: 64 MiB of answers wait for it"), "{told}");
}
