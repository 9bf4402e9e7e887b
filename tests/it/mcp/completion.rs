//! Completion of ids, through a real client.

use std::collections::HashMap;

use rmcp::model::{ArgumentInfo, CompleteRequestParams, CompletionContext, CompletionInfo, Reference};
use serde_json::json;
use snipara_orchestrator::mcp::ServerOptions;

use crate::support::mcp_client::{Client, Era, panicking_opener};
use crate::support::production::Answer;
use crate::support::world::{PATHS, World};

async fn complete(
    client: &Client,
    reference: Reference,
    argument: (&str, &str),
    chosen: &[(&str, &str)],
) -> CompletionInfo {
    let mut asked = CompleteRequestParams::new(reference, ArgumentInfo::new(argument.0, argument.1));
    if !chosen.is_empty() {
        let chosen: HashMap<_, _> =
            chosen.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        asked = asked.with_context(CompletionContext::with_arguments(chosen));
    }
    client.session.complete(asked).await.expect("an answer").completion
}

fn form(uri: &str) -> Reference {
    Reference::for_resource(uri)
}

#[tokio::test]
async fn task_ids_are_completed_newest_first_in_both_eras() {
    let world = World::new().await;
    let first = world.run(world.request(&PATHS)).await.task_id.to_string();
    let second = world.run(world.request(&PATHS)).await.task_id.to_string();
    for era in Era::BOTH {
        let client = Client::of(&world, era).await;
        for (uri, name) in
            [("task://{id}", "id"), ("checklist://{task}", "task"), ("receipt://{task}/{attempt}", "task")]
        {
            let told = complete(&client, form(uri), (name, "task_"), &[]).await;
            assert_eq!(told.values, [second.clone(), first.clone()], "{era:?} {uri}");
            assert_eq!((told.total, told.has_more), (Some(2), Some(false)));
        }
        let told = complete(&client, form("task://{id}"), ("id", &first), &[]).await;
        assert_eq!(told.values, std::slice::from_ref(&first), "{era:?}");
        assert_eq!(complete(&client, form("task://{id}"), ("id", "zzz"), &[]).await.values, [""; 0]);
    }
}

#[tokio::test]
async fn attempts_of_the_chosen_task_and_proofs_are_completed() {
    let world = World::new().await;
    let report = world.run(world.request(&PATHS)).await;
    let client = Client::of(&world, Era::Discover).await;
    let id = report.task_id.to_string();
    let attempt = ("attempt", "");
    let told = complete(&client, form("receipt://{task}/{attempt}"), attempt, &[("task", &id)]).await;
    assert_eq!(told.values, ["1"]);
    for chosen in [&[][..], &[("task", "task_")][..], &[("task", "../etc")][..]] {
        let told = complete(&client, form("receipt://{task}/{attempt}"), attempt, chosen).await;
        assert_eq!(told.values, [""; 0], "{chosen:?}");
    }
    let proofs = complete(&client, form("proof://{id}"), ("id", ""), &[]).await.values;
    let rows = world.sqlite3("SELECT seq FROM ledger_entries WHERE kind = 'proof' ORDER BY seq DESC");
    assert_eq!(proofs, rows.split_whitespace().collect::<Vec<_>>());
}

#[tokio::test]
async fn htasks_are_completed_in_the_chosen_swarm_or_the_projects_own() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Initialize).await;
    let made = client.told("htask_create", json!({"title": "Migrate", "description": "d", "owner": "ada"})).await;
    let (swarm, id) = (made["swarm_id"].as_str().expect("text"), made["task_id"].as_str().expect("text"));
    let reference = || form("htask://{swarm}/{id}");
    assert_eq!(complete(&client, reference(), ("swarm", ""), &[]).await.values, [swarm]);
    assert_eq!(complete(&client, reference(), ("id", "htask_"), &[("swarm", swarm)]).await.values, [id]);
    assert_eq!(complete(&client, reference(), ("id", ""), &[]).await.values, [id]);
    assert_eq!(complete(&client, reference(), ("id", ""), &[("swarm", "swarm_none")]).await.values, [""; 0]);
}

#[tokio::test]
async fn the_prompt_that_triages_is_completed_with_tasks_that_are_not_done() {
    let world = World::new().await;
    world.run(world.request(&PATHS)).await;
    world.production.answer("/api/cart", Answer::text(500, "no"));
    let failed = world.run(world.request(&PATHS)).await.task_id.to_string();
    let client = Client::of(&world, Era::Discover).await;
    let told = complete(&client, Reference::for_prompt("triage-failure"), ("task_id", ""), &[]).await;
    assert_eq!(told.values, [failed]);
}

#[tokio::test]
async fn what_is_not_known_has_no_values_and_opens_nothing() {
    for era in Era::BOTH {
        let client = Client::open(era, ServerOptions::default(), panicking_opener()).await;
        for (reference, argument) in [
            (Reference::for_prompt("test_prompt_with_arguments"), "arg1"),
            (Reference::for_prompt("plan-feature"), "feature"),
            (Reference::for_prompt("triage-failure"), "other"),
            (form("file:///{path}"), "path"),
            (form("task://{id}"), "other"),
            (form("task://../{id}"), "id"),
        ] {
            let told = complete(&client, reference, (argument, "par"), &[]).await;
            assert_eq!(told.values, [""; 0], "{era:?} {argument}");
        }
    }
}
