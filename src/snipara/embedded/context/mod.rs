//! Context over the store: the repository's own documents, cut into sections and indexed.
//!
//! Lives here: which files are documents and finding them (`documents`), cutting them by heading (`sections`, with the
//! ways of other formats in `markup` and `openapi`), keeping the index in step with the work tree (`refresh`), the
//! words of a question (`terms`), how well a section answers (`ranking`), and the trait (`backend`). Does not live
//! here: SQL (`store`), the cap on tokens (`domain`), redaction and the checklist (`orchestrator`).
//!
//! Nothing is watched: each question compares the work tree with the index and reads what changed.

mod backend;
mod documents;
mod markup;
mod openapi;
mod ranking;
mod refresh;
mod sections;
mod terms;
