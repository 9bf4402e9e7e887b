//! The table of test runners, one file a family.

mod beam;
mod dotnet;
pub(crate) mod go;
mod javascript;
mod jvm;
mod mobile;
mod native;
mod php;
mod python;
mod ruby;
mod rust;

use super::runner::CountedRunner;

/// Of two that know a command line, the first one counts (`cargo llvm-cov nextest` before `cargo llvm-cov`).
pub(super) fn all() -> impl Iterator<Item = &'static CountedRunner> {
    let families: [&'static [CountedRunner]; 11] = [
        rust::RUNNERS,
        go::RUNNERS,
        javascript::RUNNERS,
        python::RUNNERS,
        jvm::RUNNERS,
        dotnet::RUNNERS,
        ruby::RUNNERS,
        php::RUNNERS,
        beam::RUNNERS,
        native::RUNNERS,
        mobile::RUNNERS,
    ];
    families.into_iter().flatten()
}
