//! Which build production runs: where answers tell it (`read.rs`, `names.rs`, `commit.rs`), and how that stands to the
//! repository's history (`judge.rs`, `verdict.rs`, `equivalence.rs`). Pure: the caller asks production and git.
//!
//! `docs/design/health-and-build.md` says which list is for what.

mod commit;
mod equivalence;
mod history;
mod judge;
mod names;
mod read;
mod routes;
mod verdict;
mod version;

#[cfg(test)]
mod tests;

pub use self::equivalence::{DeployRules, SITE_GENERATOR_FILES};
pub use self::history::{CommitLookup, CommitRelation, History, NoHead};
pub use self::judge::judge_build;
pub use self::names::FieldNaming;
pub use self::read::{BuildAnswer, BuildPlace, BuildWord, PlaceKind, words_of};
pub use self::routes::{EVERY_VERSION_PATH, VERSION_PATHS};
pub use self::verdict::{BuildKind, BuildVerdict};
pub use self::version::{is_placeholder_version, plain_version, version_in_words};
