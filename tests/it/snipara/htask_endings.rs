//! Htasks: completing, closing, blocking, trees.

use serde_json::json;
use snipara_orchestrator::domain::{
    AcceptanceCriterion, BlockRequest, CloseRequest, ClosurePolicy, CompleteRequest, EvidenceVerdict, HTask,
    HTaskLevel, HTaskPolicy, HTaskStatus, JoinSwarm, MemoryFilter, MemoryType, NewHTask, NextQuery, SwarmRole,
    TreeQuery,
};
use snipara_orchestrator::snipara::SniparaError;

use super::htasks::{Yard, block, claimed, close, evidence, id, required, waived};

#[tokio::test]
async fn e15_completion_without_any_evidence_is_refused() {
    let yard = Yard::new().await;
    let task = yard.create(yard.new_task("a")).await;
    let refused = yard.finish(yard.completion(&task), Vec::new()).await.expect_err("refused");
    assert_eq!(refused.code(), "evidence_missing");
    let only_refused = vec![evidence("test", EvidenceVerdict::Refused)];
    assert_eq!(
        yard.finish(yard.completion(&task), only_refused).await.expect_err("refused").code(),
        "evidence_missing"
    );
    assert_eq!((yard.status(&task).as_str(), yard.trail(&task).await.len()), ("PENDING", 1), "nothing is written");

    let lax = Yard::with(HTaskPolicy { require_evidence_on_complete: false, ..HTaskPolicy::default() }).await;
    let task = lax.create(lax.new_task("a")).await;
    lax.finish(lax.completion(&task), Vec::new()).await.expect("the policy allows it");
    let strict = lax.create(NewHTask { evidence_required: required(&["test"]), ..lax.new_task("b") }).await;
    let refused = lax.finish(lax.completion(&strict), Vec::new()).await.expect_err("refused");
    assert_eq!(refused.code(), "evidence_missing", "its own requirement holds all the same");
}

#[tokio::test]
async fn required_evidence_that_is_missing_is_listed_and_what_was_attached_counts() {
    let yard = Yard::new().await;
    let task = NewHTask { evidence_required: required(&["test", "proof", "link"]), ..yard.new_task("a") };
    let task = yard.create(task).await;
    yard.neighbour.htasks.attach_evidence(yard.named(&task), vec![claimed("test")]).await.expect("attached");
    let refused = yard.finish(yard.completion(&task), vec![claimed("note")]).await;
    let SniparaError::EvidenceMissing { missing, .. } = refused.expect_err("refused") else { panic!("another error") };
    assert_eq!(missing, required(&["proof", "link"]));
    let rest = vec![evidence("proof", EvidenceVerdict::Verified), claimed("link")];
    let done = yard.finish(yard.completion(&task), rest).await.expect("completed");
    let kinds: Vec<&str> = done.evidence.iter().map(|item| item.given.kind.as_str()).collect();
    assert_eq!(kinds, ["test", "proof", "link"]);
    assert_eq!(yard.trail(&task).await, ["create by ada", "attach by ada", "complete by ada"]);
    let late = yard.neighbour.htasks.attach_evidence(yard.named(&task), vec![claimed("note")]).await;
    assert_eq!(late.expect_err("finished").code(), "wrong_status");
}

#[tokio::test]
async fn a_refusal_is_recorded_and_changes_nothing_else() {
    let yard = Yard::new().await;
    let task = yard.create(yard.new_task("a")).await;
    let before = yard.sqlite3("SELECT * FROM htasks");
    let refused = vec![evidence("proof", EvidenceVerdict::Refused)];
    yard.neighbour.htasks.note_refusal(yard.named(&task), refused, "no such proof".into()).await.expect("noted");
    assert_eq!(yard.sqlite3("SELECT * FROM htasks"), before);
    let trail = yard.neighbour.htasks.audit_trail(yard.named(&task)).await.expect("told");
    assert_eq!((trail[1].event_type.as_str(), &trail[1].payload["why"]), ("refuse", &json!("no such proof")));
    assert_eq!(trail[1].payload["evidence"][0]["verdict"], json!("refused"));
}

#[tokio::test]
async fn completing_twice_answers_what_is_stored_and_writes_nothing() {
    let yard = Yard::new().await;
    let (_, stream) = yard.feature().await;
    let task = yard.under(Some(&stream), HTaskLevel::N3, "a").await;
    let completion = CompleteRequest {
        result: Some(json!("shipped")),
        learnings: vec!["the cart needs a warm cache".into()],
        create_memory: true,
        ..yard.completion(&task)
    };
    let first = yard.finish(completion.clone(), vec![claimed("test")]).await.expect("completed");
    assert!(first.linked_memory_id.is_some() && first.warnings.is_empty(), "{first:?}");
    assert_eq!((first.repeated, &first.auto_closed_parent), (false, &Some(stream.task_id.clone())));
    let rows = || {
        yard.sqlite3("SELECT group_concat(id || status || updated_at) FROM htasks; SELECT count(*) FROM swarm_events; SELECT count(*) FROM memories")
    };
    let before = rows();
    yard.pass_s(1);
    let other = CompleteRequest { result: None, ..completion };
    let second = yard.finish(other, vec![claimed("note")]).await.expect("answered");
    assert!(second.repeated);
    assert_eq!((second.evidence, second.linked_memory_id), (first.evidence, first.linked_memory_id));
    assert_eq!((second.auto_closed_parent, rows()), (first.auto_closed_parent, before));
    let page = yard.neighbour.memories.list(MemoryFilter::default()).await.expect("listed");
    let memory = &page.memories[0];
    assert_eq!((page.memories.len(), memory.memory_type), (1, MemoryType::Learning));
    assert_eq!(memory.category.as_deref(), Some(format!("htask:{}", task.task_id).as_str()));
    assert!(memory.content.contains("test (claimed): seen"), "{}", memory.content);
}

#[tokio::test]
async fn what_cannot_be_completed_says_what_to_do_instead() {
    let yard = Yard::new().await;
    let (feature, stream) = yard.feature().await;
    let task = yard.under(Some(&stream), HTaskLevel::N3, "a").await;
    let complete = |task: &HTask| yard.finish(yard.completion(task), vec![claimed("test")]);
    let refused = complete(&feature).await.expect_err("no N3");
    assert!(refused.code() == "wrong_level" && refused.hint().contains("htask_close"), "{refused}");
    yard.block(&task).await;
    let refused = complete(&task).await.expect_err("blocked");
    assert!(refused.code() == "wrong_status" && refused.hint().contains("unblock it first"), "{refused}");
    yard.unblock(&task).await;
    for status in ["FAILED", "CANCELLED"] {
        yard.sqlite3(&format!("UPDATE htasks SET status = '{status}' WHERE id = '{}'", task.task_id));
        assert_eq!(complete(&task).await.expect_err("finished").code(), "wrong_status");
    }
}

#[tokio::test]
async fn a_parent_is_closed_with_its_last_child_and_its_own_parent_waits() {
    let yard = Yard::new().await;
    let (feature, stream) = yard.feature().await;
    let first = yard.under(Some(&stream), HTaskLevel::N3, "a").await;
    let second = yard.under(Some(&stream), HTaskLevel::N3, "b").await;
    yard.complete(&first).await;
    assert_eq!(yard.statuses(&[&stream, &feature]), ["PENDING", "PENDING"]);
    yard.complete(&second).await;
    assert_eq!(yard.statuses(&[&stream, &feature]), ["COMPLETED", "PENDING"]);
    assert_eq!(yard.trail(&stream).await, ["create by ada", "close by ada"]);
    let blocked = yard.under(Some(&feature), HTaskLevel::N2, "blocked").await;
    let third = yard.under(Some(&blocked), HTaskLevel::N3, "c").await;
    yard.block(&blocked).await;
    yard.complete(&third).await;
    assert_eq!(yard.status(&blocked), "BLOCKED", "it has a blocker of its own");
}

#[tokio::test]
async fn a_parent_is_not_closed_to_get_round_evidence() {
    let yard = Yard::new().await;
    let (feature, stream) = yard.feature().await;
    let task = yard.under(Some(&feature), HTaskLevel::N3, "a").await;
    let refused =
        yard.neighbour.htasks.close(yard.swarm.clone(), close(&yard.swarm, &task.task_id)).await.expect_err("an N3");
    assert!(refused.code() == "wrong_level" && refused.hint().contains("htask_complete"), "{refused}");
    let refused = yard
        .neighbour
        .htasks
        .close(yard.swarm.clone(), waived(close(&yard.swarm, &stream.task_id)))
        .await
        .expect_err("childless");
    assert!(refused.code() == "wrong_status" && refused.to_string().contains("no children"), "{refused}");
    let refused = yard
        .neighbour
        .htasks
        .close(yard.swarm.clone(), waived(close(&yard.swarm, &feature.task_id)))
        .await
        .expect_err("strict");
    let hint = refused.hint();
    assert!(hint.contains("policy.closure_policy is STRICT_ALL_CHILDREN (ALLOW_EXCEPTIONS permits"), "{hint}");
    let SniparaError::ClosureRefused { blockers, needs_waiver, .. } = refused else { panic!("{refused}") };
    assert_eq!((blockers.len(), needs_waiver), (2, false));
}

#[tokio::test]
async fn a_waiver_needs_reason_and_approver_and_is_recorded() {
    let policy = HTaskPolicy { closure_policy: ClosurePolicy::AllowExceptions, ..HTaskPolicy::default() };
    let yard = Yard::with(policy).await;
    let (_, stream) = yard.feature().await;
    let open = yard.under(Some(&stream), HTaskLevel::N3, "open").await;
    let bare = close(&yard.swarm, &stream.task_id);
    let refused = yard.neighbour.htasks.close(yard.swarm.clone(), bare.clone()).await.expect_err("open");
    assert!(matches!(&refused, SniparaError::ClosureRefused { needs_waiver: true, .. }), "{refused}");
    let half = CloseRequest { waiver_reason: None, ..waived(bare.clone()) };
    assert_eq!(
        yard.neighbour.htasks.close(yard.swarm.clone(), half).await.expect_err("half").to_string(),
        "waiver_reason: is missing"
    );
    let blank = CloseRequest { waiver_approved_by: Some(" ".into()), ..waived(bare.clone()) };
    assert_eq!(
        yard.neighbour.htasks.close(yard.swarm.clone(), blank).await.expect_err("blank").code(),
        "invalid_input"
    );
    let closed = yard.neighbour.htasks.close(yard.swarm.clone(), waived(bare)).await.expect("closed");
    assert!(closed.closed_with_waiver);
    assert_eq!(yard.trail(&stream).await, ["create by ada", "waiver by eve"]);
    let waiver = yard.get(&stream).await.waiver.expect("kept");
    assert_eq!((waiver.waiver_reason.as_str(), waiver.waiver_approved_by.as_str()), ("it is urgent", "eve"));
    assert_eq!(yard.status(&open), "PENDING");
    assert_eq!(
        yard.next(NextQuery::new(yard.swarm.clone())).await,
        Vec::<String>::new(),
        "what was waived is not work"
    );
}

#[tokio::test]
async fn an_initiative_is_closed_once_its_criteria_are_met() {
    let yard = Yard::new().await;
    let criterion = |checked| AcceptanceCriterion { id: String::new(), text: "it pays".into(), checked };
    let make = async |checked| {
        let new = NewHTask {
            level: HTaskLevel::N0,
            acceptance_criteria: vec![criterion(checked)],
            ..yard.new_task("initiative")
        };
        let initiative = yard.create(new).await;
        let task = yard.under(Some(&initiative), HTaskLevel::N3, "a").await;
        yard.complete(&task).await;
        initiative
    };
    assert_eq!(yard.status(&make(true).await), "COMPLETED");
    let open = make(false).await;
    assert_eq!(yard.status(&open), "PENDING");
    let refused =
        yard.neighbour.htasks.close(yard.swarm.clone(), close(&yard.swarm, &open.task_id)).await.expect_err("open");
    assert!(refused.to_string().contains("it pays"), "{refused}");
}

#[tokio::test]
async fn blocking_reaches_every_ancestor_and_unblocking_restores_each() {
    let yard = Yard::new().await;
    let (feature, stream) = yard.feature().await;
    let task = yard.under(Some(&stream), HTaskLevel::N3, "a").await;
    let optional = NewHTask { parent_id: Some(stream.task_id.clone()), is_blocking: false, ..yard.new_task("b") };
    let optional = yard.create(optional).await;
    assert_eq!(yard.block(&optional).await, [], "nobody waits for it");
    let claimed = yard.claim_one("bob").await;
    assert_eq!(claimed.task_id, task.task_id);
    assert_eq!(yard.block(&task).await, [stream.task_id.clone(), feature.task_id.clone()]);
    let shown = yard.get(&stream).await;
    assert_eq!((shown.status, shown.blocker), (HTaskStatus::Blocked, None), "derived, without a cause of its own");
    let refused =
        yard.neighbour.htasks.unblock(yard.swarm.clone(), yard.unblocking(&stream)).await.expect_err("derived");
    assert_eq!(refused.code(), "wrong_status");

    assert_eq!(yard.block(&feature).await, []);
    assert_eq!(yard.unblock(&task).await, HTaskStatus::InProgress);
    assert_eq!(yard.statuses(&[&stream, &feature]), ["PENDING", "BLOCKED"], "a cause of its own remains");
    assert_eq!(yard.unblock(&feature).await, HTaskStatus::Pending);
    let trail = yard.neighbour.htasks.audit_trail(yard.named(&task)).await.expect("told");
    let kinds: Vec<&str> = trail.iter().map(|event| event.event_type.as_str()).collect();
    assert_eq!(kinds, ["create", "claim", "block", "unblock"]);
    assert_eq!(trail[2].payload["ancestors"][1]["task_id"], json!(feature.task_id));
    assert_eq!((trail[3].from_status, trail[3].to_status), (Some(HTaskStatus::Blocked), Some(HTaskStatus::InProgress)));
    let refused =
        yard.neighbour.htasks.unblock(yard.swarm.clone(), yard.unblocking(&task)).await.expect_err("not blocked");
    assert_eq!(refused.code(), "wrong_status");
}

#[tokio::test]
async fn a_lease_that_ends_while_blocked_leaves_the_task_pending() {
    let yard = Yard::new().await;
    let task = yard.create(yard.new_task("a")).await;
    yard.claim_one("bob").await;
    yard.block(&task).await;
    yard.pass_s(601);
    assert_eq!(yard.unblock(&task).await, HTaskStatus::Pending);
    assert_eq!(
        yard.trail(&task).await,
        ["create by ada", "claim by bob", "block by bob", "expire by bob", "unblock by ada"]
    );
}

#[tokio::test]
async fn what_is_finished_is_not_blocked() {
    let yard = Yard::new().await;
    let task = yard.create(yard.new_task("a")).await;
    yard.complete(&task).await;
    let request = block(&yard.swarm, &task.task_id);
    assert_eq!(
        yard.neighbour.htasks.block(yard.swarm.clone(), request).await.expect_err("finished").code(),
        "wrong_status"
    );
    let open = yard.create(yard.new_task("b")).await;
    let by = BlockRequest { blocked_by_task_id: Some(id("nowhere")), ..block(&yard.swarm, &open.task_id) };
    assert_eq!(yard.neighbour.htasks.block(yard.swarm.clone(), by).await.expect_err("unknown").code(), "not_found");
    assert_eq!(yard.status(&open), "PENDING");
}

#[tokio::test]
async fn a_tree_counts_what_it_does_not_show() {
    let yard = Yard::new().await;
    let (feature, stream) = yard.feature().await;
    let task = yard.under(Some(&stream), HTaskLevel::N3, "a").await;
    yard.under(Some(&stream), HTaskLevel::N3, "b").await;
    yard.complete(&task).await;
    yard.create(yard.new_task("a root")).await;
    let all = yard.tree().await;
    assert_eq!((all.len(), all[0].children[0].children.len(), all[0].progress.percent), (2, 2, 50));
    let cut = TreeQuery {
        task_id: Some(feature.task_id.clone()),
        max_depth: 1,
        include_completed: false,
        ..TreeQuery::new(yard.swarm.clone())
    };
    let cut = yard.neighbour.htasks.tree(yard.swarm.clone(), cut).await.expect("shown");
    assert_eq!((cut.single, cut.trees[0].children.len(), cut.trees[0].progress.total), (true, 0, 2));
    let unknown = TreeQuery { task_id: Some(id("nowhere")), ..TreeQuery::new(yard.swarm.clone()) };
    assert_eq!(yard.neighbour.htasks.tree(yard.swarm.clone(), unknown).await.expect_err("unknown").code(), "not_found");
}

#[tokio::test]
async fn an_agent_that_leaves_gives_its_tasks_back() {
    let yard = Yard::new().await;
    let join = JoinSwarm {
        swarm_id: yard.swarm.clone(),
        agent_id: "bob".into(),
        name: None,
        role: SwarmRole::Worker,
        capabilities: Vec::new(),
    };
    yard.neighbour.swarms.join(join).await.expect("joins");
    let task = yard.create(yard.new_task("a")).await;
    let token = yard.claim_one("bob").await.claim.expect("claimed").fencing_token;
    let members = yard.neighbour.swarms.members(yard.swarm.clone()).await.expect("listed");
    assert_eq!(members.agents[0].current_task.as_deref(), Some(task.task_id.as_str()));
    let left = yard.neighbour.swarms.leave(yard.swarm.clone(), "bob".into()).await.expect("leaves");
    assert_eq!((left.tasks_unassigned, yard.status(&task).as_str()), (1, "PENDING"));
    let completion = CompleteRequest { fencing_token: Some(token), ..yard.completion(&task) };
    let late = yard.finish(completion, vec![claimed("test")]);
    assert_eq!(late.await.expect_err("given back").code(), "lease_expired");
    assert_eq!(yard.trail(&task).await.last().map(String::as_str), Some("release by bob"));
}
