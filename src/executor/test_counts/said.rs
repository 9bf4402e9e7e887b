//! What a script's output says of tests.

use super::count::{TestCount, TestsRan};
use super::pattern::OutputPattern;
use super::printed::{Plain, Printed};
use super::report::read_report;
use super::runner::{CountedRunner, Reader};
use super::runners::all;

/// Lines by which the usual script starters say that they replayed an earlier run.
static REPLAYED: &[OutputPattern] = &[
    OutputPattern::new(r"^.*cache hit, (?:replaying|suppressing) logs"),
    OutputPattern::new(r"^.*(?:\[local cache\]|\[remote cache\]|\[existing outputs match the cache)"),
    OutputPattern::new(r"^ *Nx read the output from the cache instead of running the command for \d+ out of \d+ tasks"),
];

/// Reads the output of a command that is no runner (`npm test`, `make`, `tox`): all that looks like a known runner's
/// summary, added up, zero included. `None` when nothing does. It is only said: any text can be printed by a script. Where
/// a part was replayed from a cache, all of it counts as `cached`, as no line tells which part.
#[must_use]
pub(crate) fn said_in(printed: &Printed<'_>) -> Option<TestCount> {
    let plain = Plain::of(printed);
    let found: Vec<TestCount> = all().filter_map(|runner| runner.said(&plain)).collect();
    let says_none =
        || all().any(|runner| plain.streams().iter().any(|text| runner.none.iter().any(|line| line.is_in(text))));
    let mut count = match found.is_empty() {
        false => TestCount::sum(&found),
        true if says_none() => TestCount::default(),
        true => read_report(&plain.stdout)?,
    };
    count.at_least = plain.is_cut;
    if plain.streams().iter().any(|text| REPLAYED.iter().any(|line| line.is_in(text))) {
        count.cached = count.ran;
    }
    Some(count)
}

impl CountedRunner {
    fn said(&self, plain: &Plain) -> Option<TestCount> {
        match &self.reader {
            Reader::Own(own) => match own(plain) {
                TestsRan::Counted(count) => Some(count),
                TestsRan::Kept | TestsRan::NotReadable { .. } => None,
            },
            Reader::Summaries(summaries) => {
                let found: Vec<_> = summaries.iter().flat_map(|summary| summary.found_in(plain)).collect();
                (!found.is_empty()).then(|| TestCount::sum(&found))
            }
        }
    }
}
