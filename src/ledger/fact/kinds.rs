//! The facts.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::parts::{self, Part};
use crate::domain::{
    BuildIdentity, Cause, ChecklistItem, CommandRun, ConvergeSettings, Criteria, DriftReport, Proof, Repaired,
    RunHolder, StoredCheck, TaskStatus, Timestamp, Verdict,
};

/// Declares the facts: each with its name in the file and on the wire, and what of it the chain keeps.
macro_rules! facts {
    ($($(#[$doc:meta])+ $variant:ident($content:ty) = $kind:literal, $part:expr;)+) => {
        /// A fact: the content of one entry of the ledger.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Fact {
            $($(#[$doc])+ $variant($content),)+
            /// A newer program's fact, or one that is not in the form of its kind: kept as it is.
            Unknown(UnknownFact),
        }

        impl Fact {
            /// Returns the kind's name in the file and on the wire.
            pub fn kind(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $kind,)+
                    Self::Unknown(fact) => &fact.kind,
                }
            }

            /// Returns its content with all texts.
            pub(super) fn content(&self) -> serde_json::Result<Value> {
                match self {
                    $(Self::$variant(fact) => serde_json::to_value(fact),)+
                    Self::Unknown(fact) => Ok(fact.payload.clone()),
                }
            }

            /// Reads the content of a kind; nothing when it is not in the form of its kind.
            pub(super) fn of_content(kind: &str, content: Value) -> Option<Self> {
                match kind {
                    $($kind => serde_json::from_value(content).ok().map(Self::$variant),)+
                    _ => None,
                }
            }
        }

        /// Returns the parts of a kind; `None` for a kind that this program does not know.
        pub(super) fn part_of_kind(kind: &str) -> Option<Part> {
            match kind {
                $($kind => Some($part),)+
                _ => None,
            }
        }
    };
}

facts! {
    /// A task was created, with its bar.
    TaskCreated(Box<TaskCreated>) = "task_created", parts::TASK_CREATED;
    /// An attempt began.
    RunStarted(Box<RunStarted>) = "run_started", parts::RUN_STARTED;
    /// A task went from one status to another; its row follows from this.
    Transition(Transition) = "transition", Part::Chain;
    /// A local test ran.
    LocalTest(Box<CommandRecord>) = "local_test", parts::COMMAND;
    /// Drift was looked for.
    Drift(DriftRecord) = "drift", parts::DRIFT;
    /// The cutover checklist was generated.
    Checklist(Box<ChecklistGenerated>) = "checklist", parts::CHECKLIST;
    /// Production was observed. Its place in the ledger is not part of the fact: `Entry::proof` adds it.
    Proof(Box<Proof>) = "proof", parts::PROOF;
    /// Gate 2 decided, from all entries of the attempt before this one.
    Decision(Box<Decision>) = "decision", parts::DECISION;
    /// A run was interrupted: its process is gone.
    RunInterrupted(RunInterrupted) = "run_interrupted", parts::RUN_INTERRUPTED;
    /// A deployment ran; never a proof.
    Deployment(Box<CommandRecord>) = "deployment", parts::COMMAND;
    /// The texts of an entry were removed.
    Redaction(Redaction) = "redaction", parts::REDACTION;
    /// A person accepted the chain as it is, because its head was lost.
    HeadAccepted(HeadAccepted) = "head_accepted", parts::HEAD_ACCEPTED;
    /// A backup took the place of a longer or another ledger.
    Restored(Restored) = "restored", parts::RESTORED;
    /// The store was damaged, and what could be read was carried over into this one.
    Repaired(Box<Repaired>) = "repaired", parts::REPAIRED;
}

impl Fact {
    /// The kind of created tasks.
    pub(in crate::ledger) const TASK_CREATED: &str = "task_created";
    /// The kind of redactions.
    pub(in crate::ledger) const REDACTION: &str = "redaction";
    /// The kinds after which the chain rests on a person's word.
    pub(in crate::ledger) const OF_A_PERSON: [&str; 3] = ["head_accepted", "restored", Self::REPAIRED];
    /// The kind of repairs.
    pub(in crate::ledger) const REPAIRED: &str = "repaired";

    /// The kind of proofs.
    pub(in crate::ledger) const PROOF: &str = "proof";

    /// Tells whether a row beside the chain follows from it: the task's status, or a decision.
    pub(in crate::ledger) const fn changes_rows(&self) -> bool {
        matches!(self, Self::Transition(_) | Self::Decision(_))
    }
}

/// A task with its bar.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskCreated {
    /// Its title.
    pub title: String,
    /// Its description.
    pub description: String,
    /// Its criteria without secrets; none once they were removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub criteria: Option<Criteria>,
    /// The digest of its criteria with their secrets.
    pub criteria_digest: String,
}

/// An attempt that began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunStarted {
    /// The attempt, from 1.
    pub attempt: u32,
    /// The token that every entry of it carries.
    pub token: u64,
    /// What it was started with.
    #[serde(flatten)]
    pub conditions: RunConditions,
}

/// What an attempt is started with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunConditions {
    /// The process that runs it.
    pub holder: RunHolder,
    /// The digest of the configuration in force.
    pub config_digest: String,
    /// Production's origin.
    pub production_origin: String,
    /// The digest of the criteria that its bar was set from.
    pub criteria_digest: String,
    /// The repository's commit.
    pub commit: Option<BuildIdentity>,
    /// The label of its decisions.
    pub gatekeeper: String,
    /// How long checks may settle, in milliseconds.
    pub settle_ms: u64,
    /// How often production is asked until its answers agree; none where 0.1.0 wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub converge: Option<ConvergeSettings>,
    /// How long after they have passed checks are asked once more, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_ms: Option<u64>,
    /// Whether local tests go on after a failure.
    pub keep_going: bool,
    /// Whether a finding of gate 1 stops it.
    pub fail_fast_on_drift: bool,
}

/// A change of a task's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transition {
    /// The status before.
    pub from: TaskStatus,
    /// The status after.
    pub to: TaskStatus,
    /// The cause of an end that is not DONE.
    pub cause: Option<Cause>,
}

/// A command that was run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandRecord {
    /// `local_test_2`, `deploy`.
    pub name: String,
    /// Its outcome.
    #[serde(flatten)]
    pub run: CommandRun,
}

/// The moment of a drift check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftMoment {
    /// Gate 1, before the checklist.
    Before,
    /// After the last check of the checklist: the build alone.
    Checked,
    /// After gate 2 refused.
    After,
    /// A caller or a person asked for it.
    Asked,
}

/// A drift check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftRecord {
    /// The moment.
    pub when: DriftMoment,
    /// What it found.
    pub report: DriftReport,
}

/// The cutover checklist of an attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChecklistGenerated {
    /// Its lines, without secrets.
    pub items: Vec<ChecklistItem<StoredCheck>>,
    /// How many distinct proofs are required.
    pub required_proofs: u32,
    /// How many of them must be the task's own.
    pub min_task_proofs: u32,
    /// How many distinct proofs it can give at most.
    pub possible_proofs: u32,
    /// How long checks may settle, in milliseconds.
    pub settle_ms: u64,
}

/// What gate 2 decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What it says.
    pub verdict: Verdict,
    /// The label of the gatekeeper that decided.
    pub gatekeeper: String,
}

/// A run whose process was gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunInterrupted {
    /// The process that ran it.
    pub holder: RunHolder,
    /// When its lease ran out.
    pub lease_expired_at: Timestamp,
}

/// Texts that were removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redaction {
    /// The number of their entry.
    pub seq: u64,
    /// Their digest: every entry that has it has lost them. Where the texts stood in the chain itself this is the entry's
    /// hash, and where they stood in a task's criteria these criteria's digest.
    pub body_digest: String,
    /// The digest of what stands in their place: what is left of the entry, or of the criteria.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tombstone: Option<String>,
}

/// A chain that a person accepted as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadAccepted {
    /// How many entries it had.
    pub entries: u64,
    /// The hash of the last one.
    pub hash: String,
    /// What was wrong with the head, one line.
    pub problem: String,
}

/// A ledger that a person replaced by a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restored {
    /// How many entries the replaced ledger had, as far as it or its head could tell.
    pub entries: Option<u64>,
    /// The hash of its last entry.
    pub hash: Option<String>,
    /// How many entries the backup had.
    pub entries_now: u64,
    /// What was lost, one line.
    pub what: String,
    /// The SHA-256 of the backup in hexadecimal digits.
    pub backup_digest: String,
}

/// A fact that this program cannot read.
#[derive(Debug, Clone, PartialEq)]
pub struct UnknownFact {
    pub(super) kind: String,
    pub(super) payload: Value,
    pub(super) body: Option<Value>,
}
