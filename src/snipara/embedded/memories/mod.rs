//! Memories over the store.
//!
//! Lives here: what is kept of a text and how it is found again (`terms`, `question`, `stop_words`, `synonyms`), which memories come
//! into question and how well they answer (`candidates`, `ranking`, `decay`), which say the same (`duplicates`,
//! `similarity`), and the verbs over them (`remember`, `recall`, `known`, `neighbour`). All but the verbs is arithmetic
//! over values. SQL and the index are the store's (`store::memories`, `store::memory_index`).

mod backend;
mod candidates;
mod decay;
mod duplicates;
mod known;
mod question;
mod ranking;
mod recall;
mod remember;
mod similarity;
mod stop_words;
mod stored;
mod synonyms;
mod terms;

pub use backend::EmbeddedMemories;
