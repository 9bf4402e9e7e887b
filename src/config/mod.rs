//! Settings: flags over environment over file over defaults.
//!
//! Lives here: the file's keys and how it is found and read (`file`, `find`), the process environment (`env`, its only
//! reader), the flags of its keys (`flags`), how the layers come together (`load`), how a setting is chosen and checked (`resolve`, `transport`), which
//! permissions of a file a person recorded (`trust`) and what of it counts for a caller (`standing`), the file's published schema (`schema`), and what `init` writes
//! (`init`). Does not live here: what the settings are turned into (`app`), and printing (`cli`). Used by `app` and `cli`
//! only.
//!
//! Invariants: no error and no `Debug` shows a value (`e06_no_refusal_shows_a_value`); a caller never gets a
//! permission from a file that no person recorded (`tests/it/config/trust.rs`, `a_caller_…`); the schema is the one that the
//! code reads (`the_published_schema_is_the_generated_one`).

mod audit;
mod check;
mod digest;
mod env;
mod error;
mod explain;
mod file;
mod find;
mod flags;
mod git;
mod init;
mod load;
mod login;
mod other_accounts;
mod private_file;
mod resolve;
mod schema;
mod settings;
mod standing;
mod state_paths;
mod transport;
mod trust;
mod users;
mod values;

pub use audit::audit_without_settings;
pub use env::Environment;
pub use error::{ConfigError, SettingSource};
pub use file::{FILE_NAME, OLD_FILE_NAME};
pub use find::repository_root;
pub use flags::{SettingFlag, setting_flags};
pub use init::{InitReport, InitRequest, Written, init};
pub(crate) use load::{CodeSettings, from_code};
pub use load::{SettingsSeen, load, load_in_part, settings_seen};
pub use other_accounts::{LocalTokenFile, local_token_file, other_accounts};
pub use private_file::read_secret_file;
pub(crate) use private_file::{read as read_private, write as write_private};
pub use resolve::Loaded;
pub use schema::{SCHEMA_ID, file_schema};
pub use settings::{Config, Overrides, Timeouts};
pub use standing::CallerTrust;
pub use trust::{
    PERMISSION_KEYS, ScriptTrust, TrustState, file_permissions, is_recorded, record_trust, script_trust, trust_state,
    values_are_kept,
};
pub(crate) use values::{BaseUrlError, base_url};
