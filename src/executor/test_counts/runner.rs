//! One entry of the table of test runners, and the rule by which its summaries become one number.

use super::count::{TestCount, TestsRan};
use super::pattern::OutputPattern;
use super::printed::{Plain, Printed};
use super::report::read_report;
use super::summary::count_of;

/// A test runner: how it is known, what makes it run nothing, how it tells its number.
#[derive(Debug)]
pub(super) struct CountedRunner {
    pub(super) name: &'static str,
    /// What a command line of it looks like: the program, then words (`cargo test|t`), each with its other names behind
    /// `|`. Options may stand between them. A word behind `~` may stand anywhere among the arguments that are no options.
    pub(super) commands: &'static [&'static str],
    /// Options before the words that take the next argument as their value.
    pub(super) valued: &'static [&'static str],
    /// What makes it run no test: an option (`--list`), an option with a value (`-run=^$`), a first word (`word:list`).
    pub(super) nothing: &'static [&'static str],
    pub(super) reader: Reader,
    /// Lines by which it says that there was no test; read when it printed no summary.
    pub(super) none: &'static [OutputPattern],
    /// What a person does when its number cannot be read.
    pub(super) fix: &'static str,
    /// Environment variables that keep its output readable.
    pub(super) environment: &'static [(&'static str, &'static str)],
    /// Where it writes reports by itself, as globs below the folder that it runs in.
    pub(super) reports: &'static [&'static str],
    /// Whether it can print a whole report (JSON, TAP, XML) instead of a summary.
    pub(super) prints_reports: bool,
}

/// How a runner's number is read.
#[derive(Debug)]
pub(super) enum Reader {
    /// The sum over kinds of summaries.
    Summaries(&'static [Summary]),
    /// By a function, where the output has no summary.
    Own(fn(&Plain) -> TestsRan),
}

/// One kind of summary.
#[derive(Debug)]
pub(super) struct Summary {
    pub(super) find: Find,
    pub(super) times: Times,
}

/// How all summaries of one kind are found in a stream.
#[derive(Debug)]
pub(super) enum Find {
    OutputPattern(OutputPattern),
    Own(fn(&str) -> Vec<TestCount>),
}

/// How often a runner prints its summary.
#[derive(Debug)]
pub(super) enum Times {
    /// Once a run: of several, the smallest is the only one that cannot be too high.
    Once,
    /// Once for each program or module, each announced by a line: of more summaries than announcements, the smallest.
    Announced {
        by: OutputPattern,
        /// What announces one more where something is announced at all.
        more: Option<OutputPattern>,
    },
    /// As `Announced`, and once where nothing is announced.
    OnceOrAnnounced(OutputPattern),
    /// Once for each module, without an announcement.
    Each,
}

pub(super) const fn once(pattern: &'static str) -> Summary {
    Summary { find: Find::OutputPattern(OutputPattern::new(pattern)), times: Times::Once }
}

pub(super) const fn announced(pattern: &'static str, announcement: &'static str) -> Summary {
    Summary {
        find: Find::OutputPattern(OutputPattern::new(pattern)),
        times: Times::Announced { by: OutputPattern::new(announcement), more: None },
    }
}

impl Summary {
    pub(super) fn found_in(&self, plain: &Plain) -> Vec<TestCount> {
        let find = |stream: &str| match &self.find {
            Find::OutputPattern(pattern) => pattern.all(stream).iter().filter_map(count_of).collect(),
            Find::Own(own) => own(stream),
        };
        plain.streams().into_iter().flat_map(find).collect()
    }

    /// Keeps as many as the runner prints, the smallest ones: a text that the tests printed may lower a number, never
    /// raise it. `None` when what was left out and what is kept disagree whether anything ran.
    fn trusted(&self, mut found: Vec<TestCount>, plain: &Plain) -> Option<Vec<TestCount>> {
        let number_of = |line: &OutputPattern| plain.streams().iter().map(|text| line.all(text).len()).sum::<usize>();
        let expected = match &self.times {
            Times::Once => 1,
            Times::Each => found.len(),
            // Where output was cut, announcements may be missing.
            Times::Announced { .. } | Times::OnceOrAnnounced(_) if plain.is_cut => found.len(),
            // Quiet runs announce nothing.
            Times::Announced { by, more } => match number_of(by) {
                0 => found.len(),
                lines => lines.saturating_add(more.as_ref().map_or(0, number_of)),
            },
            Times::OnceOrAnnounced(line) => number_of(line).max(1),
        };
        found.sort_by_key(|count| count.ran);
        let surplus = found.split_off(expected.min(found.len()));
        let disagrees = surplus.iter().any(|count| count.ran > 0) && found.iter().all(|count| count.ran == 0);
        (!disagrees).then_some(found)
    }
}

impl CountedRunner {
    /// What an entry does not say.
    pub(super) const DEFAULT: Self = Self {
        name: "",
        commands: &[],
        valued: &[],
        nothing: &[],
        reader: Reader::Summaries(&[]),
        none: &[],
        fix: "",
        environment: &[],
        reports: &[],
        prints_reports: false,
    };

    pub(super) fn count(&self, printed: &Printed<'_>) -> TestsRan {
        let plain = Plain::of(printed);
        match &self.reader {
            Reader::Own(own) => own(&plain),
            Reader::Summaries(summaries) => self.sum_of(summaries, &plain),
        }
    }

    fn sum_of(&self, summaries: &[Summary], plain: &Plain) -> TestsRan {
        let mut counts = Vec::new();
        for summary in summaries {
            match summary.trusted(summary.found_in(plain), plain) {
                Some(found) => counts.extend(found),
                None => return self.not_readable("prints summaries that disagree whether a test ran"),
            }
        }
        let Some(mut count) = (!counts.is_empty()).then(|| TestCount::sum(&counts)) else {
            return self.without_summary(plain);
        };
        count.at_least = plain.is_cut && !summaries.iter().all(|summary| matches!(summary.times, Times::Once));
        if count.at_least && count.ran == 0 {
            return self.not_readable("printed more than is kept, and what is kept names no test that ran");
        }
        TestsRan::Counted(count)
    }

    fn without_summary(&self, plain: &Plain) -> TestsRan {
        if plain.streams().iter().any(|stream| self.none.iter().any(|line| line.is_in(stream))) {
            return TestsRan::Counted(TestCount::default());
        }
        match read_report(&plain.stdout) {
            Some(count) if self.prints_reports && !plain.is_cut => TestsRan::Counted(count),
            _ => self.not_readable("printed no summary of its tests"),
        }
    }

    pub(super) fn not_readable(&self, what: &str) -> TestsRan {
        TestsRan::NotReadable { why: format!("{} {what}: {}", self.name, self.fix) }
    }
}
