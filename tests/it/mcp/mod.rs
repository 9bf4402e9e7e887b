//! The MCP server as clients see it.

mod budgets;
mod calls;
mod completion;
mod context;
mod end_to_end;
mod hosted;
mod htasks;
mod listing;
mod memory;
mod prompts;
mod races;
mod resources;
mod schemas;
mod sessions;
mod skills;
mod subscriptions;
mod swarms;
mod tasks;
