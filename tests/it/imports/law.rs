//! Who may use whom, and which room each outside library has.

use super::{Source, assert_none, sources};

/// The table of src/ARCHITECTURE.md; rooms that do not exist yet may already stand here.
const LAW: [(&str, &[&str]); 27] = [
    ("domain", &[]),
    ("limits", &[]),
    ("reload", &[]),
    ("audit", &["domain"]),
    ("config", &["domain", "expect"]),
    ("detect", &[]),
    ("expect", &["domain"]),
    ("outbound", &["domain"]),
    ("executor", &["domain"]),
    ("store", &["domain"]),
    ("ledger", &["domain", "store"]),
    ("validator", &["domain", "expect", "outbound", "executor"]),
    ("drift", &["domain", "outbound", "executor", "validator"]),
    ("gatekeeper", &["domain", "expect", "executor", "validator", "drift", "ledger"]),
    ("telemetry", &[]),
    ("demo", &[]),
    ("skill", &[]),
    ("snipara", &["domain", "outbound", "store"]),
    (
        "orchestrator",
        &["domain", "expect", "limits", "gatekeeper", "executor", "validator", "drift", "ledger", "snipara", "store"],
    ),
    // `snipara::payload`, the host's JSON, as data.
    ("tools", &["domain", "orchestrator", "snipara"]),
    ("mcp", &["domain", "limits", "tools", "orchestrator", "snipara", "skill"]),
    ("http", &["domain", "limits", "reload", "mcp", "tools", "orchestrator", "snipara"]),
    // `snipara::payload` as data, as for tools.
    ("cli", &["domain", "config", "app", "detect", "tools", "orchestrator", "mcp", "http", "demo", "snipara", "skill"]),
    (
        "app",
        &[
            "domain",
            "audit",
            "config",
            "expect",
            "outbound",
            "executor",
            "store",
            "ledger",
            "validator",
            "drift",
            "gatekeeper",
            "telemetry",
            "demo",
            "snipara",
            "orchestrator",
            "tools",
            "mcp",
            "http",
        ],
    ),
    ("main", &["cli"]),
    ("bin", &["cli"]),
    ("lib", &[]),
];

/// Path beginnings, and where they may stand: rooms, or files (with their ending).
const OUTSIDE: [(&str, &[&str]); 32] = [
    ("rmcp", &["mcp", "http", "demo"]),
    ("axum", &["http", "demo"]),
    ("hyper_util", &["http", "outbound"]),
    ("tower_http", &["http"]),
    ("tokio_rustls", &["http"]),
    ("prometheus_client", &["http"]),
    ("jsonwebtoken", &["http"]),
    ("governor", &["http"]),
    ("subtle", &["http"]),
    ("http_body_util", &["http"]),
    ("tokio_io_timeout", &["http"]),
    ("libc", &["http/malloc_trim.rs"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("indicatif", &["cli"]),
    ("anstream", &["cli"]),
    ("anstyle", &["cli"]),
    ("serde_saphyr", &["detect"]),
    ("toml_edit", &["cli"]),
    ("jsonc_parser", &["cli"]),
    ("sqlx", &["store"]),
    ("reqwest", &["outbound"]),
    ("rustls", &["outbound"]),
    ("compression_codecs", &["outbound"]),
    ("quick_xml", &["validator", "executor"]),
    ("schemars", &["tools", "http", "config", "ledger", "domain", "expect"]),
    ("anyhow", &["cli", "app"]),
    // The demo starts our own binary by rmcp's child transport.
    ("tokio::process", &["executor", "demo"]),
    ("std::process::Command", &["executor"]),
    ("std::env", &["config/env.rs", "main.rs", "bin/snipara.rs"]),
    ("std::time::SystemTime", &["domain/clock.rs"]),
    // The formats of strftime, which users write.
    ("chrono", &["domain/clock.rs", "expect/filters/date.rs"]),
];

const PRINTING: [&str; 5] = ["print", "println", "eprint", "eprintln", "dbg"];

fn breaches_of_the_law(source: &Source) -> Vec<String> {
    let room = source.room();
    let Some((_, allowed)) = LAW.iter().find(|(name, _)| *name == room) else {
        return vec![format!("{}: the room {room} does not stand in the law of imports", source.file)];
    };
    let known = |name: &str| LAW.iter().any(|(room, _)| *room == name);
    let mut breaches = Vec::new();
    for path in source.paths() {
        let [first, target, ..] = path.segments.as_slice() else { continue };
        if first != "crate" || target == room || allowed.contains(&target.as_str()) {
            continue;
        }
        if known(target) {
            breaches.push(format!("{room} -> {target}: src/{}:{}", source.file, path.line));
        } else if room != "lib" {
            breaches.push(format!("{room} -> {target} (no room): src/{}:{}", source.file, path.line));
        }
    }
    breaches
}

fn breaches_outside(source: &Source) -> Vec<String> {
    let may = |places: &[&str]| places.contains(&source.room()) || places.contains(&source.file.as_str());
    let mut breaches = Vec::new();
    for path in source.paths() {
        let named = path.segments.join("::");
        for (library, places) in OUTSIDE {
            let begins = named == library || named.starts_with(&format!("{library}::"));
            if begins && !may(places) {
                breaches.push(format!("{} -> {library}: src/{}:{}", source.room(), source.file, path.line));
            }
        }
        if let [printing] = path.segments.as_slice()
            && PRINTING.contains(&printing.as_str())
            && source.room() != "cli"
        {
            breaches.push(format!("{} -> {printing}!: src/{}:{}", source.room(), source.file, path.line));
        }
        if path.segments.ends_with(&["std".to_owned(), "process".to_owned()]) && !may(&["executor"]) {
            breaches.push(format!("{} -> std::process: src/{}:{}", source.room(), source.file, path.line));
        }
    }
    breaches
}

fn fake(file: &str, text: &str) -> Source {
    Source { file: file.to_owned(), text: text.to_owned() }
}

#[test]
fn rooms_use_only_the_rooms_that_the_law_allows() {
    assert_none(&sources().iter().flat_map(breaches_of_the_law).collect::<Vec<_>>());
}

#[test]
fn outside_libraries_stay_in_their_rooms() {
    assert_none(&sources().iter().flat_map(breaches_outside).collect::<Vec<_>>());
}

#[test]
fn a_breach_of_the_law_is_noticed() {
    let source =
        fake("drift/routes.rs", "use crate::{domain::Task, store::Store};\nfn f(x: super::super::ledger::X) {}");
    assert_eq!(
        breaches_of_the_law(&source),
        ["drift -> store: src/drift/routes.rs:1", "drift -> ledger: src/drift/routes.rs:2"]
    );
    let source =
        fake("drift/routes.rs", "use std::{env, time::SystemTime};\nfn f() { println!(\"x\"); sqlx::query(y); }");
    assert_eq!(
        breaches_outside(&source),
        [
            "drift -> std::env: src/drift/routes.rs:1",
            "drift -> std::time::SystemTime: src/drift/routes.rs:1",
            "drift -> println!: src/drift/routes.rs:2",
            "drift -> sqlx: src/drift/routes.rs:2"
        ]
    );
}
