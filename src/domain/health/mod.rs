//! Whether an answer says that production is healthy (G6, G7). Pure.
//!
//! Lives here: what a body is ([`HealthBody::of`]), what documents (`document.rs`), sentences (`text.rs`) and words
//! (`words.rs`) say, which routes are guessed (`routes.rs`), and what follows of it all. `docs/design/health-and-build.md`
//! says which list is for what. Does not live here: decoding, and whether an answer is what any path answers.

mod body;
mod document;
mod judge;
mod names;
mod routes;
mod said;
mod text;
mod words;

#[cfg(test)]
mod tests;

pub use self::body::HealthBody;
pub use self::judge::{HealthAnswer, HealthVerdict, is_html, judge_health, judge_health_route};
pub use self::routes::{HealthRoute, SECOND_HEALTH_PATHS, WELL_KNOWN_HEALTH_PATHS, every_health_path, names_health};
