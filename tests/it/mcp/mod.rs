//! The MCP server as clients see it.

mod budgets;
mod calls;
mod end_to_end;
mod listing;
mod schemas;
mod sessions;
mod tasks;
