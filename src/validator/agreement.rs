//! How many answers of a check have to agree, and what several answers together mean (gate.md G16). Pure.

use std::net::IpAddr;

use crate::domain::Outcome;

/// How many times its first row the row of a check becomes at most, however often it was broken.
const LONGEST_ROW: u32 = 4;
/// The most addresses of one name that are asked apart, unless a check names more.
const MAX_ADDRESSES: usize = 4;
/// The tries without an answer after which a check is not asked any more.
const SILENT: usize = 2;

/// What one ask came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// The answer is as expected.
    Passed,
    /// The answer is not as expected.
    Failed,
    /// No answer came, or it could not be judged.
    Unverified,
    /// Production asks for patience: 429, or 503 with Retry-After.
    Limited,
}

/// Tells whether a check is asked once more.
///
/// `needed` answers have to agree. One answer that is not as expected is looked at once more, so that what fails always and
/// what fails at times are told apart; one try without an answer is made good once.
pub(super) fn asks_again(asks: &[Ask], needed: usize) -> bool {
    let count = |kind: Ask| asks.iter().filter(|ask| **ask == kind).count();
    let (passed, failed, silent) = (count(Ask::Passed), count(Ask::Failed), count(Ask::Unverified));
    if count(Ask::Limited) > 0 || silent >= SILENT {
        return false;
    }
    match (passed, failed) {
        (0, failed) => failed < needed.min(2),
        (passed, failed) => passed + failed < needed,
    }
}

/// Says what the asks of one row mean together, when they do not agree.
pub(super) fn disagreement(asks: &[Ask], first_failure: Option<&Outcome>) -> Option<Outcome> {
    let count = |kind: Ask| asks.iter().filter(|ask| **ask == kind).count();
    let (passed, failed) = (count(Ask::Passed), count(Ask::Failed));
    if passed == 0 || failed == 0 {
        return None;
    }
    let why = first_failure.and_then(Outcome::reason).unwrap_or_default();
    let observed = format!("flaky: {passed} of {} passed ({why})", passed + failed);
    Some(Outcome::failed("the same answer each time", observed))
}

/// Returns how many have to agree next, of `first` at first: a row that was broken doubles (3, 6, 12).
pub(super) fn next_row(first: u32, needed: u32, asks: &[Ask]) -> u32 {
    let broken = asks.contains(&Ask::Passed) && asks.contains(&Ask::Failed);
    if broken { needed.saturating_mul(2).min(first.saturating_mul(LONGEST_ROW)) } else { needed }
}

/// Picks the addresses that a check asks: some of those that its name resolves to, and those that it names itself.
///
/// # Errors
/// The first that it names and its name does not resolve to. A name that does not resolve at all is told when it is asked.
pub(super) fn asked_addresses(resolved: &[IpAddr], named: &[IpAddr]) -> Result<Vec<IpAddr>, IpAddr> {
    if let Some(unknown) = named.iter().find(|address| !resolved.contains(address) && !resolved.is_empty()) {
        return Err(*unknown);
    }
    let mut asked: Vec<IpAddr> = resolved.iter().copied().take(MAX_ADDRESSES).collect();
    for address in named.iter().filter(|address| resolved.contains(address)) {
        if !asked.contains(address) {
            asked.push(*address);
        }
    }
    Ok(asked)
}

#[cfg(test)]
mod tests {
    use super::Ask::{Failed, Limited, Passed, Unverified};
    use super::*;

    #[test]
    fn a_row_goes_on_until_all_agree_or_it_is_clear_that_they_do_not() {
        for (asks, needed, again) in [
            (&[][..], 3, true),
            (&[Passed], 3, true),
            (&[Passed, Passed, Passed], 3, false),
            (&[Passed], 1, false),
            // What fails alike twice is not asked a third time, and one failure of a single ask stands.
            (&[Failed], 3, true),
            (&[Failed, Failed], 3, false),
            (&[Failed], 1, false),
            (&[Failed, Passed], 3, true),
            (&[Passed, Failed, Passed], 3, false),
            // One silence is made good, two are not.
            (&[Passed, Unverified], 3, true),
            (&[Unverified], 1, true),
            (&[Unverified, Passed], 1, false),
            (&[Unverified, Unverified], 3, false),
            (&[Passed, Limited], 3, false),
        ] {
            assert_eq!(asks_again(asks, needed), again, "{asks:?} of {needed}");
        }
    }

    #[test]
    fn answers_that_do_not_agree_are_flaky_and_say_how_often() {
        let failure = Outcome::failed("200", "500");
        let told = disagreement(&[Passed, Failed, Passed], Some(&failure)).expect("flaky");
        assert!(told.reason().expect("a reason").contains("flaky: 2 of 3 passed (expected 200, got 500)"));
        assert_eq!(disagreement(&[Passed, Passed, Unverified], None), None);
        assert_eq!(disagreement(&[Failed, Failed], Some(&failure)), None);
    }

    #[test]
    fn a_broken_row_doubles_to_twelve() {
        assert_eq!(next_row(3, 3, &[Passed, Failed]), 6);
        assert_eq!(next_row(3, 6, &[Passed, Failed]), 12);
        assert_eq!(next_row(3, 12, &[Passed, Failed]), 12);
        assert_eq!(next_row(3, 3, &[Failed, Failed]), 3);
        assert_eq!(next_row(20, 20, &[Passed, Failed]), 40);
    }

    #[test]
    fn addresses_that_a_check_names_are_asked_too_and_must_be_its_names_own() {
        let address = |last: u8| IpAddr::from([10, 0, 0, last]);
        let resolved: Vec<IpAddr> = (1..=6).map(address).collect();
        let four: Vec<IpAddr> = (1..=4).map(address).collect();
        assert_eq!(asked_addresses(&resolved, &[]), Ok(four.clone()));
        assert_eq!(asked_addresses(&resolved, &[address(2)]), Ok(four.clone()));
        let named = [four, vec![address(6)]].concat();
        assert_eq!(asked_addresses(&resolved, &[address(6), address(6)]), Ok(named));
        assert_eq!(asked_addresses(&resolved, &[address(2), address(9)]), Err(address(9)));
        assert_eq!(asked_addresses(&[], &[address(9)]), Ok(Vec::new()));
    }
}
