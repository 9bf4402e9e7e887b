//! tool-schemas/ holds each tool as `tools/list` shows it. `UPDATE_SCHEMAS=1 cargo it mcp::schemas` rewrites it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;
use snipara_orchestrator::mcp::tool_definitions;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tool-schemas")
}

fn updating() -> bool {
    std::env::var_os("UPDATE_SCHEMAS").is_some()
}

#[test]
fn each_tool_lies_in_its_file_as_it_is_listed() {
    for (name, definition) in tool_definitions() {
        let path = folder().join(format!("{name}.json"));
        if updating() {
            let text = format!("{}\n", serde_json::to_string_pretty(&definition).expect("json"));
            std::fs::write(&path, text).expect("written");
        }
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let kept: Value = serde_json::from_str(&text).expect("json");
        assert_eq!(kept, definition, "run UPDATE_SCHEMAS=1 cargo it mcp::schemas");
    }
}

#[test]
fn no_file_is_left_over() {
    let names: BTreeSet<_> = tool_definitions().into_iter().map(|(name, _)| format!("{name}.json")).collect();
    let files: BTreeSet<_> = std::fs::read_dir(folder())
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    assert!(files.is_subset(&names), "left over: {:?}", files.difference(&names).collect::<Vec<_>>());
}
