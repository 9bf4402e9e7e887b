//! The table is carried out, and no verb of any door is missing in it.

use std::collections::BTreeSet;

use serde_json::json;

use super::project::{Call, Door, Ground};
use super::verb::Verb;
use super::{htasks, memories, swarms, validation};

/// Commands that ask for nothing that another door can do: they are about this machine, or need a person.
const OF_THE_TERMINAL_ALONE: [&str; 22] = [
    "htask-bootstrap",
    "init",
    "trust",
    "status",
    "deploy",
    "agents",
    "team-sync",
    "doctor",
    "backup",
    "restore",
    "store",
    "schemas",
    "completions",
    "mcp",
    "serve",
    "install",
    "uninstall",
    "skill",
    "hook",
    "help",
    "version",
    // Nothing but names that are in the store already.
    "swarm-list",
];

async fn holds(verbs: Vec<Verb>) {
    let ground = Ground::new().await;
    let mut problems = Vec::new();
    for verb in verbs {
        problems.extend(verb.problems(&ground).await);
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_checks_and_documents_are_stored_alike_through_every_door() {
    holds(validation::verbs()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn memories_are_stored_alike_through_every_door() {
    holds(memories::verbs()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn swarms_are_stored_alike_through_every_door() {
    holds(swarms::verbs()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn htasks_are_stored_alike_through_every_door() {
    holds(htasks::verbs()).await;
}

fn asked(door: Door) -> BTreeSet<&'static str> {
    let verbs = [validation::verbs(), memories::verbs(), swarms::verbs(), htasks::verbs()];
    let calls = verbs.iter().flatten().flat_map(|verb| &verb.calls).filter(|(own, _)| *own == door);
    calls
        .map(|(_, call)| match call {
            Call::Tool(tool, _) => *tool,
            Call::Words(words) => words[0],
        })
        .collect()
}

fn missing<'n>(names: impl IntoIterator<Item = &'n str>, door: Door, aside: &[&str]) -> Vec<&'n str> {
    let asked = asked(door);
    names.into_iter().filter(|name| !asked.contains(name) && !aside.contains(name)).collect()
}

#[test]
fn every_tool_is_in_the_table() {
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tool-schemas")).expect("schemas");
    let files: Vec<String> =
        folder.map(|file| file.expect("a file").file_name().to_string_lossy().replace(".json", "")).collect();
    assert!(files.len() > 30, "{files:?}");
    // It speaks to the hosted service, and to nothing here.
    let lacking = missing(files.iter().map(String::as_str), Door::Stdio, &["snipara_call"]);
    assert!(lacking.is_empty(), "no row asks for {lacking:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_published_tool_is_in_the_table() {
    let ground = Ground::new().await;
    let listed = ground.project("listing").listed_for_snipara().await;
    assert!(listed.len() > 30, "{listed:?}");
    // They tell about the server itself.
    let lacking = missing(listed.iter().map(String::as_str), Door::SniparaRpc, &["settings", "help"]);
    assert!(lacking.is_empty(), "no row asks for {lacking:?}");
}

#[test]
fn every_command_is_in_the_table() {
    // A test of its own compares this page with the command line's definitions.
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/cli.md")).expect("docs/cli.md");
    let paths = page.lines().filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`'));
    let names: Vec<String> = paths
        .filter(|path| !["htask", "swarm"].contains(path))
        .map(|path| match path.split_once(' ') {
            Some((group @ ("htask" | "swarm"), name)) => format!("{group}-{name}"),
            Some((group, _)) => group.to_owned(),
            None => path.to_owned(),
        })
        .collect();
    assert!(names.len() > 30, "{names:?}");
    let aside: Vec<&str> = OF_THE_TERMINAL_ALONE.into_iter().chain(["demo"]).collect();
    let lacking = missing(names.iter().map(String::as_str), Door::CommandLine, &aside);
    assert!(lacking.is_empty(), "no row asks for {lacking:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn htask_next_answers_five_through_our_doors_and_claims_one() {
    let ground = Ground::new().await;
    let before = ground.project("seven");
    let work = |number: i32| json!({ "title": format!("Work {number}"), "description": "d", "owner": "ada" });
    let calls: Vec<_> = (0..7).map(|number| ("htask_create", work(number))).collect();
    for answer in before.over_stdio(&calls).await {
        answer.expect("created");
    }
    let claim = json!({ "claim_for_agent": "ada" });
    for (door, next, claiming) in [
        (Door::Stdio, Call::Tool("htask_next", json!({})), Call::Tool("htask_next", claim.clone())),
        (Door::Http, Call::Tool("htask_next", json!({})), Call::Tool("htask_next", claim)),
        (
            Door::CommandLine,
            Call::Words(vec!["htask-next"]),
            Call::Words(vec!["htask-next", "--claim-for-agent", "ada"]),
        ),
    ] {
        let project = before.copy(&format!("seven-{door:?}"));
        let answer = project.through(door, &next).await.expect("an answer");
        assert_eq!(answer["tasks"].as_array().map(Vec::len), Some(5), "{door:?} {answer}");
        project.through(door, &claiming).await.expect("an answer");
        assert_eq!(project.sql("SELECT count(*) FROM htasks WHERE claimed_by = 'ada'"), "1", "{door:?}");
    }
}
