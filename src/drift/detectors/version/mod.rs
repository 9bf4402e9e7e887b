//! Whether production runs the repository's version: asked of production ([`fetch`]), read from the repository's package
//! files ([`package`]), and compared ([`compare`]). Which fields and words of an answer are a version stands in
//! [`compare`], too.

mod compare;
mod fetch;
mod package;

pub(super) use fetch::VersionDetector;
