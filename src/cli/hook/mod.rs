//! What a client's hook is answered from: the session's record, what was said before, and the tasks.
//!
//! Lives here: reading a client's record of a session (`transcript`), what hooks did in a project (`calls`), and the few
//! lines that a new session is given (`card`). Does not live here: the question and the answer themselves
//! (`commands::hook`), and where a client is told of a hook (`install`).
//!
//! Invariants: nothing here writes into the store; a record is a client's file, and what it says is data.

mod calls;
mod card;
mod transcript;

pub(super) use calls::HookCalls;
pub(super) use card::{MOST_TASKS, ResumeTask, resume_card};
pub(super) use transcript::{SessionRecord, settled};
