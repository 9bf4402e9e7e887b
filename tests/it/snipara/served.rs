//! Our own server as somebody's Snipara: the routes of its clients, and our proxy pointed at them.

mod admission;
mod envelopes;
mod evidence;
mod flat_tasks;
mod stories;
