//! Recorded outputs against what they say.

mod attacks;
mod recognised;
mod recorded;
mod reports;
mod scripts;

use super::{Printed, TestCommand, TestCount, TestsRan};

/// A file of `fixtures/`.
pub(super) struct Fixture {
    pub(super) argv: Vec<&'static str>,
    pub(super) stdout: &'static str,
    pub(super) stderr: &'static str,
}

impl Fixture {
    pub(super) fn of(text: &'static str) -> Self {
        let (head, rest) = text.split_once("--- stdout ---\n").expect("a fixture has a standard output");
        let (stdout, stderr) = rest.split_once("--- stderr ---\n").expect("a fixture has a standard error");
        let argv = head.lines().next().and_then(|line| line.strip_prefix("argv: ")).expect("a fixture has arguments");
        Self { argv: argv.split(' ').collect(), stdout, stderr }
    }

    pub(super) const fn printed(&self) -> Printed<'static> {
        Printed { stdout: self.stdout, stderr: self.stderr, is_cut: false }
    }

    pub(super) fn command(&self) -> TestCommand<'static> {
        TestCommand::recognise(&self.argv).unwrap_or_else(|| panic!("{:?} is a runner", self.argv))
    }

    pub(super) fn count(&self) -> TestsRan {
        self.command().count(&self.printed())
    }
}

/// The text of a fixture, by its path below `fixtures/`.
macro_rules! fixture {
    ($path:literal) => {
        $crate::executor::test_counts::tests::Fixture::of(include_str!(concat!("../fixtures/", $path, ".txt")))
    };
}
pub(super) use fixture;

pub(super) const fn counted(passed: u64, failed: u64, skipped: u64) -> TestsRan {
    TestsRan::Counted(TestCount::of(passed, failed, skipped))
}
