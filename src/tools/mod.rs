//! The tools: each has one spec, whichever door a call comes through.
//!
//! Lives here: what each tool is ([`ToolSpec`]), how its arguments are read, what it answers. A tool's file holds its
//! spec, its reply and its call. [`tools`] is the list of all. Does not live here: any protocol, and printing. Called by
//! `mcp`, `http` and `cli`, which turn a [`ToolReply`] into their own forms.
//!
//! Invariants:
//! - a tool's name stands in its spec and in no other table;
//! - listing, toolsets, scopes, `--read-only` and queueing are functions over the specs;
//! - arguments that cannot be read open nothing.

mod arguments;
mod broadcast;
mod catalog;
mod check_drift;
mod claim;
mod context;
mod cutover_checklist;
mod export_receipt;
mod flat_tasks;
mod forget;
mod form;
mod handed_in;
mod htask_block;
mod htask_close;
mod htask_complete;
mod htask_create;
mod htask_create_feature;
mod htask_line;
mod htask_next;
mod htask_tree;
mod htask_unblock;
mod list_memories;
mod needs_person;
mod payload_reply;
mod query_context;
mod question;
mod recall;
mod release;
mod remember;
mod reply;
mod run_task;
mod schema;
mod snipara_call;
mod spec;
mod state_get;
mod state_set;
mod swarm_create;
mod swarm_events;
mod swarm_join;
mod swarm_leave;
mod swarm_members;
mod swarm_placement;
mod task_cancel;
pub mod task_reply;
mod task_status;
mod token_estimate;
mod validate_endpoint;
mod verify_proofs;

pub use catalog::{find, forms, tools};
pub use context::{AskPerson, CallContext, StartProgress, insufficient_scope};
pub use form::{Form, FormError, FormRequest};
pub use question::{Asked, FormAnswer, LONGEST_ANSWER, Question, QuestionField};
pub use reply::{IntoReply, Link, ToolAnswer, ToolReply};
pub use spec::{JsonObject, ParameterHeader, Queueing, ToolCall, ToolSpec, Toolset};
