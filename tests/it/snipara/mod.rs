//! The neighbour: context, memories, htasks and swarms; embedded over the store, hosted, and through the verbs.

mod context;
mod evidence;
mod hosted;
mod htask_endings;
mod htasks;
mod lifecycle;
mod memories;
mod outbox;
mod served;
mod swarms;
