//! The tools: each has one spec, whichever door a call comes through.
//!
//! Lives here: what each tool is ([`ToolSpec`]), how its arguments are read, what it answers. A tool's file in
//! `catalog/` holds its spec, its reply and its call; `catalog.rs` declares and lists them. Does not live here: any protocol, and printing. Called by
//! `mcp`, `http` and `cli`, which turn a [`ToolReply`] into their own forms.
//!
//! Invariants:
//! - a tool's name stands in its spec and in no other table;
//! - listing, toolsets, scopes, `--read-only` and queueing are functions over the specs;
//! - arguments that cannot be read open nothing.

mod arguments;
mod catalog;
mod context;
mod flat_tasks;
mod form;
mod handed_in;
mod htask_line;
mod lockdown;
mod needs_person;
mod outside;
mod payload_reply;
mod question;
mod reply;
mod schema;
mod spec;
pub mod task_reply;
mod token_estimate;

pub use catalog::{find, forms, tools};
pub use context::{AskPerson, CallContext, StartProgress, insufficient_scope};
pub use form::{Form, FormError, FormRequest};
pub use lockdown::{LEFT_OUT, locked, own_words};
pub use outside::{release_document, release_object};
pub use question::{Asked, FormAnswer, LONGEST_ANSWER, Question, QuestionField};
pub use reply::{IntoReply, Link, ToolAnswer, ToolReply};
pub use spec::{JsonObject, ParameterHeader, Queueing, ToolCall, ToolSpec, Toolset};

// For the tools.
use form::form;
use outside::quoted_json;
use payload_reply::{
    Answered, LINE, PayloadReply, SHOWN_LINES, shorten, shorten_answer, shorten_rows, shown_lines, told,
};
