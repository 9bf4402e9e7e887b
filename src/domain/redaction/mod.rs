//! Secrets taken out of text before it is kept or shown.
//!
//! Two ways to know a secret: it is one of ours (a configured key or a test user's credential: any form of it is
//! found, wherever it stands), or it looks like one. What a secret looks like is data: tokens with a prefix
//! (`tokens`), shapes (`shapes.rs`), names (`name.rs`), programs and their flags (`programs.rs`). One automaton looks
//! for all their keywords in one pass; only where a keyword stands is looked more closely, in a bounded window, so the
//! time is linear in the length of the text. Texts in another form (escaped, percent-encoded, base64) are decoded and
//! looked at again. `docs/design/secrets.md` states the rules; `corpus` holds what is found and what stays.
//!
//! Pure text in, text out: no I/O, no clock; what a redactor learns (a login's token) all its clones know. Redaction leans towards taking out too much.

mod assignment;
mod base64;
mod cookie;
mod finding;
mod known;
mod kubernetes;
mod markup;
mod name;
mod programs;
mod redactor;
mod scan;
mod shapes;
mod shell;
mod tokens;
mod url_parts;
mod value;
mod view;

#[cfg(test)]
mod tests;

pub use redactor::{LearnedSecrets, REDACTED, Redactor};
