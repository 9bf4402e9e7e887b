//! The MCP server as clients see it.

mod budgets;
mod calls;
mod context;
mod elicitation;
mod end_to_end;
mod hosted;
mod htasks;
mod listing;
mod logging;
mod memory;
mod place;
mod races;
mod schemas;
mod sessions;
mod swarms;
mod tasks;
mod tasks_extension;
