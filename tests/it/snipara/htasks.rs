//! Htasks: one story through the verbs, and each rule of the embedded neighbour.

use std::path::Path;
use std::sync::Arc;

use snipara_orchestrator::domain::{
    BlockRequest, BlockerType, CloseRequest, CompleteRequest, Completed, Evidence, EvidenceRequirement,
    EvidenceVerdict, FixedClock, HTask, HTaskId, HTaskLevel, HTaskNode, HTaskPolicy, HTaskRef, HTaskStatus,
    NewEvidence, NewFeature, NewHTask, NewSwarm, NextQuery, Priority, ProjectId, SwarmId, Timestamp, TreeQuery,
    UnblockRequest, Workstream,
};
use snipara_orchestrator::orchestrator::Orchestrator;
use snipara_orchestrator::snipara::embedded::{EmbeddedSettings, embedded};
use snipara_orchestrator::snipara::{Answer, Snipara, SniparaError};
use snipara_orchestrator::store::{STORE_FILE, Store};
use tempfile::TempDir;

use crate::support::sqlite::sqlite3;
use crate::support::world::World;

/// The life of a feature through the verbs: what every neighbour must do, hosted ones, too.
pub async fn story(orchestrator: &Orchestrator) {
    let swarm = orchestrator.create_swarm(NewSwarm::named("story of htasks")).await.expect("made").swarm_id;
    let feature = orchestrator.create_feature(new_feature(&swarm, &["API"])).await.expect("made");
    let feature_id = feature.feature_id.clone().expect("an id");
    let (name, api) = feature.workstreams[0].clone();
    assert_eq!((feature.workstreams.len(), name.as_str()), (1, "API"));

    let task = NewHTask {
        parent_id: Some(api.clone()),
        priority: Priority::P0,
        evidence_required: required(&["test"]),
        ..NewHTask::new(swarm.clone(), "Serve /api/cart", "Answers the cart", "ada")
    };
    let task = orchestrator.create_htask(task).await.expect("made").task_id;

    let query = NextQuery { claim_for_agent: Some("bob".into()), ..NextQuery::new(swarm.clone()) };
    let batch = orchestrator.next_htasks(query.clone()).await.expect("claimed");
    let ids: Vec<&HTaskId> = batch.tasks.iter().map(|task| &task.task_id).collect();
    assert_eq!(ids, [&task]);
    let again = orchestrator.next_htasks(query).await.expect("nothing left");
    assert_eq!(again.tasks, []);
    assert_eq!(again.already_yours.iter().map(|task| &task.task_id).collect::<Vec<_>>(), [&task]);

    let by_bob = BlockRequest { agent_id: Some("bob".into()), ..block(&swarm, &task) };
    let blocked = orchestrator.block_htask(by_bob).await.expect("blocked");
    assert_eq!((blocked.status, blocked.ancestors), (HTaskStatus::Blocked, vec![api.clone(), feature_id.clone()]));
    let resolution = Some("the key came".into());
    let solved = UnblockRequest { swarm_id: Some(swarm.clone()), task_id: task.clone(), resolution };
    let unblocked = orchestrator.unblock_htask(solved).await.expect("unblocked");
    assert_eq!(unblocked.status, HTaskStatus::InProgress);

    let completion = || CompleteRequest::new(swarm.clone(), task.clone());
    let bare = CompleteRequest { agent_id: Some("bob".into()), ..completion() };
    let bare = orchestrator.complete_htask(bare).await.expect_err("no evidence");
    assert_eq!(bare.code(), "evidence_missing");
    let open = close(&swarm, &feature_id);
    assert_eq!(orchestrator.close_htask(open.clone()).await.expect_err("open").code(), "closure_refused");
    let words = NewEvidence { kind: "test".into(), description: Some("12 passed".into()), ..NewEvidence::default() };
    let request = || CompleteRequest {
        evidence: vec![words.clone()],
        learnings: vec!["The cart needs a warm cache".into()],
        agent_id: Some("bob".into()),
        ..completion()
    };
    let completed = orchestrator.complete_htask(request()).await.expect("completed");
    assert_eq!((completed.status, completed.repeated), (HTaskStatus::Completed, false));
    assert_eq!(completed.evidence[0].verdict, EvidenceVerdict::Claimed, "words are a claim");
    assert_eq!(completed.auto_closed_parent, Some(api));

    let tree = TreeQuery { task_id: Some(feature_id.clone()), ..TreeQuery::new(swarm.clone()) };
    let tree = orchestrator.htask_tree(tree).await.expect("shown");
    assert_eq!((tree.single, tree.trees[0].progress.total, tree.trees[0].progress.percent), (true, 1, 100));
    let closed = orchestrator.close_htask(open).await.expect("closed");
    assert_eq!((closed.status, closed.closed_with_waiver), (HTaskStatus::Completed, false));

    let nowhere = HTaskRef { swarm_id: swarm.clone(), task_id: id("nowhere") };
    assert_eq!(orchestrator.htask(nowhere).await.expect_err("unknown").code(), "not_found");
    let nameless = NewHTask::new(swarm.clone(), " ", "x", "ada");
    assert_eq!(orchestrator.create_htask(nameless).await.expect_err("no title").code(), "invalid_input");
    let none = NextQuery { limit: Some(0), ..NextQuery::new(swarm.clone()) };
    assert_eq!(orchestrator.next_htasks(none).await.expect_err("a limit below 1").code(), "invalid_input");
}

#[tokio::test]
async fn the_story_of_htasks_holds_on_the_embedded_store() {
    story(&World::new().await.orchestrator).await;
}

/// A store, a clock that is moved by hand, and a swarm.
pub(super) struct Yard {
    pub(super) folder: TempDir,
    pub(super) clock: Arc<FixedClock>,
    pub(super) neighbour: Snipara,
    pub(super) swarm: SwarmId,
}

impl Yard {
    pub(super) async fn new() -> Self {
        Self::with(HTaskPolicy::default()).await
    }

    pub(super) async fn with(policy: HTaskPolicy) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(FixedClock::new(Timestamp::parse_rfc3339("2026-11-23T12:00:00Z").expect("a time")));
        let neighbour = neighbour_over(folder.path(), &clock, policy).await;
        let swarm = neighbour.swarms.create(NewSwarm::named("yard")).await.expect("made").swarm_id;
        Self { folder, clock, neighbour, swarm }
    }

    pub(super) fn pass_s(&self, seconds: i64) {
        self.clock.advance_ms(seconds * 1000);
    }

    pub(super) fn sqlite3(&self, sql: &str) -> String {
        sqlite3(&self.folder.path().join(STORE_FILE), sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    pub(super) fn new_task(&self, title: &str) -> NewHTask {
        NewHTask::new(self.swarm.clone(), title, "what is to be done", "ada")
    }

    pub(super) async fn create(&self, task: NewHTask) -> HTask {
        self.neighbour.htasks.create(task.swarm_id.clone().expect("a swarm"), task).await.expect("made")
    }

    pub(super) async fn refused(&self, task: NewHTask) -> SniparaError {
        self.neighbour.htasks.create(task.swarm_id.clone().expect("a swarm"), task).await.expect_err("refused")
    }

    /// Makes an htask of this level under a parent.
    pub(super) async fn under(&self, parent: Option<&HTask>, level: HTaskLevel, title: &str) -> HTask {
        let workstream_type = (level == HTaskLevel::N2).then_some(Workstream::Api);
        let parent_id = parent.map(|parent| parent.task_id.clone());
        self.create(NewHTask { level, parent_id, workstream_type, ..self.new_task(title) }).await
    }

    /// Makes a feature with one workstream.
    pub(super) async fn feature(&self) -> (HTask, HTask) {
        let feature = self.under(None, HTaskLevel::N1, "feature").await;
        let stream = self.under(Some(&feature), HTaskLevel::N2, "stream").await;
        (feature, stream)
    }

    pub(super) fn named(&self, task: &HTask) -> HTaskRef {
        HTaskRef { swarm_id: self.swarm.clone(), task_id: task.task_id.clone() }
    }

    pub(super) async fn get(&self, task: &HTask) -> HTask {
        self.neighbour.htasks.get(self.named(task)).await.expect("there")
    }

    /// The status as it lies in the file.
    pub(super) fn status(&self, task: &HTask) -> String {
        self.sqlite3(&format!("SELECT status FROM htasks WHERE id = '{}'", task.task_id))
    }

    pub(super) fn statuses(&self, tasks: &[&HTask]) -> Vec<String> {
        tasks.iter().map(|task| self.status(task)).collect()
    }

    pub(super) async fn block(&self, task: &HTask) -> Vec<HTaskId> {
        let request = BlockRequest { agent_id: self.holder(task).await, ..block(&self.swarm, &task.task_id) };
        self.neighbour.htasks.block(self.swarm.clone(), request).await.expect("blocked").ancestors
    }

    pub(super) async fn unblock(&self, task: &HTask) -> HTaskStatus {
        self.neighbour.htasks.unblock(self.swarm.clone(), self.unblocking(task)).await.expect("unblocked").status
    }

    pub(super) fn unblocking(&self, task: &HTask) -> UnblockRequest {
        UnblockRequest { swarm_id: None, task_id: task.task_id.clone(), resolution: None }
    }

    pub(super) fn completion(&self, task: &HTask) -> CompleteRequest {
        CompleteRequest { create_memory: false, ..CompleteRequest::new(None, task.task_id.clone()) }
    }

    pub(super) fn finish(&self, request: CompleteRequest, evidence: Vec<Evidence>) -> Answer<'_, Completed> {
        self.neighbour.htasks.complete(self.swarm.clone(), request, evidence)
    }

    /// Who holds it, and so may end or block it.
    async fn holder(&self, task: &HTask) -> Option<String> {
        self.get(task).await.claim.map(|claim| claim.claimed_by)
    }

    pub(super) async fn complete(&self, task: &HTask) {
        let completion = CompleteRequest { agent_id: self.holder(task).await, ..self.completion(task) };
        self.finish(completion, vec![claimed("test")]).await.expect("completed");
    }

    pub(super) fn claiming(&self, agent: &str, limit: i64) -> NextQuery {
        NextQuery { claim_for_agent: Some(agent.into()), limit: Some(limit), ..NextQuery::new(self.swarm.clone()) }
    }

    /// The titles that are recommended.
    pub(super) async fn next(&self, query: NextQuery) -> Vec<String> {
        let batch = self.neighbour.htasks.next(self.swarm.clone(), query).await.expect("answered");
        batch.tasks.into_iter().map(|task| task.title).collect()
    }

    pub(super) async fn claim_one(&self, agent: &str) -> HTask {
        self.neighbour.htasks.next(self.swarm.clone(), self.claiming(agent, 1)).await.expect("answered").tasks.remove(0)
    }

    pub(super) async fn trail(&self, task: &HTask) -> Vec<String> {
        let events = self.neighbour.htasks.audit_trail(self.named(task)).await.expect("told");
        events.into_iter().map(|event| format!("{} by {}", event.event_type, event.actor.unwrap_or_default())).collect()
    }

    pub(super) async fn tree(&self) -> Vec<HTaskNode> {
        self.neighbour.htasks.tree(self.swarm.clone(), TreeQuery::new(self.swarm.clone())).await.expect("shown").trees
    }
}

pub(super) async fn neighbour_over(folder: &Path, clock: &Arc<FixedClock>, htask_policy: HTaskPolicy) -> Snipara {
    let store = Store::open(folder, &ProjectId::from_name("yard").expect("a name")).await.expect("opens");
    embedded(EmbeddedSettings {
        no_project: None,
        store,
        repository: folder.to_owned(),
        clock: clock.clone(),
        htask_policy,
    })
}

pub(super) fn id(text: &str) -> HTaskId {
    HTaskId::parse(text).expect("an id")
}

pub(super) fn required(kinds: &[&str]) -> Vec<EvidenceRequirement> {
    kinds.iter().map(|kind| EvidenceRequirement { kind: (*kind).into(), ..EvidenceRequirement::default() }).collect()
}

pub(super) fn evidence(kind: &str, verdict: EvidenceVerdict) -> Evidence {
    let given = NewEvidence { kind: kind.into(), description: Some("seen".into()), ..NewEvidence::default() };
    Evidence { verdict, ..Evidence::claimed(given) }
}

pub(super) fn claimed(kind: &str) -> Evidence {
    evidence(kind, EvidenceVerdict::Claimed)
}

pub(super) fn block(swarm_id: &SwarmId, task_id: &HTaskId) -> BlockRequest {
    BlockRequest::new(swarm_id.clone(), task_id.clone(), BlockerType::Access, "no key for production")
}

pub(super) fn close(swarm_id: &SwarmId, task_id: &HTaskId) -> CloseRequest {
    CloseRequest {
        swarm_id: Some(swarm_id.clone()),
        task_id: task_id.clone(),
        waiver_reason: None,
        waiver_approved_by: None,
    }
}

pub(super) fn waived(request: CloseRequest) -> CloseRequest {
    CloseRequest { waiver_reason: Some("it is urgent".into()), waiver_approved_by: Some("eve".into()), ..request }
}

pub(super) fn new_feature(swarm_id: &SwarmId, workstreams: &[&str]) -> NewFeature {
    let workstreams = Some(workstreams.iter().map(|name| (*name).to_owned()).collect());
    NewFeature { workstreams, ..NewFeature::new(swarm_id.clone(), "Checkout", "Sells things", "ada") }
}

#[tokio::test]
async fn siblings_are_numbered_and_a_missing_parent_makes_a_root_at_any_level() {
    let yard = Yard::new().await;
    for level in HTaskLevel::ALL {
        let root = yard.under(None, level, "root").await;
        assert_eq!((root.level, root.parent_id, root.status), (level, None, HTaskStatus::Pending));
    }
    let (feature, stream) = yard.feature().await;
    let second = yard.under(Some(&feature), HTaskLevel::N2, "second").await;
    let skipping = yard.under(Some(&feature), HTaskLevel::N3, "levels are skipped").await;
    assert_eq!([stream.sequence_number, second.sequence_number, skipping.sequence_number], [1, 2, 3]);
    assert_eq!(yard.sqlite3("SELECT count(*) FROM htasks WHERE parent_id IS NULL AND sequence_number > 4"), "1");
}

#[tokio::test]
async fn a_parent_that_is_wrong_is_refused_and_nothing_is_written() {
    let yard = Yard::new().await;
    let (_, stream) = yard.feature().await;
    let task = yard.under(Some(&stream), HTaskLevel::N3, "deploy the cart").await;
    let under = |parent: &HTaskId| NewHTask { parent_id: Some(parent.clone()), ..yard.new_task("child") };
    let refused = yard.refused(under(&task.task_id)).await;
    assert_eq!(refused.code(), "wrong_level");
    assert!(refused.to_string().contains("N3_TASK cannot be under"), "{refused}");
    let cut = &task.task_id.as_str()[..34];
    let refused = yard.refused(under(&id(cut))).await;
    assert!(refused.code() == "not_found" && refused.to_string().contains(task.task_id.as_str()), "{refused}");
    let other = yard.neighbour.swarms.create(NewSwarm::named("elsewhere")).await.expect("made").swarm_id;
    let abroad = NewHTask { swarm_id: Some(other.clone()), ..under(&stream.task_id) };
    assert_eq!(yard.refused(abroad).await.code(), "not_found", "a parent of another swarm");
    let nowhere = NewHTask { swarm_id: SwarmId::parse("yrad").ok(), ..yard.new_task("child") };
    let refused = yard.refused(nowhere).await;
    assert!(refused.code() == "not_found" && refused.to_string().contains("yard"), "{refused}");
    yard.complete(&task).await;
    assert_eq!(yard.status(&stream), "COMPLETED");
    assert_eq!(yard.refused(under(&stream.task_id)).await.code(), "wrong_status");
    yard.sqlite3(&format!("UPDATE htasks SET archived_at = 1, status = 'PENDING' WHERE id = '{}'", stream.task_id));
    assert!(yard.refused(under(&stream.task_id)).await.to_string().contains("archived"));
    assert_eq!(yard.sqlite3("SELECT count(*) FROM htasks"), "3");
}

#[tokio::test]
async fn dependencies_exist_and_close_no_circle() {
    let yard = Yard::new().await;
    let (feature, stream) = yard.feature().await;
    let first = yard.under(Some(&stream), HTaskLevel::N3, "first").await;
    let on = |needed: &HTaskId| NewHTask {
        parent_id: Some(stream.task_id.clone()),
        depends_on: vec![needed.clone()],
        ..yard.new_task("second")
    };
    assert_eq!(yard.refused(on(&id("nowhere"))).await.code(), "not_found");
    for above in [&stream, &feature] {
        let refused = yard.refused(on(&above.task_id)).await;
        assert_eq!(refused.code(), "cycle", "what is above waits for it: {refused}");
    }
    let second = yard.create(on(&first.task_id)).await;
    let by = |task: &HTask, awaited: &HTask| BlockRequest {
        blocked_by_task_id: Some(awaited.task_id.clone()),
        ..block(&yard.swarm, &task.task_id)
    };
    for awaited in [&first, &second] {
        let refused = yard.neighbour.htasks.block(yard.swarm.clone(), by(&first, awaited)).await.expect_err("a circle");
        assert_eq!(refused.code(), "cycle");
        assert!(refused.to_string().contains(first.task_id.as_str()), "{refused}");
    }
    yard.neighbour.htasks.block(yard.swarm.clone(), by(&second, &first)).await.expect("it waits for it anyhow");
    assert_eq!(yard.statuses(&[&first, &second]), ["PENDING", "BLOCKED"]);
}

#[tokio::test]
async fn a_feature_is_made_with_its_workstreams_or_not_at_all() {
    let yard = Yard::new().await;
    let asked = NewFeature {
        workstreams: None,
        custom_workstreams: vec!["Legal".into()],
        workstream_owners: [("QA".to_owned(), "bob".to_owned()), ("CUSTOM:Legal".to_owned(), "eve".to_owned())].into(),
        create_actionable_tasks: true,
        ..new_feature(&yard.swarm, &[])
    };
    let feature = yard.neighbour.htasks.create_feature(yard.swarm.clone(), asked.clone()).await.expect("made");
    let names: Vec<&str> = feature.workstreams.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["API", "FRONTEND", "QA", "BUGFIX_HARDENING", "DEPLOY_PROD_VERIFY", "CUSTOM:Legal"]);
    let rows =
        yard.sqlite3("SELECT title || '|' || owner FROM htasks WHERE level = 'N2_WORKSTREAM' ORDER BY created_order");
    assert!(rows.contains("Checkout - QA|bob") && rows.contains("Checkout - Legal|eve"), "{rows}");
    assert!(rows.contains("Checkout - DEPLOY_PROD_VERIFY|ada"), "{rows}");
    assert_eq!(feature.starter_tasks.len(), 6);
    let deploy = yard
        .neighbour
        .htasks
        .get(HTaskRef { swarm_id: yard.swarm.clone(), task_id: feature.starter_tasks[4].1[0].clone() });
    let deploy = deploy.await.expect("there");
    assert_eq!((deploy.evidence_required[0].kind.as_str(), deploy.level), ("proof", HTaskLevel::N3));

    let before = yard.sqlite3("SELECT count(*) FROM htasks");
    let twice = NewFeature { custom_workstreams: vec!["a".into(), "A".into()], ..asked.clone() };
    assert_eq!(
        yard.neighbour.htasks.create_feature(yard.swarm.clone(), twice).await.expect_err("twice").code(),
        "invalid_input"
    );
    let orphan = NewFeature { parent_id: Some(id("nowhere")), ..asked };
    assert_eq!(
        yard.neighbour.htasks.create_feature(yard.swarm.clone(), orphan).await.expect_err("no parent").code(),
        "not_found"
    );
    assert_eq!(yard.sqlite3("SELECT count(*) FROM htasks"), before);
    let plain = yard
        .neighbour
        .htasks
        .create_feature(yard.swarm.clone(), new_feature(&yard.swarm, &["QA"]))
        .await
        .expect("made");
    assert_eq!(plain.starter_tasks, [], "starters only when asked for");
}

#[tokio::test]
async fn what_is_next_is_in_order_of_urgency() {
    let yard = Yard::new().await;
    let (_, stream) = yard.feature().await;
    let task = |title: &str| NewHTask { parent_id: Some(stream.task_id.clone()), ..yard.new_task(title) };
    yard.create(NewHTask { priority: Priority::P2, ..task("6") }).await;
    yard.create(NewHTask { is_blocking: false, ..task("5") }).await;
    yard.create(task("3")).await;
    yard.create(task("4")).await;
    yard.create(NewHTask { eta_target: Some("2026-12-01".into()), ..task("2") }).await;
    yard.create(NewHTask { eta_target: Some("2026-11-30T23:00:00Z".into()), ..task("1") }).await;
    yard.create(NewHTask { priority: Priority::P0, is_blocking: false, ..task("0") }).await;
    let batch =
        yard.neighbour.htasks.next(yard.swarm.clone(), NextQuery::new(yard.swarm.clone())).await.expect("answered");
    let titles: Vec<&str> = batch.tasks.iter().map(|task| task.title.as_str()).collect();
    assert_eq!((titles, batch.total), (vec!["0", "1", "2", "3", "4"], 7));
    assert_eq!(batch.paths[0], ["feature", "stream"]);
    let all = NextQuery { limit: Some(100), ..NextQuery::new(yard.swarm.clone()) };
    assert_eq!(yard.next(all).await, ["0", "1", "2", "3", "4", "5", "6"]);
}

#[tokio::test]
async fn a_dependency_is_waited_for_until_it_is_completed() {
    let yard = Yard::new().await;
    let first = yard.create(yard.new_task("first")).await;
    let second =
        NewHTask { depends_on: vec![first.task_id.clone()], priority: Priority::P0, ..yard.new_task("second") };
    yard.create(second).await;
    assert_eq!(yard.next(NextQuery::new(yard.swarm.clone())).await, ["first"]);
    assert_eq!(yard.claim_one("ada").await.title, "first");
    assert_eq!(yard.next(NextQuery::new(yard.swarm.clone())).await, Vec::<String>::new());
    yard.complete(&first).await;
    assert_eq!(yard.next(NextQuery::new(yard.swarm.clone())).await, ["second"]);
}

#[tokio::test]
async fn filters_narrow_what_is_next_and_an_unknown_feature_is_refused() {
    let yard = Yard::new().await;
    let (feature, stream) = yard.feature().await;
    yard.under(Some(&stream), HTaskLevel::N3, "in the API").await;
    let qa = NewHTask {
        level: HTaskLevel::N2,
        parent_id: Some(feature.task_id.clone()),
        workstream_type: Some(Workstream::Qa),
        ..yard.new_task("qa")
    };
    let qa = yard.create(qa).await;
    yard.create(NewHTask { parent_id: Some(qa.task_id), owner: "bob".into(), ..yard.new_task("in QA") }).await;
    yard.create(yard.new_task("elsewhere")).await;
    let all = NextQuery::new(yard.swarm.clone());
    let of = |feature: &HTaskId| NextQuery { feature_id: Some(feature.clone()), ..all.clone() };
    assert_eq!(yard.next(of(&feature.task_id)).await, ["in the API", "in QA"]);
    assert_eq!(yard.next(of(&stream.task_id)).await, ["in the API"]);
    assert_eq!(yard.next(NextQuery { workstream_type: Some(Workstream::Qa), ..all.clone() }).await, ["in QA"]);
    assert_eq!(yard.next(NextQuery { owner: Some("bob".into()), ..all.clone() }).await, ["in QA"]);
    let refused = yard.neighbour.htasks.next(yard.swarm.clone(), of(&id("nowhere"))).await.expect_err("unknown");
    assert_eq!(refused.code(), "not_found");
    let qa = NextQuery { workstream_type: Some(Workstream::Qa), ..of(&feature.task_id) };
    assert_eq!(yard.neighbour.htasks.next(yard.swarm.clone(), qa).await.expect("answered").total, 1);
}

#[tokio::test]
async fn one_blocked_task_freezes_no_sibling_workstream_but_a_blocked_parent_hides_what_is_under_it() {
    let yard = Yard::new().await;
    let (feature, stream) = yard.feature().await;
    let stuck = yard.under(Some(&stream), HTaskLevel::N3, "stuck").await;
    yard.under(Some(&stream), HTaskLevel::N3, "beside it").await;
    let other = yard.under(Some(&feature), HTaskLevel::N2, "other").await;
    yard.under(Some(&other), HTaskLevel::N3, "elsewhere").await;
    yard.block(&stuck).await;
    assert_eq!(yard.statuses(&[&feature, &stream, &other]), ["BLOCKED", "BLOCKED", "PENDING"]);
    let all = NextQuery::new(yard.swarm.clone());
    assert_eq!(yard.next(all.clone()).await, ["beside it", "elsewhere"]);
    yard.block(&other).await;
    assert_eq!(yard.next(all.clone()).await, ["beside it"]);
    let with_blocked = NextQuery { exclude_blocked: false, ..all.clone() };
    assert_eq!(yard.next(with_blocked.clone()).await, ["beside it", "stuck", "elsewhere"]);
    yard.block(&feature).await;
    assert_eq!(yard.next(all).await, Vec::<String>::new());
    let claiming = NextQuery { claim_for_agent: Some("bob".into()), limit: Some(5), ..with_blocked };
    assert_eq!(yard.next(claiming).await.len(), 3);
    assert_eq!(
        yard.sqlite3("SELECT count(*) FROM htasks WHERE claimed_by IS NOT NULL"),
        "0",
        "blocked ones are never claimed"
    );
}

#[tokio::test]
async fn a_claim_is_leased_renewed_and_ends() {
    let yard = Yard::new().await;
    for title in ["a", "b", "c"] {
        yard.create(yard.new_task(title)).await;
    }
    let a = yard.claim_one("ada").await;
    let b = yard.claim_one("ada").await;
    let (claim_a, claim_b) = (a.claim.clone().expect("claimed"), b.claim.clone().expect("claimed"));
    assert_eq!((a.title.as_str(), b.title.as_str(), claim_a.claimed_by.as_str()), ("a", "b", "ada"), "fresh ones only");
    assert!(claim_b.fencing_token > claim_a.fencing_token);
    assert_eq!(claim_a.lease_expires_at.to_rfc3339(), "2026-11-23T12:10:00.000Z", "the swarm's task time-out");
    assert_eq!(yard.status(&a), "IN_PROGRESS");

    yard.pass_s(500);
    let renewal = |task: &HTask, agent: &str, token: i64| NextQuery {
        renew_task_id: Some(task.task_id.clone()),
        fencing_token: Some(token),
        lease_seconds: Some(1_000),
        ..yard.claiming(agent, 1)
    };
    let htasks = &yard.neighbour.htasks;
    let wrong =
        htasks.next(yard.swarm.clone(), renewal(&a, "ada", claim_b.fencing_token)).await.expect_err("another token");
    assert!(matches!(wrong, SniparaError::StaleToken { current, .. } if current == claim_a.fencing_token), "{wrong}");
    let theirs =
        htasks.next(yard.swarm.clone(), renewal(&a, "bob", claim_a.fencing_token)).await.expect_err("not the holder");
    assert_eq!(theirs.code(), "held");
    let renewed = htasks.next(yard.swarm.clone(), renewal(&a, "ada", claim_a.fencing_token)).await.expect("renewed");
    assert_eq!((renewed.tasks.len(), renewed.tasks[0].task_id == a.task_id, renewed.total), (1, true, 1));

    yard.pass_s(101);
    assert_eq!(yard.get(&b).await.status, HTaskStatus::Pending, "its lease is over");
    assert_eq!(yard.statuses(&[&a, &b]), ["IN_PROGRESS", "PENDING"]);
    assert_eq!(yard.trail(&b).await, ["create by ada", "claim by ada", "expire by ada"]);
    let late = htasks.next(yard.swarm.clone(), renewal(&b, "ada", claim_b.fencing_token)).await.expect_err("too late");
    assert_eq!(late.code(), "lease_expired");
    let again = yard.claim_one("bob").await;
    assert_eq!((again.title.as_str(), again.claim.clone().expect("claimed").claimed_by.as_str()), ("b", "bob"));
    let stale =
        htasks.next(yard.swarm.clone(), renewal(&b, "ada", claim_b.fencing_token)).await.expect_err("bob has it");
    assert_eq!(stale.code(), "stale_fencing_token");
}

#[tokio::test]
async fn a_token_that_is_stale_or_whose_lease_is_over_completes_nothing() {
    let yard = Yard::new().await;
    let task = yard.create(yard.new_task("a")).await;
    let complete = |token: i64| {
        let completion = CompleteRequest { fencing_token: Some(token), ..yard.completion(&task) };
        yard.finish(completion, vec![claimed("test")])
    };
    assert_eq!(complete(1).await.expect_err("nobody has claimed it").code(), "stale_fencing_token");
    let first = yard.claim_one("ada").await.claim.expect("claimed").fencing_token;
    yard.pass_s(601);
    assert_eq!(complete(first).await.expect_err("over").code(), "lease_expired");
    let second = yard.claim_one("bob").await.claim.expect("claimed").fencing_token;
    assert_eq!(complete(first).await.expect_err("bob has it").code(), "stale_fencing_token");
    assert_eq!(yard.status(&task), "IN_PROGRESS");
    complete(second).await.expect("completed");
    assert_eq!(yard.status(&task), "COMPLETED");
    assert_eq!(yard.trail(&task).await.last().map(String::as_str), Some("complete by bob"));
}

#[tokio::test]
async fn what_an_agent_holds_nobody_else_completes_or_blocks_without_its_token() {
    let yard = Yard::new().await;
    let htasks = &yard.neighbour.htasks;
    let task = yard.create(yard.new_task("a")).await;
    let complete = |agent: Option<&str>, fencing_token| {
        let agent_id = agent.map(str::to_owned);
        let completion = CompleteRequest { agent_id, fencing_token, ..yard.completion(&task) };
        yard.finish(completion, vec![claimed("test")])
    };
    let blocking = |agent: Option<&str>, fencing_token| BlockRequest {
        agent_id: agent.map(str::to_owned),
        fencing_token,
        ..block(&yard.swarm, &task.task_id)
    };
    let token = yard.claim_one("ada").await.claim.expect("claimed").fencing_token;
    for stranger in [None, Some("bob")] {
        for refused in [
            complete(stranger, None).await.expect_err("ada holds it"),
            htasks.block(yard.swarm.clone(), blocking(stranger, None)).await.expect_err("ada holds it"),
        ] {
            assert!(refused.code() == "held" && refused.to_string().contains("is held by ada until 2"), "{refused}");
            assert!(refused.hint().contains("fencing_token"), "{}", refused.hint());
        }
    }
    assert_eq!(yard.status(&task), "IN_PROGRESS");
    htasks.block(yard.swarm.clone(), blocking(Some("ada"), None)).await.expect("the holder needs no token");
    yard.unblock(&task).await;
    htasks.block(yard.swarm.clone(), blocking(Some("bob"), Some(token))).await.expect("the token was handed on");
    yard.unblock(&task).await;
    yard.pass_s(601);
    complete(Some("bob"), None).await.expect("the lease is over: nobody holds it");
    assert_eq!(yard.status(&task), "COMPLETED");
}
