//! Reads the Test Anything Protocol (testanything.org, versions 12 to 14).

use super::count::TestCount;
use super::pattern::OutputPattern;

static TEST: OutputPattern = OutputPattern::new(r"^(?P<indent> *)(?P<not>not )?ok\b(?P<rest>.*)$");
static SKIP: OutputPattern = OutputPattern::new(r"(?i)# *(?:skip|todo)");
static PLAN_ANYWHERE: OutputPattern = OutputPattern::new(r"^ *1\.\.\d+");
static PLAN: OutputPattern = OutputPattern::new(r"^1\.\.(?P<number>\d+)");

/// Counts the tests of one stream of TAP; `None` without a plan, which the protocol asks for. Subtests count where their
/// parent is a group in braces, and as their parent otherwise. A plan bounds the number of its tests.
pub(super) fn tap_in(text: &str) -> Option<TestCount> {
    let plan = PLAN.all(text);
    let planned = plan.iter().filter_map(|plan| plan.name("number")?.as_str().parse::<u64>().ok()).min();
    let (mut count, mut depth, mut has_groups) = (TestCount::default(), 0_usize, false);
    for line in text.lines() {
        if line.trim() == "}" {
            depth = depth.saturating_sub(1);
        }
        let Some(test) = TEST.first(line) else { continue };
        let rest = test.name("rest").map_or("", |rest| rest.as_str());
        if test.name("indent").map_or(0, |indent| indent.len()) != depth.saturating_mul(4) {
            continue;
        }
        if rest.trim_end().ends_with('{') {
            (depth, has_groups) = (depth.saturating_add(1), true);
        } else if SKIP.is_in(rest) {
            count.skipped = count.skipped.saturating_add(1);
        } else if test.name("not").is_some() {
            count = count.and(TestCount::of(0, 1, 0));
        } else {
            count = count.and(TestCount::of(1, 0, 0));
        }
    }
    let surplus = planned
        .filter(|_| !has_groups)
        .map_or(0, |planned| count.ran.saturating_add(count.skipped).saturating_sub(planned));
    PLAN_ANYWHERE.is_in(text).then(|| TestCount::of(count.passed.saturating_sub(surplus), count.failed, count.skipped))
}
