//! The seed's "Hierarchical Tasks" snippet: a feature, a task in one of its workstreams, and its evidence.
//!
//! `cargo run --example htasks`

#![expect(clippy::print_stdout, reason = "an example shows what it got")]

use std::collections::BTreeMap;

use anyhow::Context;
use serde_json::json;
use snipara_orchestrator::Builder;
use snipara_orchestrator::domain::{
    CompleteRequest, EvidenceRequirement, HTaskId, HTaskNode, HTaskStatus, NewEvidence, NewFeature, NewHTask, NewSwarm,
    NextQuery, TreeQuery,
};

#[tokio::main]
pub(crate) async fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let orchestrator = Builder::new()
        .project("my-project")
        .repository(folder.path())
        .state_folder(folder.path().join("state"))
        .build()
        .await?;
    let swarm_id = orchestrator.create_swarm(NewSwarm::named("deployment-coordination")).await?.swarm_id;

    let feature = orchestrator
        .create_feature(NewFeature {
            workstreams: Some(vec!["API".to_owned(), "QA".to_owned()]),
            ..NewFeature::new(swarm_id.clone(), "Auth Overhaul", "Move auth to OAuth and JWT", "codex")
        })
        .await?;
    let workstream_ids: BTreeMap<String, HTaskId> = feature.workstreams.into_iter().collect();

    let task = orchestrator
        .create_htask(NewHTask {
            parent_id: Some(workstream_ids["API"].clone()),
            evidence_required: vec![EvidenceRequirement {
                kind: "test".to_owned(),
                description: "targeted tests passed".to_owned(),
                url: None,
            }],
            ..NewHTask::new(swarm_id.clone(), "Add refresh endpoint", "Implement token rotation", "codex")
        })
        .await?;

    let ready = orchestrator
        .next_htasks(NextQuery { limit: Some(5), owner: Some("codex".to_owned()), ..NextQuery::new(swarm_id.clone()) })
        .await?;
    for (next, path) in ready.tasks.iter().zip(&ready.paths) {
        println!("Next: {} / {} ({})", path.join(" / "), next.title, next.priority);
    }
    anyhow::ensure!(ready.tasks.iter().any(|next| next.task_id == task.task_id), "{ready:?}");

    // Without evidence it stays open.
    let bare = CompleteRequest::new(swarm_id.clone(), task.task_id);
    let Err(refusal) = orchestrator.complete_htask(bare.clone()).await else {
        anyhow::bail!("completed without evidence");
    };
    println!("Refused: {refusal}");

    let completed = orchestrator
        .complete_htask(CompleteRequest {
            evidence: vec![NewEvidence {
                kind: "test".to_owned(),
                description: Some("pytest package suite passed".to_owned()),
                ..NewEvidence::default()
            }],
            result: Some(json!({"files_modified": ["src/auth.py"]})),
            ..bare
        })
        .await?;
    for evidence in &completed.evidence {
        // Words are a claim; a proof_id or task_id would be looked up in the ledger.
        println!("Evidence: {} ({})", evidence.given.description.as_deref().unwrap_or_default(), evidence.verdict);
    }
    anyhow::ensure!(completed.status == HTaskStatus::Completed, "{completed:?}");

    let feature_id = feature.feature_id.context("a feature has an id")?;
    let tree = orchestrator.htask_tree(TreeQuery { task_id: Some(feature_id), ..TreeQuery::new(swarm_id) }).await?;
    tree.trees.iter().for_each(|root| show(root, 0));
    let progress = tree.trees.first().context("the feature's tree")?.progress;
    anyhow::ensure!(progress.completed == 1, "{progress:?}");
    orchestrator.shut_down().await;
    Ok(())
}

fn show(node: &HTaskNode, depth: usize) {
    println!("{}{} {} [{}]", "  ".repeat(depth), node.task.level, node.task.title, node.task.status);
    node.children.iter().for_each(|child| show(child, depth + 1));
}
