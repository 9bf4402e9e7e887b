//! Test users log in for real: once a run and user, and once more when a session has ended (docs/design/gate.md G19).
//!
//! Lives here: who is logged in ([`UserSessions`], one for each run), the requests of a login, and whether it is the user
//! (`whoami`). Does not live here: where credentials may go (`outbound`), what a file may say (`config`). Nothing of a login is
//! recorded, and what it captures is secret by its value.

mod log_in;
mod not_asked;
mod sessions;
mod who;

pub use not_asked::NotAsked;
pub(crate) use sessions::{Asking, UserSessions};
