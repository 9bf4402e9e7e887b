//! Swarms: one story through the verbs, and each rule of the embedded neighbour.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use snipara_orchestrator::domain::{
    AgentStatus, Broadcast, ClaimId, ClaimRequest, EventQuery, FixedClock, HTaskPolicy, JoinSwarm, NewHTask, NewSwarm,
    NextQuery, ProjectId, ReleaseRequest, ResourceType, SetState, SwarmId, SwarmRole, Timestamp,
};
use snipara_orchestrator::orchestrator::Orchestrator;
use snipara_orchestrator::snipara::embedded::{EmbeddedSettings, embedded};
use snipara_orchestrator::snipara::{HTasks, Snipara, SniparaError, Swarms};
use snipara_orchestrator::store::{STORE_FILE, Store};
use tempfile::TempDir;

use crate::support::sqlite::sqlite3;
use crate::support::world::World;

/// A swarm's life through the verbs: what every neighbour must do, hosted ones, too.
pub async fn story(orchestrator: &Orchestrator) {
    let request = || NewSwarm { description: "ships it".into(), ..NewSwarm::named("story of swarms") };
    let swarm = orchestrator.create_swarm(request()).await.expect("made");
    let again = orchestrator.create_swarm(request()).await.expect("reused");
    assert_eq!((swarm.reused, again.reused, &again.swarm_id), (false, true, &swarm.swarm_id));
    let id = swarm.swarm_id;

    for agent in ["ada", "bob"] {
        let member = orchestrator.join_swarm(join(&id, agent)).await.expect("joins");
        assert_eq!((member.agent_id.as_str(), member.role), (agent, SwarmRole::Worker));
    }
    let members = orchestrator.swarm_members(id.clone()).await.expect("listed");
    let names: Vec<&str> = members.agents.iter().map(|agent| agent.agent_id.as_str()).collect();
    assert_eq!((names, members.swarm_name.as_str()), (vec!["ada", "bob"], "story of swarms"));

    let written = orchestrator.set_state(set(&id, "phase", json!({ "step": "5" }), None)).await.expect("written");
    let read = orchestrator.get_state(id.clone(), "phase".into()).await.expect("read").expect("there");
    assert_eq!((read.version, &read.value), (written.version, &json!({ "step": "5" })));
    let stale = orchestrator.set_state(set(&id, "phase", json!("6"), Some(written.version + 1))).await;
    assert_eq!(stale.expect_err("another version").code(), "version_conflict");
    let next = orchestrator.set_state(set(&id, "phase", json!("6"), Some(written.version))).await.expect("written");
    assert_eq!((next.version, &next.value), (written.version + 1, &json!("6")));
    assert_eq!(orchestrator.get_state(id.clone(), "nothing".into()).await.expect("read"), None);

    let sent = orchestrator.broadcast(event(&id, "ada", "phase_done", json!({ "phase": 1 }))).await.expect("sent");
    orchestrator.broadcast(event(&id, "bob", "phase_begun", json!({ "phase": 2 }))).await.expect("sent");
    let page = orchestrator.swarm_events(query(&id)).await.expect("listed");
    let types: Vec<&str> = page.events.iter().map(|event| event.event_type.as_str()).collect();
    assert_eq!(types, ["phase_done", "phase_begun"]);
    let of_ada = EventQuery { agent_id: Some("ada".into()), ..query(&id) };
    let page = orchestrator.swarm_events(of_ada).await.expect("listed");
    assert_eq!((page.events.len(), &page.events[0].event_id), (1, &sent.event_id));
    assert_eq!(page.events[0].payload, json!({ "phase": 1 }));

    let claim = orchestrator.claim(claim_on(&id, "ada", "src/main.rs")).await.expect("claimed");
    assert_eq!((claim.agent_id.as_str(), claim.extended), ("ada", false));
    let held = orchestrator.claim(claim_on(&id, "bob", "src/main.rs")).await.expect_err("held");
    assert_eq!(held.code(), "held");
    let renewed = orchestrator.claim(claim_on(&id, "ada", "src/main.rs")).await.expect("prolonged");
    assert_eq!((renewed.extended, &renewed.claim_id), (true, &claim.claim_id));
    let stranger = orchestrator.claim(claim_on(&id, "eve", "src/lib.rs")).await.expect_err("no member");
    assert_eq!(stranger.code(), "not_a_member");
    assert!(orchestrator.release(give_back(&id, "ada", &claim.claim_id)).await.expect("released").released);
    assert!(!orchestrator.release(give_back(&id, "ada", &claim.claim_id)).await.expect("again").released);
    let theirs = orchestrator.claim(claim_on(&id, "bob", "src/main.rs")).await.expect("free again");
    assert_eq!(theirs.agent_id, "bob");

    let left = orchestrator.leave_swarm(id.clone(), "bob".into()).await.expect("leaves");
    assert!(left.was_member);
    orchestrator.claim(claim_on(&id, "ada", "src/main.rs")).await.expect("set free");
    orchestrator.join_swarm(join(&id, "bob")).await.expect("joins again");
    let nowhere = SwarmId::parse("swarm_that_is_nowhere").expect("an id");
    assert_eq!(orchestrator.join_swarm(join(&nowhere, "ada")).await.expect_err("unknown").code(), "not_found");
}

#[tokio::test]
async fn the_story_of_swarms_holds_on_the_embedded_store() {
    story(&World::new().await.orchestrator).await;
}

/// A store, and a clock that is moved by hand.
struct Meadow {
    folder: TempDir,
    clock: Arc<FixedClock>,
    swarms: Arc<dyn Swarms>,
    htasks: Arc<dyn HTasks>,
}

impl Meadow {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(FixedClock::new(Timestamp::parse_rfc3339("2026-11-23T12:00:00Z").expect("a time")));
        let Snipara { swarms, htasks, .. } = neighbour_over(folder.path(), &clock).await;
        Self { folder, clock, swarms, htasks }
    }

    /// Opens the store once more, as another process would.
    async fn another(&self) -> Arc<dyn Swarms> {
        neighbour_over(self.folder.path(), &self.clock).await.swarms
    }

    async fn swarm(&self) -> SwarmId {
        self.swarms.create(NewSwarm::named("meadow")).await.expect("made").swarm_id
    }

    async fn swarm_with(&self, agents: &[&str]) -> SwarmId {
        let id = self.swarm().await;
        for agent in agents {
            self.swarms.join(join(&id, agent)).await.expect("joins");
        }
        id
    }

    fn pass_s(&self, seconds: i64) {
        self.clock.advance_ms(seconds * 1000);
    }

    fn sqlite3(&self, sql: &str) -> String {
        sqlite3(&self.folder.path().join(STORE_FILE), sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }
}

async fn neighbour_over(folder: &Path, clock: &Arc<FixedClock>) -> Snipara {
    let store = Store::open(folder, &ProjectId::from_name("meadow").expect("a name")).await.expect("opens");
    let settings = EmbeddedSettings {
        no_project: None,
        store,
        repository: folder.to_owned(),
        clock: clock.clone(),
        htask_policy: HTaskPolicy::default(),
    };
    embedded(settings)
}

fn join(swarm_id: &SwarmId, agent: &str) -> JoinSwarm {
    JoinSwarm {
        swarm_id: swarm_id.clone(),
        agent_id: agent.into(),
        name: None,
        role: SwarmRole::Worker,
        capabilities: vec!["rust".into()],
    }
}

fn set(swarm_id: &SwarmId, key: &str, value: Value, expected_version: Option<i64>) -> SetState {
    SetState {
        swarm_id: swarm_id.clone(),
        agent_id: "ada".into(),
        key: key.into(),
        value,
        expected_version,
        ttl_seconds: None,
    }
}

fn event(swarm_id: &SwarmId, agent: &str, event_type: &str, payload: Value) -> Broadcast {
    Broadcast { swarm_id: swarm_id.clone(), agent_id: agent.into(), event_type: event_type.into(), payload }
}

fn query(swarm_id: &SwarmId) -> EventQuery {
    EventQuery { swarm_id: swarm_id.clone(), event_type: None, agent_id: None, since: None, cursor: None, limit: 50 }
}

fn claim_on(swarm_id: &SwarmId, agent: &str, file: &str) -> ClaimRequest {
    ClaimRequest {
        swarm_id: swarm_id.clone(),
        agent_id: agent.into(),
        resource_type: ResourceType::File,
        resource_id: file.into(),
        timeout_seconds: None,
    }
}

fn give_back(swarm_id: &SwarmId, agent: &str, claim_id: &ClaimId) -> ReleaseRequest {
    ReleaseRequest {
        swarm_id: swarm_id.clone(),
        agent_id: agent.into(),
        claim_id: Some(claim_id.clone()),
        resource_type: None,
        resource_id: None,
    }
}

#[tokio::test]
async fn a_swarm_is_reused_by_name_as_it_is_or_refused_by_the_id_that_has_it() {
    let meadow = Meadow::new().await;
    let first = meadow.swarms.create(NewSwarm { max_agents: 2, ..NewSwarm::named("meadow") }).await.expect("made");
    let other = NewSwarm { max_agents: 9, description: "other".into(), ..NewSwarm::named("meadow") };
    let reused = meadow.swarms.create(other.clone()).await.expect("reused");
    assert_eq!((reused.swarm_id.clone(), reused.max_agents, reused.reused), (first.swarm_id.clone(), 2, true));
    let refused = meadow.swarms.create(NewSwarm { reuse_existing: false, ..other }).await.expect_err("refused");
    assert_eq!(refused.code(), "name_taken");
    assert!(refused.to_string().contains(first.swarm_id.as_str()), "{refused}");
    assert_eq!(meadow.sqlite3("SELECT name, max_agents, description FROM swarms"), "meadow|2|");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_that_make_a_swarm_of_one_name_make_one() {
    let meadow = Meadow::new().await;
    let another = meadow.another().await;
    for number in 0..10 {
        let name = format!("swarm {number}");
        let (left, right) =
            tokio::join!(meadow.swarms.create(NewSwarm::named(&name)), another.create(NewSwarm::named(&name)));
        assert_eq!(left.expect("answered").swarm_id, right.expect("answered").swarm_id);
    }
    assert_eq!(meadow.sqlite3("SELECT count(*) FROM swarms"), "10");
}

#[tokio::test]
async fn a_full_swarm_refuses_strangers_and_renews_its_members() {
    let meadow = Meadow::new().await;
    let made = meadow.swarms.create(NewSwarm { max_agents: 2, ..NewSwarm::named("small") }).await.expect("made");
    let id = made.swarm_id;
    let ada = JoinSwarm { name: Some("Ada".into()), ..join(&id, "ada") };
    let joined_at = meadow.swarms.join(ada).await.expect("joins").joined_at;
    meadow.swarms.join(join(&id, "bob")).await.expect("joins");
    let refused = meadow.swarms.join(join(&id, "eve")).await.expect_err("full");
    assert_eq!(refused.code(), "swarm_full");
    meadow.pass_s(5);
    let again = JoinSwarm { role: SwarmRole::Coordinator, capabilities: Vec::new(), ..join(&id, "ada") };
    meadow.swarms.join(again).await.expect("renews");
    let members = meadow.swarms.members(id.clone()).await.expect("listed");
    let [ada, bob] = members.agents.as_slice() else { panic!("two agents: {members:?}") };
    assert_eq!((ada.role, ada.name.as_deref(), ada.joined_at), (SwarmRole::Coordinator, Some("Ada"), joined_at));
    assert_eq!((ada.capabilities.len(), bob.capabilities.as_slice()), (0, &["rust".to_owned()][..]));
    meadow.swarms.leave(id.clone(), "bob".into()).await.expect("leaves");
    meadow.swarms.join(join(&id, "eve")).await.expect("there is room");
    assert_eq!(meadow.swarms.join(join(&id, "bob")).await.expect_err("full").code(), "swarm_full");
}

#[tokio::test]
async fn who_leaves_gives_everything_back_and_may_come_again() {
    let meadow = Meadow::new().await;
    let id = meadow.swarm_with(&["ada", "bob"]).await;
    let short = ClaimRequest { timeout_seconds: Some(1), ..claim_on(&id, "ada", "expired.rs") };
    meadow.swarms.claim(short).await.expect("claimed");
    meadow.pass_s(2);
    for file in ["a.rs", "b.rs"] {
        meadow.swarms.claim(claim_on(&id, "ada", file)).await.expect("claimed");
    }
    meadow.swarms.claim(claim_on(&id, "bob", "c.rs")).await.expect("claimed");
    let left = meadow.swarms.leave(id.clone(), "ada".into()).await.expect("leaves");
    assert_eq!((left.was_member, left.claims_released), (true, 2), "the expired one was free already");
    assert_eq!(meadow.sqlite3("SELECT agent_id, resource_id FROM swarm_claims"), "bob|c.rs");
    assert_eq!(meadow.sqlite3("SELECT agent_id FROM swarm_members"), "bob");
    let again = meadow.swarms.leave(id.clone(), "ada".into()).await.expect("answered");
    assert_eq!((again.was_member, again.claims_released, again.tasks_unassigned), (false, 0, 0));
    meadow.swarms.join(join(&id, "ada")).await.expect("joins again");
    meadow.swarms.claim(claim_on(&id, "ada", "a.rs")).await.expect("claims again");
}

fn next_for(swarm_id: &SwarmId, agent: &str) -> NextQuery {
    NextQuery { limit: Some(1), claim_for_agent: Some(agent.into()), ..NextQuery::new(swarm_id.clone()) }
}

#[tokio::test]
async fn an_agent_with_an_htask_is_busy_and_leaving_gives_it_back() {
    let meadow = Meadow::new().await;
    let id = meadow.swarm_with(&["ada"]).await;
    let task = NewHTask::new(id.clone(), "Build it", "as said", "ada");
    let task = meadow.htasks.create(id.clone(), task).await.expect("made").task_id;
    let batch = meadow.htasks.next(id.clone(), next_for(&id, "ada")).await.expect("answered");
    assert_eq!(batch.tasks[0].task_id, task);
    let members = meadow.swarms.members(id.clone()).await.expect("listed").agents;
    assert_eq!((members[0].status, members[0].current_task.as_deref()), (AgentStatus::Busy, Some(task.as_str())));
    let left = meadow.swarms.leave(id.clone(), "ada".into()).await.expect("leaves");
    assert_eq!((left.was_member, left.tasks_unassigned), (true, 1));
    assert_eq!(meadow.sqlite3("SELECT status, claimed_by FROM htasks"), "PENDING|");
    let again = meadow.htasks.next(id.clone(), next_for(&id, "bob")).await.expect("answered");
    assert_eq!(again.tasks[0].task_id, task, "a stranger may claim an htask");
    let left = meadow.swarms.leave(id.clone(), "bob".into()).await.expect("answered");
    assert_eq!((left.was_member, left.tasks_unassigned), (false, 1));
}

#[tokio::test]
async fn changes_of_htasks_stand_in_the_stream_beside_broadcasts() {
    let meadow = Meadow::new().await;
    let id = meadow.swarm_with(&["ada"]).await;
    meadow.swarms.broadcast(event(&id, "ada", "begun", json!({}))).await.expect("sent");
    let task = NewHTask::new(id.clone(), "Build it", "as said", "ada");
    let task = meadow.htasks.create(id.clone(), task).await.expect("made").task_id;
    meadow.htasks.next(id.clone(), next_for(&id, "ada")).await.expect("claimed");
    let page = meadow.swarms.events(query(&id)).await.expect("listed");
    let types: Vec<&str> = page.events.iter().map(|event| event.event_type.as_str()).collect();
    assert_eq!((types, page.total), (vec!["begun", "htask.create", "htask.claim"], 3));
    let claimed = EventQuery { event_type: Some("htask.claim".into()), agent_id: Some("ada".into()), ..query(&id) };
    let page = meadow.swarms.events(claimed).await.expect("listed");
    let payload = &page.events[0].payload;
    assert_eq!((&payload["task_id"], &payload["to_status"]), (&json!(task), &json!("IN_PROGRESS")));
}

#[tokio::test]
async fn an_agent_without_a_sign_of_life_is_idle() {
    let meadow = Meadow::new().await;
    let id = meadow.swarm_with(&["ada", "bob"]).await;
    let statuses = async || {
        let members = meadow.swarms.members(id.clone()).await.expect("listed");
        members.agents.iter().map(|agent| agent.status).collect::<Vec<_>>()
    };
    assert_eq!(statuses().await, [AgentStatus::Active; 2]);
    meadow.pass_s(601);
    meadow.swarms.broadcast(event(&id, "bob", "alive", json!({}))).await.expect("sent");
    assert_eq!(statuses().await, [AgentStatus::Idle, AgentStatus::Active]);
    meadow.swarms.set_state(set(&id, "key", json!(1), None)).await.expect("written by ada");
    assert_eq!(statuses().await, [AgentStatus::Active; 2]);
}

#[tokio::test]
async fn state_has_versions_that_a_writer_can_insist_on() {
    let meadow = Meadow::new().await;
    let id = meadow.swarm().await;
    let conflict = |error: SniparaError| match error {
        SniparaError::VersionConflict { expected, current, .. } => (expected, current),
        other => panic!("{other:?}"),
    };
    let missing = meadow.swarms.set_state(set(&id, "key", json!(1), Some(3))).await;
    assert_eq!(conflict(missing.expect_err("not there")), (3, 0));
    assert_eq!(meadow.sqlite3("SELECT count(*) FROM swarm_state"), "0");
    assert_eq!(meadow.swarms.set_state(set(&id, "key", json!(1), Some(0))).await.expect("new").version, 1);
    let there = meadow.swarms.set_state(set(&id, "key", json!(2), Some(0))).await;
    assert_eq!(conflict(there.expect_err("it exists")), (0, 1));
    assert_eq!(meadow.swarms.set_state(set(&id, "key", json!(2), Some(1))).await.expect("matches").version, 2);
    assert_eq!(meadow.swarms.set_state(set(&id, "key", json!(3), None)).await.expect("unconditional").version, 3);
    assert_eq!(meadow.sqlite3("SELECT key, value, version, updated_by FROM swarm_state"), "key|3|3|ada");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_processes_that_expect_one_version_one_writes() {
    let meadow = Meadow::new().await;
    let another = meadow.another().await;
    let id = meadow.swarm().await;
    for version in 0..10 {
        let request = || set(&id, "key", json!(version), Some(version));
        let (left, right) = tokio::join!(meadow.swarms.set_state(request()), another.set_state(request()));
        assert_eq!(usize::from(left.is_ok()) + usize::from(right.is_ok()), 1, "{left:?} {right:?}");
    }
}

#[tokio::test]
async fn values_come_back_as_they_were_written() {
    let meadow = Meadow::new().await;
    let id = meadow.swarm().await;
    let values =
        [json!("5"), json!("{\"a\":1}"), json!({ "value": 1 }), json!({ "raw": [null] }), json!(false), json!("")];
    for value in values {
        meadow.swarms.set_state(set(&id, "key", value.clone(), None)).await.expect("written");
        let read = meadow.swarms.get_state(id.clone(), "key".into()).await.expect("read").expect("there");
        assert_eq!(read.value, value);
    }
    let world = World::new().await;
    let id = world.orchestrator.default_swarm().await.expect("a swarm");
    let refused = world.orchestrator.set_state(set(&id, "key", Value::Null, None)).await.expect_err("null");
    assert!(refused.code() == "invalid_input" && refused.to_string().contains("value"), "{refused}");
}

#[tokio::test]
async fn an_expired_key_is_absent_and_its_version_goes_on() {
    let meadow = Meadow::new().await;
    let id = meadow.swarm().await;
    let read = async || meadow.swarms.get_state(id.clone(), "key".into()).await.expect("read");
    let short = || SetState { ttl_seconds: Some(10), ..set(&id, "key", json!("short"), None) };
    let written = meadow.swarms.set_state(short()).await.expect("written");
    assert_eq!(written.expires_at, Some(Timestamp::parse_rfc3339("2026-11-23T12:00:10Z").expect("a time")));
    meadow.pass_s(9);
    assert_eq!(read().await.expect("still there").version, 1);
    meadow.pass_s(1);
    assert_eq!(read().await, None);
    let old = meadow.swarms.set_state(set(&id, "key", json!("old writer"), Some(1))).await.expect_err("gone");
    assert!(matches!(old, SniparaError::VersionConflict { current: 0, .. }), "{old:?}");
    let fresh = meadow.swarms.set_state(set(&id, "key", json!("for ever"), Some(0))).await.expect("must not exist");
    assert_eq!((fresh.version, fresh.expires_at), (2, None), "an old writer's 1 never matches again");
    meadow.pass_s(1_000_000);
    assert_eq!(read().await.expect("for ever").value, json!("for ever"));
    meadow.swarms.set_state(short()).await.expect("written");
    meadow.pass_s(10);
    meadow.swarms.set_state(set(&id, "other", json!(1), None)).await.expect("written");
    assert_eq!(meadow.sqlite3("SELECT value, version FROM swarm_state WHERE key = 'key'"), "|3", "nothing is hoarded");
    assert_eq!(read().await, None);
}

#[tokio::test]
async fn events_are_paged_without_loss_and_filtered() {
    let meadow = Meadow::new().await;
    let (id, other) = (meadow.swarm().await, meadow.swarms.create(NewSwarm::named("other")).await.expect("made"));
    let types = |page: &snipara_orchestrator::domain::EventPage| {
        page.events.iter().map(|event| event.event_type.clone()).collect::<Vec<_>>()
    };
    let list = async |query: EventQuery| meadow.swarms.events(query).await.expect("listed");
    let empty = list(query(&id)).await;
    assert_eq!((empty.events.len(), empty.total, empty.has_more), (0, 0, false));
    for number in 1..=5 {
        meadow
            .swarms
            .broadcast(event(&id, "nobody's member", &format!("e{number}"), json!(number)))
            .await
            .expect("sent");
        meadow.swarms.broadcast(event(&other.swarm_id, "bob", "elsewhere", json!({}))).await.expect("sent");
        meadow.pass_s(1);
    }
    let newest = list(EventQuery { limit: 2, ..query(&id) }).await;
    assert_eq!((types(&newest), newest.total, newest.has_more), (vec!["e4".into(), "e5".into()], 5, false));
    let mut read = Vec::new();
    let mut cursor = empty.next_cursor;
    loop {
        let page = list(EventQuery { limit: 2, cursor, ..query(&id) }).await;
        assert_eq!(page.total, 5);
        read.extend(types(&page));
        cursor = page.next_cursor;
        if !page.has_more {
            break;
        }
    }
    assert_eq!(read, ["e1", "e2", "e3", "e4", "e5"]);
    meadow.swarms.broadcast(event(&id, "ada", "e6", json!(6))).await.expect("sent");
    let further = list(EventQuery { cursor: newest.next_cursor, ..query(&id) }).await;
    assert_eq!((types(&further), further.has_more), (vec!["e6".into()], false));
    assert_eq!(types(&list(EventQuery { event_type: Some("e3".into()), ..query(&id) }).await), ["e3"]);
    assert_eq!(types(&list(EventQuery { agent_id: Some("ada".into()), ..query(&id) }).await), ["e6"]);
    let since = Timestamp::parse_rfc3339("2026-11-23T12:00:03Z").expect("a time");
    let late = list(EventQuery { since: Some(since), ..query(&id) }).await;
    assert_eq!(types(&late), ["e5", "e6"], "e4 happened at that very time");
    let nonsense = EventQuery { cursor: Some("nonsense".into()), ..query(&id) };
    let refused = meadow.swarms.events(nonsense).await.expect_err("refused");
    assert!(matches!(&refused, SniparaError::Field(error) if error.field == "cursor"), "{refused:?}");
}

#[tokio::test]
async fn changes_of_htasks_cannot_be_pretended() {
    let meadow = Meadow::new().await;
    let id = meadow.swarm().await;
    let refused = meadow.swarms.broadcast(event(&id, "eve", "htask.complete", json!({}))).await.expect_err("refused");
    assert!(matches!(&refused, SniparaError::Field(error) if error.field == "event_type"), "{refused:?}");
    assert_eq!(meadow.sqlite3("SELECT count(*) FROM swarm_events"), "0");
}

#[tokio::test]
async fn a_claim_is_exclusive_until_it_expires() {
    let meadow = Meadow::new().await;
    let id = meadow.swarm_with(&["ada", "bob"]).await;
    let first = meadow.swarms.claim(claim_on(&id, "ada", "a.rs")).await.expect("claimed");
    let until = Timestamp::parse_rfc3339("2026-11-23T12:05:00Z").expect("a time");
    assert_eq!(first.expires_at, Some(until), "the swarm's own 300 s");
    meadow.pass_s(299);
    let held = meadow.swarms.claim(claim_on(&id, "bob", "a.rs")).await.expect_err("held");
    let SniparaError::Held { resource, holder, expires_at } = &held else { panic!("{held:?}") };
    assert_eq!((resource.as_str(), holder.as_str(), *expires_at), ("file a.rs", "ada", until));
    let module = ClaimRequest { resource_type: ResourceType::Module, ..claim_on(&id, "bob", "a.rs") };
    meadow.swarms.claim(module).await.expect("another kind of thing");
    meadow.pass_s(1);
    let second = meadow.swarms.claim(claim_on(&id, "bob", "a.rs")).await.expect("expired");
    assert!(second.fencing_token > first.fencing_token, "{second:?}");
    assert_ne!(second.claim_id, first.claim_id);
    let late = meadow.swarms.claim(claim_on(&id, "ada", "a.rs")).await.expect_err("lost");
    assert_eq!(late.code(), "held");
}

#[tokio::test]
async fn the_holder_prolongs_its_claim_and_keeps_its_token() {
    let meadow = Meadow::new().await;
    let id = meadow.swarm_with(&["ada"]).await;
    let of = |seconds| ClaimRequest { timeout_seconds: Some(seconds), ..claim_on(&id, "ada", "a.rs") };
    let first = meadow.swarms.claim(of(100)).await.expect("claimed");
    meadow.pass_s(50);
    let longer = meadow.swarms.claim(of(100)).await.expect("prolonged");
    assert_eq!((&longer.claim_id, longer.fencing_token, longer.extended), (&first.claim_id, first.fencing_token, true));
    assert_eq!(longer.expires_at, first.expires_at.map(|end| end.plus_ms(50_000)));
    let shorter = meadow.swarms.claim(of(1)).await.expect("answered");
    assert_eq!(shorter.expires_at, longer.expires_at, "a repetition never cuts a claim short");
    meadow.pass_s(100);
    let anew = meadow.swarms.claim(of(100)).await.expect("claimed anew");
    assert!(!anew.extended && anew.fencing_token > first.fencing_token, "somebody may have had it: {anew:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_processes_that_claim_one_resource_one_wins() {
    let meadow = Meadow::new().await;
    let another = meadow.another().await;
    let id = meadow.swarm_with(&["ada", "bob"]).await;
    let mut tokens = Vec::new();
    for number in 0..20 {
        let file = format!("{number}.rs");
        let (left, right) =
            tokio::join!(meadow.swarms.claim(claim_on(&id, "ada", &file)), another.claim(claim_on(&id, "bob", &file)));
        let (won, lost) = match (left, right) {
            (Ok(won), Err(lost)) | (Err(lost), Ok(won)) => (won, lost),
            other => panic!("{other:?}"),
        };
        assert!(matches!(&lost, SniparaError::Held { holder, .. } if *holder == won.agent_id), "{lost:?}");
        tokens.push(won.fencing_token.expect("a token"));
    }
    assert!(tokens.is_sorted_by(|left, right| left < right), "{tokens:?}");
}

#[tokio::test]
async fn only_the_holder_gives_a_claim_back_and_may_repeat_it() {
    let meadow = Meadow::new().await;
    let id = meadow.swarm_with(&["ada", "bob"]).await;
    let claim = meadow.swarms.claim(claim_on(&id, "ada", "a.rs")).await.expect("claimed");
    let by_name = |agent: &str| ReleaseRequest {
        claim_id: None,
        resource_type: Some(ResourceType::File),
        resource_id: Some("a.rs".into()),
        ..give_back(&id, agent, &claim.claim_id)
    };
    for request in [by_name("bob"), give_back(&id, "bob", &claim.claim_id)] {
        let refused = meadow.swarms.release(request).await.expect_err("not bob's");
        assert_eq!(refused.code(), "not_yours");
        assert!(refused.to_string().contains("ada"), "{refused}");
    }
    assert_eq!(meadow.sqlite3("SELECT count(*) FROM swarm_claims"), "1");
    let released = meadow.swarms.release(by_name("ada")).await.expect("released");
    assert_eq!((released.released, released.claim_id), (true, Some(claim.claim_id.clone())));
    for request in [by_name("ada"), by_name("bob"), give_back(&id, "ada", &claim.claim_id)] {
        assert!(!meadow.swarms.release(request).await.expect("nothing to release").released);
    }
    let anew = meadow.swarms.claim(claim_on(&id, "bob", "a.rs")).await.expect("free");
    assert!(anew.fencing_token > claim.fencing_token);
    meadow.pass_s(301);
    let expired = meadow.swarms.release(give_back(&id, "bob", &anew.claim_id)).await.expect("answered");
    assert!(!expired.released, "it did not hold any more");
}

#[tokio::test]
async fn who_is_no_member_claims_nothing_and_is_told_to_join() {
    let meadow = Meadow::new().await;
    let id = meadow.swarm_with(&["ada"]).await;
    let refused = meadow.swarms.claim(claim_on(&id, "eve", "a.rs")).await.expect_err("refused");
    assert_eq!(refused.code(), "not_a_member");
    assert!(refused.hint().contains("swarm_join"), "{}", refused.hint());
    assert_eq!(meadow.sqlite3("SELECT count(*) FROM swarm_claims"), "0");
}

#[tokio::test]
async fn a_swarm_that_does_not_exist_is_told_by_every_verb_with_the_nearest_name() {
    let meadow = Meadow::new().await;
    let id = meadow.swarms.create(NewSwarm::named("release train")).await.expect("made").swarm_id;
    let wrong = SwarmId::parse("release-trian").expect("an id");
    let swarms = &meadow.swarms;
    let refusals = [
        swarms.join(join(&wrong, "ada")).await.err(),
        swarms.leave(wrong.clone(), "ada".into()).await.err(),
        swarms.members(wrong.clone()).await.err(),
        swarms.set_state(set(&wrong, "key", json!(1), None)).await.err(),
        swarms.get_state(wrong.clone(), "key".into()).await.err(),
        swarms.broadcast(event(&wrong, "ada", "e", json!({}))).await.err(),
        swarms.events(query(&wrong)).await.err(),
        swarms.claim(claim_on(&wrong, "ada", "a.rs")).await.err(),
        swarms.release(give_back(&wrong, "ada", &ClaimId::generate())).await.err(),
    ];
    for refused in refusals {
        let refused = refused.expect("refused");
        assert_eq!(refused.code(), "not_found");
        assert!(
            refused.to_string().contains("release train") && refused.to_string().contains(id.as_str()),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn a_swarm_of_another_project_is_never_visible() {
    let meadow = Meadow::new().await;
    let id = SwarmId::parse("swarm_of_somebody_else").expect("an id");
    meadow.sqlite3(&format!(
        "INSERT INTO swarms VALUES ('elsewhere', '{id}', 'meadow', '', 10, 600, 300, 0);
         INSERT INTO swarm_members VALUES ('elsewhere', '{id}', 'ada', NULL, 'worker', '[]', 0, 0);
         INSERT INTO swarm_state VALUES ('elsewhere', '{id}', 'key', '1', 1, 'ada', 0, NULL)"
    ));
    let refused = meadow.swarms.members(id.clone()).await.expect_err("not ours");
    assert!(refused.code() == "not_found" && !refused.to_string().contains("did you mean"), "{refused}");
    assert_eq!(meadow.swarms.get_state(id.clone(), "key".into()).await.expect_err("not ours").code(), "not_found");
    let own = meadow.swarm().await;
    assert_ne!(own, id, "a name of another project is free here");
}
