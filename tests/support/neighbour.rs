//! A neighbour that misbehaves on demand: it errs, hangs, crashes, is slow, and may or may not have done what it was
//! asked. It keeps no rules of its own: it records what it is asked and answers what it was told to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};
use snipara_orchestrator::domain::{
    BlockChange, BlockRequest, Broadcast, Claim, ClaimRequest, CloseRequest, Closed, CompleteRequest, Completed,
    ContextAnswer, ContextQuery, EventPage, EventQuery, Evidence, Feature, ForgetQuery, HTask, HTaskEvent, HTaskRef,
    HTaskStatus, HTaskTree, JoinSwarm, LeftSwarm, Memory, MemoryFilter, MemoryId, MemoryPage, MemoryStatus, NewFeature,
    NewHTask, NewMemory, NewSwarm, NextBatch, NextQuery, RecallQuery, Recalled, RecalledMemory, ReleaseRequest,
    Released, Remembered, SetState, StateEntry, Swarm, SwarmEvent, SwarmId, SwarmMember, SwarmMembers, Timestamp,
    TreeQuery, UnblockRequest,
};
use snipara_orchestrator::outbound::TransportFailure;
use snipara_orchestrator::snipara::{
    Answer, ContextSearch, HTasks, Memories, Snipara, SniparaError, SniparaKind, Swarms,
};
use tokio::sync::watch;

/// How a call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nobody is there: certainly not delivered.
    Down,
    /// The answer was lost: it may have happened.
    Lost,
    /// An HTTP status.
    Status(u16),
    /// An answer that cannot be understood.
    Malformed,
    /// It refuses.
    Refuses,
    /// It never answers.
    Hangs,
    /// It crashes.
    Panics,
    /// It answers when the test says so.
    UntilReleased,
    /// It knows no such thing.
    NotFound(&'static str),
}

impl Fault {
    /// Every way to go wrong that ends.
    pub const ENDING: [Self; 6] =
        [Self::Down, Self::Lost, Self::Status(500), Self::Malformed, Self::Refuses, Self::Panics];
}

/// The neighbour; clones share everything.
#[derive(Debug, Clone, Default)]
pub struct FakeNeighbour {
    told: Arc<Mutex<Told>>,
    released: Arc<watch::Sender<bool>>,
}

#[derive(Debug, Default)]
struct Told {
    faults: BTreeMap<&'static str, Fault>,
    everywhere: Option<Fault>,
    calls: Vec<(&'static str, Value)>,
    swarms_made: u32,
    context: ContextAnswer,
    memories: Vec<(String, &'static str)>,
    attached: Vec<Evidence>,
    htask: serde_json::Map<String, Value>,
}

impl FakeNeighbour {
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns it as a neighbour of a kind.
    pub fn snipara(&self, kind: SniparaKind) -> Snipara {
        let shared = Arc::new(self.clone());
        Snipara {
            kind,
            context: shared.clone(),
            memories: shared.clone(),
            htasks: shared.clone(),
            swarms: shared,
            forward: None,
        }
    }

    /// Lets one call go wrong from now on: `remember`, `set_state` ….
    pub fn misbehave(&self, call: &'static str, fault: Fault) {
        self.told().faults.insert(call, fault);
    }

    /// Lets every call go wrong from now on.
    pub fn misbehave_everywhere(&self, fault: Fault) {
        self.told().everywhere = Some(fault);
    }

    /// Lets every call go well again.
    pub fn behave(&self) {
        let mut told = self.told();
        told.faults.clear();
        told.everywhere = None;
    }

    /// Lets everybody who waits have an answer.
    pub fn release(&self) {
        self.released.send_replace(true);
    }

    pub fn answer_context(&self, answer: ContextAnswer) {
        self.told().context = answer;
    }

    /// Recalls this from now on: a content and its type.
    pub fn answer_memory(&self, content: &str, memory_type: &'static str) {
        self.told().memories.push((content.to_owned(), memory_type));
    }

    /// Has these fields in every htask from now on: `evidence_required`, `created_at` ….
    pub fn answer_htask(&self, fields: Value) {
        self.told().htask = fields.as_object().expect("fields").clone();
    }

    /// Returns what was asked with a call, in order; what went wrong was asked, too.
    pub fn asked(&self, call: &str) -> Vec<Value> {
        self.told().calls.iter().filter(|(name, _)| *name == call).map(|(_, arguments)| arguments.clone()).collect()
    }

    pub fn attached(&self) -> Vec<Evidence> {
        self.told().attached.clone()
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().expect("nobody crashes while holding it")
    }

    /// Records a call and goes wrong when it is to.
    async fn called(&self, call: &'static str, arguments: Value) -> Result<(), SniparaError> {
        let fault = {
            let mut told = self.told();
            told.calls.push((call, arguments));
            told.faults.get(call).copied().or(told.everywhere)
        };
        let unreachable = |may_have_happened| SniparaError::Unreachable {
            tool: call.to_owned(),
            failure: TransportFailure::Reset { reason: "as the test asked".to_owned() },
            may_have_happened,
        };
        match fault {
            None => Ok(()),
            Some(Fault::Down) => Err(unreachable(false)),
            Some(Fault::Lost) => Err(unreachable(true)),
            Some(Fault::Status(status)) => {
                // As hosts do that turn a request away (RFC 9110 §15.6.4).
                let retry_after_s = (status == 503).then_some(1);
                Err(SniparaError::Status { tool: call.to_owned(), status, message: None, retry_after_s })
            }
            Some(Fault::Malformed) => {
                Err(SniparaError::Malformed { tool: call.to_owned(), why: "it is cut off".to_owned() })
            }
            Some(Fault::Refuses) => Err(SniparaError::HostRefused {
                tool: call.to_owned(),
                message: "not on this plan".to_owned(),
                code: None,
            }),
            Some(Fault::Hangs) => std::future::pending().await,
            Some(Fault::Panics) => panic!("{call} crashes as the test asked"),
            Some(Fault::UntilReleased) => {
                let mut released = self.released.subscribe();
                released.wait_for(|released| *released).await.map(|_| ()).expect("this neighbour still lives");
                Ok(())
            }
            Some(Fault::NotFound(what)) => {
                Err(SniparaError::NotFound { what, id: "as the test asked".to_owned(), nearest: None })
            }
        }
    }
}

const NOW: Timestamp = Timestamp::from_micros(1_790_000_000_000_000);

fn memory(content: &str, memory_type: &str) -> Memory {
    Memory {
        memory_id: MemoryId::generate(),
        memory_type: memory_type.parse().expect("a type"),
        scope: "project".parse().expect("a scope"),
        agent_id: None,
        category: None,
        content: content.to_owned(),
        status: MemoryStatus::Active,
        status_reason: None,
        superseded_by: None,
        confidence: 1.0,
        source: None,
        created_at: NOW,
        expires_at: None,
        last_accessed_at: None,
        access_count: 0,
    }
}

impl ContextSearch for FakeNeighbour {
    fn query_context(&self, query: ContextQuery) -> Answer<'_, ContextAnswer> {
        Box::pin(async move {
            self.called("query_context", json!({ "query": query.query, "max_tokens": query.max_tokens })).await?;
            Ok(self.told().context.clone())
        })
    }
}

impl Memories for FakeNeighbour {
    fn remember(&self, new: NewMemory) -> Answer<'_, Remembered> {
        Box::pin(async move {
            let arguments = json!({
                "content": new.content, "type": new.memory_type, "category": new.category, "ttl_days": new.ttl_days,
            });
            self.called("remember", arguments).await?;
            let memory = memory(&new.content, new.memory_type.as_str());
            Ok(Remembered { memory, near_duplicates: Vec::new(), superseded: Vec::new(), warnings: Vec::new() })
        })
    }

    fn recall(&self, query: RecallQuery) -> Answer<'_, Recalled> {
        Box::pin(async move {
            self.called("recall", json!({ "query": query.query, "limit": query.limit })).await?;
            let memories = self.told().memories.clone();
            let memories = memories
                .iter()
                .map(|(content, kind)| RecalledMemory { memory: memory(content, kind), relevance: 0.9 })
                .collect();
            Ok(Recalled { memories, ..Recalled::default() })
        })
    }

    fn list(&self, _: MemoryFilter) -> Answer<'_, MemoryPage> {
        unasked("list")
    }

    fn forget(&self, _: ForgetQuery) -> Answer<'_, u64> {
        unasked("forget")
    }

    fn invalidate(&self, _: MemoryId, _: Option<String>) -> Answer<'_, Memory> {
        unasked("invalidate")
    }

    fn supersede(&self, _: MemoryId, _: MemoryId, _: Option<String>) -> Answer<'_, Memory> {
        unasked("supersede")
    }
}

impl HTasks for FakeNeighbour {
    fn create(&self, _: SwarmId, _: NewHTask) -> Answer<'_, HTask> {
        unasked("create")
    }

    fn create_feature(&self, _: SwarmId, _: NewFeature) -> Answer<'_, Feature> {
        unasked("create_feature")
    }

    fn get(&self, task: HTaskRef) -> Answer<'_, HTask> {
        Box::pin(async move {
            self.called("get", json!({ "swarm_id": task.swarm_id, "task_id": task.task_id })).await?;
            let mut htask = json!({
                "task_id": task.task_id, "swarm_id": task.swarm_id, "level": "N3_TASK", "title": "an htask",
                "priority": "P1", "status": "IN_PROGRESS", "evidence_provided": self.told().attached,
            });
            htask.as_object_mut().expect("fields").extend(self.told().htask.clone());
            Ok(serde_json::from_value(htask).expect("an htask"))
        })
    }

    fn next(&self, _: SwarmId, _: NextQuery) -> Answer<'_, NextBatch> {
        unasked("next")
    }

    fn complete(&self, _: SwarmId, request: CompleteRequest, evidence: Vec<Evidence>) -> Answer<'_, Completed> {
        Box::pin(async move {
            self.called("complete", json!({ "evidence": evidence })).await?;
            Ok(Completed {
                released: Vec::new(),
                task_id: request.task_id,
                status: HTaskStatus::Completed,
                repeated: false,
                auto_closed_parent: None,
                linked_memory_id: None,
                evidence,
                warnings: Vec::new(),
            })
        })
    }

    fn attach_evidence(&self, task: HTaskRef, evidence: Vec<Evidence>) -> Answer<'_, ()> {
        Box::pin(async move {
            self.called("attach_evidence", json!({ "task_id": task.task_id, "evidence": evidence })).await?;
            self.told().attached.extend(evidence);
            Ok(())
        })
    }

    fn note_refusal(&self, task: HTaskRef, evidence: Vec<Evidence>, why: String) -> Answer<'_, ()> {
        Box::pin(async move {
            let arguments = json!({ "task_id": task.task_id, "evidence": evidence, "why": why });
            self.called("note_refusal", arguments).await
        })
    }

    fn tree(&self, _: SwarmId, _: TreeQuery) -> Answer<'_, HTaskTree> {
        unasked("tree")
    }

    fn block(&self, _: SwarmId, _: BlockRequest) -> Answer<'_, BlockChange> {
        unasked("block")
    }

    fn unblock(&self, _: SwarmId, _: UnblockRequest) -> Answer<'_, BlockChange> {
        unasked("unblock")
    }

    fn close(&self, _: SwarmId, _: CloseRequest) -> Answer<'_, Closed> {
        unasked("close")
    }

    fn audit_trail(&self, _: HTaskRef) -> Answer<'_, Vec<HTaskEvent>> {
        unasked("audit_trail")
    }
}

impl Swarms for FakeNeighbour {
    fn make_of(&self, _: SwarmId) -> Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    /// Ignores `reuse_existing`, as some hosts do: every call makes another swarm.
    fn create(&self, swarm: NewSwarm) -> Answer<'_, Swarm> {
        Box::pin(async move {
            self.called("swarm_create", json!({ "name": swarm.name, "reuse_existing": swarm.reuse_existing })).await?;
            let number = {
                let mut told = self.told();
                told.swarms_made += 1;
                told.swarms_made
            };
            Ok(Swarm {
                swarm_id: SwarmId::parse(&format!("swarm-{number}")).expect("an id"),
                name: swarm.name,
                description: swarm.description,
                max_agents: swarm.max_agents,
                task_timeout_s: swarm.task_timeout_s,
                claim_timeout_s: swarm.claim_timeout_s,
                reused: false,
            })
        })
    }

    fn join(&self, join: JoinSwarm) -> Answer<'_, SwarmMember> {
        Box::pin(async move {
            let arguments = json!({
                "swarm_id": join.swarm_id, "agent_id": join.agent_id, "role": join.role.as_str(),
                "capabilities": join.capabilities,
            });
            self.called("swarm_join", arguments).await?;
            let member = json!({ "agent_id": join.agent_id, "role": "coordinator", "status": "active" });
            Ok(serde_json::from_value(member).expect("a member"))
        })
    }

    fn leave(&self, _: SwarmId, _: String) -> Answer<'_, LeftSwarm> {
        unasked("leave")
    }

    fn members(&self, _: SwarmId) -> Answer<'_, SwarmMembers> {
        unasked("members")
    }

    fn set_state(&self, state: SetState) -> Answer<'_, StateEntry> {
        Box::pin(async move {
            let arguments = json!({
                "swarm_id": state.swarm_id, "agent_id": state.agent_id, "key": state.key, "value": state.value,
            });
            self.called("set_state", arguments).await?;
            Ok(StateEntry {
                key: state.key,
                value: state.value,
                version: 1,
                updated_at: None,
                updated_by: None,
                expires_at: None,
            })
        })
    }

    fn get_state(&self, _: SwarmId, _: String) -> Answer<'_, Option<StateEntry>> {
        unasked("get_state")
    }

    fn broadcast(&self, _: Broadcast) -> Answer<'_, SwarmEvent> {
        unasked("broadcast")
    }

    fn events(&self, _: EventQuery) -> Answer<'_, EventPage> {
        unasked("events")
    }

    fn claim(&self, _: ClaimRequest) -> Answer<'_, Claim> {
        unasked("claim")
    }

    fn release(&self, _: ReleaseRequest) -> Answer<'_, Released> {
        unasked("release")
    }
}

/// What no test asks for.
fn unasked<T: Send + 'static>(call: &'static str) -> Answer<'static, T> {
    Box::pin(async move { panic!("the fake neighbour does not answer {call}") })
}
