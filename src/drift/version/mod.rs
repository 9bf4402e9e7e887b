//! Whether production runs the repository's version: asked of production ([`fetch`]), read from the repository's package
//! files ([`package`]), and compared ([`compare`]).

mod compare;
mod fetch;
mod package;

pub(super) use fetch::VersionDetector;
