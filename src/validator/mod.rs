//! Observes production and judges what was seen.
//!
//! Lives here: trying a check until it passes or its time to settle is up, what an answer means, Playwright specs,
//! running a whole checklist with a bound, the logins of test users (`login`), in chains where checks hand on captures, and the rules that nobody has to ask for: `plausible`, `control`,
//! `as_users_ask` (pure). Does not live here: sending (`outbound`), starting processes
//! (`executor`), recording (`ledger`), deciding (`gatekeeper`). It may be used by `gatekeeper`, `orchestrator` and
//! `app`; it uses `domain`, `expect`, `outbound` and `executor`.
//!
//! Invariants, each held by a test in `tests/it/validator/`:
//! - what was not observed is unverified, never passed (`unverified_…`);
//! - what is kept of an answer holds no secret and at most 4 KiB (`c05_…`);
//! - every attempt is recorded (`c11_…`);
//! - a user is named only when its credentials were sent (`a21_…`);
//! - a spec's path never reaches a shell of ours (`b06_…`).

mod agreement;
mod as_users_ask;
mod ask;
mod baseline_shape;
mod batch;
mod chain;
mod control;
mod counting;
mod earlier_looks;
mod evidence;
mod expectation;
mod health;
mod judge;
mod login;
mod page_assets;
mod past_the_cache;
mod plausible;
mod probe;
mod row;
mod same_shape;
mod ui;
mod ui_report;
mod ui_spec;

pub(crate) use as_users_ask::alters_routing;
pub(crate) use ask::DEGRADED;
pub use batch::OnFinished;
pub(crate) use control::{ControlAnswer, SeenAnswer, invented_paths};
pub(crate) use earlier_looks::EarlierLooks;
pub(crate) use health::health_of;
pub use login::NotAsked;
pub(crate) use login::UserSessions;
pub(crate) use page_assets::files_of_page;
pub(crate) use past_the_cache::{answered_by_a_cache, past_the_cache};
pub use probe::{CheckRun, Validator, ValidatorDeps};
pub(crate) use same_shape::MIXED;
