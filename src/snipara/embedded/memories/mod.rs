//! Memories over the store.
//!
//! Lives here: the indexed words of a text and of a question (`terms`, `question`, `stop_words`, `synonyms`), the
//! candidates for an answer and how well they answer (`candidates`, `ranking`, `decay`), near-duplicates (`duplicates`,
//! `similarity`), and the verbs (`remember`, `recall`, `known`, `backend`). All except the verbs is arithmetic over
//! values. Does not live here: SQL and the index (`store::memories`, `store::memory_index`).

mod backend;
mod candidates;
mod decay;
mod duplicates;
mod known;
mod question;
mod ranking;
mod recall;
mod remember;
mod scripts;
mod similarity;
mod stop_words;
mod synonyms;
mod terms;
