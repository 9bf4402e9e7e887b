//! Tells whether a 2xx answer can be what it says it is, without being asked to (gate.md G9). Pure.
//!
//! A liar does not ask for what would show the lie. So every answer that passed by its status is held against the rules
//! below: `judge` is the one call. Each rule is a file with its lies and its honest look-alikes, judges the top level
//! of the document only, and names the expectation that overrules it. `docs/design/gate.md` G9 says why each exists.
//!
//! | rule | file | what does not pass as 2xx |
//! |---|---|---|
//! | `compressed_twice` | `compressed_twice.rs` | text that is still compressed after it was decoded |
//! | `empty_document` | `empty_document.rs` | nothing, under the label of JSON, XML or HTML |
//! | `unreadable_document` | `unreadable_document.rs` | what is not what its label says, or was cut |
//! | `json_failure` | `json_failure.rs` | JSON that says that it failed |
//! | `graphql_errors` | `graphql_errors.rs` | errors of GraphQL without data; with data they are told |
//! | `page_for_data` | `page_for_data.rs` | a page where an API, a script or a picture was asked for |
//! | `error_page` | `error_page.rs` | a page or a line that says error, stack trace or maintenance |
//! | `sign_in_page` | `sign_in_page.rs` | a sign-in page at a path that is none |
//!
//! `assets.rs` is the pure half of a rule that needs requests: which parts of a page are asked for, and which answers
//! break the page.
//!
//! Does not live here: sending, expectations, what counts as a proof.

mod answered;
mod assets;
mod compressed_twice;
mod empty_document;
mod error_page;
mod failure_words;
mod graphql_errors;
mod implausible;
mod json_failure;
mod judge;
mod page_for_data;
mod sign_in_page;
mod unreadable_document;

pub(crate) use answered::JudgedAnswer;
pub(super) use answered::ReadAnswer;
pub(crate) use assets::{AssetAnswer, AssetVerdict, assets_to_ask, judge_asset};
pub(crate) use judge::judge;

#[cfg(test)]
mod samples;
