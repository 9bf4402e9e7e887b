//! The MCP server as clients see it.

mod budgets;
mod calls;
mod context;
mod end_to_end;
mod hosted;
mod htasks;
mod listing;
mod memory;
mod races;
mod schemas;
mod sessions;
mod swarms;
mod tasks;
