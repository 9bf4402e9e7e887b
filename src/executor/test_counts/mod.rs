//! How many tests a finished command ran, read from what its test runner printed or from the report that it wrote.
//!
//! Pure: arguments and text in, a count out; no process and no file. [`TestCommand::recognise`] knows a runner by the
//! arguments of the process, behind the usual launchers; a script starter (`npm test`, `make`, `tox`) is none, and what its
//! output says is read by [`said_in`]. A runner is one entry of a family's file in `runners/`, its formats are
//! data; what no pattern can say is a function beside it. Output is text that the code under test may write, too: how a
//! false summary is kept from raising a number stands in `docs/design/tests-that-ran.md`.

mod count;
mod junit;
mod launchers;
mod nothing;
mod pattern;
mod printed;
mod recognise;
mod report;
mod runner;
mod runners;
mod said;
mod summary;
mod tap;

pub(crate) use count::{TestCount, TestsRan};
pub(crate) use printed::Printed;
pub(crate) use recognise::TestCommand;
pub(crate) use report::read_report;
pub(crate) use said::said_in;

#[cfg(test)]
mod tests;
