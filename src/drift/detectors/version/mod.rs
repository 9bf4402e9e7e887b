//! Whether production runs the repository's version: asked of production ([`fetch`]), read from the repository's package
//! files ([`package`]) and its history ([`history`]), and judged. Which fields and words of an answer tell a build, and what
//! that means, stands in `src/domain/build/`.

mod fetch;
mod history;
mod package;

pub(super) use fetch::VersionDetector;
