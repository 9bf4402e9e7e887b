//! Red before green: what an earlier observation of a check says about the present one (docs/design/gate.md G18). Pure.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ProofResult, Timestamp};

/// How long an earlier observation decides, in milliseconds: 14 days.
pub const OBSERVED_FOR_MS: i64 = 14 * 24 * 60 * 60 * 1000;
/// How long a check that failed is remembered as left out, in milliseconds: a day.
pub const LEFT_OUT_FOR_MS: i64 = 24 * 60 * 60 * 1000;

/// What a passing check says about the change that was deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProofChange {
    /// It failed before and passes now.
    Shown,
    /// It passed before, or the same build answered then.
    Unchanged,
    /// No earlier observation decides.
    Unseen,
}

/// An observation that was made before this attempt began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierObservation {
    /// When.
    pub at: Timestamp,
    /// Its verdict.
    pub result: ProofResult,
    /// What failed in each of several asks: `status 404`, `expect[0]`; none when it was not red.
    pub red: Option<String>,
    /// The commit that production told then.
    pub build: Option<String>,
    /// Whether it was made under settings that no person trusted.
    pub untrusted_settings: bool,
    /// Whether nothing at all of production was good then.
    pub all_red: bool,
}

/// What is said about the change, with the reason where there is one to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedChange {
    /// What is said.
    pub change: ProofChange,
    /// One clause: `red at 14:02 (status 404)`.
    pub told: Option<String>,
    /// Whether the build changed between the red observation and now.
    pub by_deploy: bool,
}

impl ObservedChange {
    const fn unseen(told: Option<String>) -> Self {
        Self { change: ProofChange::Unseen, told, by_deploy: false }
    }
}

/// Says what the newest earlier observation of a check means, now that it passes.
///
/// `build` is the commit that production tells now. Equal builds show nothing: what changed was not the deployment.
pub fn observed_change(
    earlier: Option<&EarlierObservation>,
    build: Option<&str>,
    started: Timestamp,
) -> ObservedChange {
    let Some(earlier) = earlier.filter(|earlier| started.ms_since(earlier.at) <= OBSERVED_FOR_MS) else {
        return ObservedChange::unseen(None);
    };
    let Some(red) = &earlier.red else {
        return match earlier.result {
            ProofResult::Pass if earlier.untrusted_settings => ObservedChange::unseen(None),
            ProofResult::Pass => ObservedChange { change: ProofChange::Unchanged, told: None, by_deploy: false },
            _ => ObservedChange::unseen(None),
        };
    };
    let then = clock_time(earlier.at, started);
    if earlier.untrusted_settings {
        let told = format!("red {then} under settings that no person trusted, so that says nothing");
        return ObservedChange::unseen(Some(told));
    }
    if earlier.all_red {
        return ObservedChange::unseen(Some(format!("nothing of production was good {then}, so that says nothing")));
    }
    match (&earlier.build, build) {
        (Some(before), Some(now)) if same_commit(before, now) => ObservedChange {
            change: ProofChange::Unchanged,
            told: Some(format!("red {then} ({red}), and the same build answers now")),
            by_deploy: false,
        },
        (before, now) => ObservedChange {
            change: ProofChange::Shown,
            told: Some(format!("red {then} ({red})")),
            by_deploy: before.is_some() && now.is_some(),
        },
    }
}

/// Two spellings of a commit are one when the shorter begins the longer.
pub fn same_commit(one: &str, other: &str) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

/// `at 14:02` of the same day, else `on 2026-11-28 at 14:02`; UTC.
fn clock_time(at: Timestamp, now: Timestamp) -> String {
    let (at, now) = (at.to_rfc3339(), now.to_rfc3339());
    let (day, time) = at.split_once('T').unwrap_or((&at, ""));
    let time = time.get(..5).unwrap_or(time);
    if now.starts_with(day) { format!("at {time}") } else { format!("on {day} at {time}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE_MS: i64 = 60_000;

    fn now() -> Timestamp {
        Timestamp::parse_rfc3339("2026-11-30T14:10:00.000Z").expect("a time")
    }

    fn red(minutes_ago: i64) -> EarlierObservation {
        EarlierObservation {
            at: now().plus_ms(-minutes_ago * MINUTE_MS),
            result: ProofResult::Fail,
            red: Some("status 404".into()),
            build: Some("37b73f8".into()),
            untrusted_settings: false,
            all_red: false,
        }
    }

    fn said(earlier: &EarlierObservation, build: Option<&str>) -> (ProofChange, bool, String) {
        let observed = observed_change(Some(earlier), build, now());
        (observed.change, observed.by_deploy, observed.told.unwrap_or_default())
    }

    #[test]
    fn red_before_and_green_now_is_shown_and_the_deploy_is_named_only_where_both_builds_are_known() {
        assert_eq!(said(&red(8), Some("c0ffee1")), (ProofChange::Shown, true, "red at 14:02 (status 404)".into()));
        assert_eq!(said(&red(8), None), (ProofChange::Shown, false, "red at 14:02 (status 404)".into()));
    }

    #[test]
    fn the_same_build_shows_nothing_however_it_is_written() {
        let (change, _, told) = said(&red(8), Some("37b73f8a9c"));
        assert_eq!(change, ProofChange::Unchanged);
        assert!(told.contains("the same build"), "{told}");
    }

    #[test]
    fn an_outage_an_old_observation_and_no_answer_decide_nothing() {
        let arranged = EarlierObservation { untrusted_settings: true, ..red(8) };
        let why = "red at 14:02 under settings that no person trusted, so that says nothing";
        assert_eq!(said(&arranged, Some("c0ffee1")), (ProofChange::Unseen, false, why.into()));
        let outage = EarlierObservation { all_red: true, ..red(8) };
        assert_eq!(said(&outage, Some("c0ffee1")).0, ProofChange::Unseen);
        assert_eq!(said(&red(15 * 24 * 60), Some("c0ffee1")).0, ProofChange::Unseen);
        let flaky = EarlierObservation { red: None, ..red(8) };
        assert_eq!(said(&flaky, Some("c0ffee1")).0, ProofChange::Unseen);
        assert_eq!(observed_change(None, None, now()), ObservedChange::unseen(None));
    }

    #[test]
    fn what_was_green_is_unchanged() {
        let green = EarlierObservation { result: ProofResult::Pass, red: None, ..red(8) };
        assert_eq!(said(&green, Some("c0ffee1")).0, ProofChange::Unchanged);
    }
}
