//! Registers this server with a client: the client's file, our entry, and the new text of that file.
//!
//! Lives here: the clients and where they keep their settings (`client`), what stands in their files about us
//! (`entry`), our hooks (`hooks`) and whether Codex trusts
//! them (`hook_trust`), pure edits of a JSON and of a TOML text (`json_text`, `json_list`, `toml_text`) with
//! what they change (`edit`), and the files themselves (`target`). Does not live here: which of it a command does (`commands::install`), and starting
//! a client's own program (`app`).
//!
//! Invariants:
//! - an edit leaves every byte outside our entry as it was;
//! - a text that cannot be read is refused and never replaced (`a_file_that_cannot_be_read_is_left_alone`);
//! - no token is written, only the name of a variable;
//! - nothing is written through a link that leads out of the client's folder (`no_link_leads_out_of_the_folder`).

mod client;
mod edit;
mod entry;
mod hook_trust;
mod hooks;
mod json_list;
mod json_text;
mod skill;
mod target;
mod toml_text;

pub(crate) use client::{Client, ClientPaths, ConfigFile, InstallScope};
pub(crate) use edit::{Edit, EditError, EditKind, KeyChange, entry_of, remove, says_nothing, set};
pub(crate) use entry::{InstallOptions, Remote, ServerEntry, TOKEN_VARIABLE};
pub(crate) use hook_trust::{HookTrust, codex_trust, without_trust};
pub(crate) use hooks::{HookClient, HookPlace, our_hooks, remove_hooks, set_hooks};
pub(crate) use skill::SkillClient;
pub(crate) use target::Target;
