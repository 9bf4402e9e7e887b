//! The MCP server as clients see it.

mod budgets;
mod calls;
mod completion;
mod context;
mod elicitation;
mod end_to_end;
mod hosted;
mod htasks;
mod listing;
mod logging;
mod memory;
mod place;
mod prompts;
mod races;
mod reload;
mod resources;
mod schemas;
mod secrets;
mod sessions;
mod skills;
mod subscriptions;
mod swarms;
mod tasks;
mod tasks_extension;
mod unread;
