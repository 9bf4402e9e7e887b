//! Plain data and its arithmetic: what the other rooms talk about.
//!
//! Lives here: identifiers, the clock, tasks and their criteria, live checks, command runs, proofs, what a health
//! document says, drift findings, checklists, gate verdicts, reports and redaction; memories, sections, htasks and
//! swarms; and what can be asked of each verb ([`Request`]), with its defaults and checks. Does not live here: input and
//! output of any kind, `async`, SQL, processes, sockets. Everybody may use it; it uses no other room.
//! The law is held by `tests/it/imports/law.rs`.

mod actor;
mod checklist;
mod clock;
mod command;
mod criteria;
mod deployment_note;
mod digest;
mod drift;
mod drift_document;
mod evidence;
mod evidence_argument;
mod field;
mod forward_request;
mod gate;
mod handoff;
mod handoff_check;
mod handoff_reading;
mod health;
mod htask;
mod htask_answer;
mod htask_request;
mod id;
mod live_check;
mod memory;
mod memory_request;
mod opaque_id;
mod outbox;
mod outcome;
mod policy;
mod principal;
mod production;
mod progress;
mod proof;
mod proof_request;
mod redaction;
mod report;
mod request;
mod route_key;
mod run;
mod run_request;
mod scope;
mod section;
mod store_report;
mod stored_check;
mod suggestion;
mod swarm;
mod swarm_request;
mod task;
mod test_user;
mod text;
mod verify_report;
mod wire_enum;
mod worded;

pub use actor::Actor;
pub use checklist::{ChecklistItem, ChecklistTarget, ItemSource};
pub use clock::{Clock, FixedClock, SharedClock, SystemClock, Timestamp, TimestampError};
pub use command::{CapturedOutput, CommandEnd, CommandRun};
pub use criteria::{Criteria, CriteriaError, MAX_REQUIRED_PROOFS};
pub use deployment_note::DeploymentNote;
pub(crate) use digest::canonical_value;
pub use digest::{CanonicalError, canonical_json, hex, sha256_hex};
pub use drift::{DriftAnswer, DriftCheck, DriftKind, DriftQuery, DriftReport};
pub use drift_document::DriftDocument;
pub use evidence::{EVIDENCE_KINDS, Evidence, EvidenceRequirement, EvidenceVerdict, NewEvidence, missing_evidence};
pub use evidence_argument::parse_evidence;
pub use field::{FieldError, MAX_TEXT_BYTES, integer, yes};
pub use forward_request::ForwardRequest;
pub use gate::{GateName, GateReason, Verdict};
pub use handoff::{
    Handoff, HandoffClaimScope, HandoffCoordination, HandoffEvidence, HandoffFeature, HandoffLiveCheck, HandoffMemory,
    HandoffPhase, HandoffPlan, HandoffRepository, HandoffRouting, HandoffRuntime, HandoffSandbox, HandoffSandboxPhase,
    HandoffSource, HandoffTask, HandoffValidation, HandoffWorkflow,
};
pub use handoff_check::{EvidenceCheck, HandoffGate, MatchedEvidence};
pub use health::{HealthAnswer, WELL_KNOWN_HEALTH_PATHS, is_html, judge_health};
pub use htask::{
    AcceptanceCriterion, Blocker, BlockerType, ClosurePolicy, ExecutionTarget, HTask, HTaskClaim, HTaskEvent,
    HTaskLevel, HTaskNode, HTaskPolicy, HTaskProgress, HTaskStatus, Priority, Waiver, Workstream,
};
pub use htask_answer::{BlockChange, Closed, Completed, Feature, HTaskTree, NextBatch};
pub use htask_request::{
    BlockRequest, CloseRequest, CompleteRequest, HTaskRef, MAX_EVIDENCE, NewFeature, NewHTask, NextQuery, TreeQuery,
    UnblockRequest,
};
pub use id::{IdError, ProjectId, TaskId};
pub use live_check::{
    DEFAULT_CHECK_TIMEOUT_MS, ExpectedStatus, LiveCheck, LiveCheckError, Method, ResolvedCheck, StatusPattern,
    timeout_from_seconds,
};
pub use memory::{
    Memory, MemoryPage, MemoryScope, MemoryStatus, MemoryType, Recalled, RecalledMemory, Reconciliation, Remembered,
    SimilarMemory,
};
pub use memory_request::{
    ForgetQuery, InvalidateRequest, MAX_QUERY_BYTES, MemoryFilter, MemoryOrder, NewMemory, RecallQuery, SortOrder,
    SupersedeRequest,
};
pub use opaque_id::{ClaimId, EventId, HTaskId, MemoryId, SwarmId};
pub use outbox::OutboxCounts;
pub use outcome::Outcome;
pub use policy::Policy;
pub use principal::Principal;
pub use production::{HostPattern, HostPatternError, Origin, OriginError, Production, VersionSource};
pub use progress::{Phase, ProgressEvent, ProgressSink, silent_progress};
pub(crate) use proof::BLOCKED_BY_POLICY;
pub use proof::{ANONYMOUS, BuildIdentity, CheckAttempt, Proof, ProofKind, ProofResult};
pub use proof_request::{ReceiptRequest, VerifyRequest};
pub use redaction::{REDACTED, Redactor};
pub use report::{DriftSummary, FailingCheck, GateSummary, LedgerSummary, ProofCounts, TaskReport};
pub use request::{InvalidRequest, Request};
pub use route_key::RouteKey;
pub use run::{Fence, ProcessIdentity, RunHolder, RunRecord, RunState};
pub use run_request::{ChecklistRequest, RunRequest, StatusRequest, TaskRequest};
pub use scope::{Scope, Scopes};
pub use section::{ContextAnswer, ContextQuery, Section, tokens_of};
pub use store_report::{
    BackupReport, LostRows, RepairReport, Repaired, ReplacedLedger, RestoreReport, StoreCheck, StorePart, StoreProblem,
};
pub use stored_check::StoredCheck;
pub use suggestion::nearest;
pub use swarm::{
    AgentStatus, Claim, DEFAULT_SWARM_NAME, EventPage, LeftSwarm, Released, ResourceType, StateEntry, Swarm,
    SwarmEvent, SwarmMember, SwarmMembers, SwarmRole,
};
pub use swarm_request::{
    Broadcast, ClaimRequest, EventQuery, JoinSwarm, LeaveSwarm, MembersQuery, NewSwarm, ReleaseRequest, SetState,
    StateQuery,
};
pub use task::{Cause, Task, TaskStatus, TransitionError};
pub use test_user::{Credential, SecretText, TestUser};
pub use text::{error_chain, json_problem, one_line, pluralize, printable, strip_os_error};
pub use verify_report::{ChainProblem, Head, VerifyReport};
pub use wire_enum::UnknownWord;
