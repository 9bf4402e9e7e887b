//! How often, and with which pauses, production is asked until its answers agree (docs/design/gate.md G16).

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{FieldError, check_range};

/// The pause between two rounds of a check that did not pass, in milliseconds.
const DEFAULT_INTERVAL_MS: u32 = 1_000;
/// How many answers of a check have to agree.
const DEFAULT_SUCCESSES: u32 = 3;

/// How often production is asked until its answers agree, as trusted configuration has it or as a caller asks for it.
///
/// It is read from an object, or from a text that holds one as JSON. What is not given is the default in the
/// configuration, and stays as it is in a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct ConvergeSettings {
    /// Seconds before production is asked after gate 1, 0 to 600; 0 when not given. They are part of `settle_seconds`, which
    /// are never fewer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 600))]
    pub initial_delay_s: Option<u32>,
    /// Milliseconds between two rounds while checks settle, 100 to 600000; 1000 when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 100, max = 600_000))]
    pub interval_ms: Option<u32>,
    /// How many answers of a check have to agree, 1 to 100; 3 when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub consecutive_successes: Option<u32>,
    /// After how many rounds that did not pass a check is not asked again, 1 to 1000; no limit when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000))]
    pub failure_limit: Option<u32>,
}

impl Serialize for ConvergeSettings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for ConvergeSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonOrObject)
    }
}

/// Reads the object, or a text that holds it; the object's fields keep their places in messages.
struct JsonOrObject;

impl<'de> serde::de::Visitor<'de> for JsonOrObject {
    type Value = ConvergeSettings;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("an object such as {\"consecutive_successes\": 5}")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<ConvergeSettings, E> {
        ConvergeSettings::deserialize(&mut serde_json::Deserializer::from_str(text)).map_err(E::custom)
    }

    fn visit_map<M: serde::de::MapAccess<'de>>(self, map: M) -> Result<ConvergeSettings, M::Error> {
        ConvergeSettings::deserialize(serde::de::value::MapAccessDeserializer::new(map))
    }
}

impl ConvergeSettings {
    /// Refuses a number out of its bounds.
    ///
    /// # Errors
    /// Names the field, `converge.` included.
    pub fn check(&self) -> Result<(), FieldError> {
        let within = |field, value: Option<u32>, range| check_range(field, value.map(i64::from), range);
        within("converge.initial_delay_s", self.initial_delay_s, 0..=600)?;
        within("converge.interval_ms", self.interval_ms, 100..=600_000)?;
        within("converge.consecutive_successes", self.consecutive_successes, 1..=100)?;
        within("converge.failure_limit", self.failure_limit, 1..=1_000)
    }

    /// Returns these settings with their defaults, raised by what a caller asks: the greater number holds. Of two limits of
    /// failures the smaller one holds, because whoever gives up sooner asks for more.
    #[must_use]
    pub fn raised_by(self, asked: Option<Self>) -> Self {
        let asked = asked.unwrap_or_default();
        let greater =
            |own: Option<u32>, default: u32, asked: Option<u32>| own.unwrap_or(default).max(asked.unwrap_or(0));
        Self {
            initial_delay_s: Some(greater(self.initial_delay_s, 0, asked.initial_delay_s)),
            interval_ms: Some(greater(self.interval_ms, DEFAULT_INTERVAL_MS, asked.interval_ms)),
            consecutive_successes: Some(greater(
                self.consecutive_successes,
                DEFAULT_SUCCESSES,
                asked.consecutive_successes,
            )),
            failure_limit: self.failure_limit.into_iter().chain(asked.failure_limit).min(),
        }
    }

    /// Says which numbers of a caller do not hold, because they would lower what holds.
    pub fn lowered(&self, asked: Option<Self>) -> Option<String> {
        let asked = asked?;
        let numbers = [
            ("initial_delay_s", asked.initial_delay_s, self.initial_delay_s),
            ("interval_ms", asked.interval_ms, self.interval_ms),
            ("consecutive_successes", asked.consecutive_successes, self.consecutive_successes),
            ("failure_limit", asked.failure_limit, self.failure_limit),
        ];
        let kept: Vec<String> = numbers
            .into_iter()
            .filter_map(|(name, asked, holds)| Some((name, asked?, holds?)))
            .filter(|(_, asked, holds)| asked != holds)
            .map(|(name, asked, holds)| format!("{name} stays {holds}, {asked} was asked"))
            .collect();
        (!kept.is_empty()).then(|| format!("converge cannot be lowered: {}", kept.join("; ")))
    }
}

/// By what the checks of one run are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Convergence {
    /// How long a check that does not pass is asked again, in milliseconds.
    pub settle_ms: u64,
    /// How long it is waited before the first ask, in milliseconds.
    pub initial_delay_ms: u64,
    /// The pause between two rounds, in milliseconds.
    pub interval_ms: u64,
    /// How many answers have to agree.
    pub consecutive_successes: u32,
    /// After how many rounds that did not pass a check is not asked again.
    pub failure_limit: Option<u32>,
    /// How long after its row has passed a check is asked once more, in milliseconds; 0 for never.
    pub hold_ms: u64,
}

impl Default for Convergence {
    /// One round of three asks.
    fn default() -> Self {
        Self::settling(0)
    }
}

impl Convergence {
    /// Asks by the defaults, for so many milliseconds.
    pub const fn settling(settle_ms: u64) -> Self {
        Self {
            settle_ms,
            initial_delay_ms: 0,
            interval_ms: DEFAULT_INTERVAL_MS as u64,
            consecutive_successes: DEFAULT_SUCCESSES,
            failure_limit: None,
            hold_ms: 0,
        }
    }

    /// Asks once more, so long after a row has passed.
    #[must_use]
    pub const fn holding(self, hold_ms: u64) -> Self {
        Self { hold_ms, ..self }
    }

    /// Asks by settings, for so many milliseconds; the delay before the first ask is part of them, and they are never
    /// shorter than it.
    pub fn new(settings: ConvergeSettings, settle_ms: u64) -> Self {
        let default = Self::settling(settle_ms);
        let initial_delay_ms = settings.initial_delay_s.map_or(0, |seconds| u64::from(seconds) * 1_000);
        Self {
            settle_ms: settle_ms.max(initial_delay_ms),
            initial_delay_ms,
            interval_ms: settings.interval_ms.map_or(default.interval_ms, u64::from),
            consecutive_successes: settings.consecutive_successes.unwrap_or(default.consecutive_successes),
            failure_limit: settings.failure_limit,
            hold_ms: 0,
        }
    }

    /// Returns what is left when the delay before the first ask is over.
    #[must_use]
    pub const fn after_delay(self) -> Self {
        Self { settle_ms: self.settle_ms.saturating_sub(self.initial_delay_ms), initial_delay_ms: 0, ..self }
    }

    /// Returns the pause before the next round, cut to what is left of the time to settle, so that the last round sees the
    /// latest state; nothing when the check is not asked again.
    pub fn next_pause(&self, elapsed_ms: u64, failed_rounds: u32) -> Option<Duration> {
        let left_ms = self.settle_ms.checked_sub(elapsed_ms).filter(|left_ms| *left_ms > 0)?;
        let may_fail_again = self.failure_limit.is_none_or(|limit| failed_rounds < limit);
        may_fail_again.then(|| Duration::from_millis(self.interval_ms.min(left_ms)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(value: Value) -> Result<ConvergeSettings, String> {
        serde_json::from_value(value).map_err(|error| error.to_string())
    }

    #[test]
    fn settings_are_an_object_or_json_text() {
        let five = ConvergeSettings { consecutive_successes: Some(5), ..ConvergeSettings::default() };
        assert_eq!(read(json!({"consecutive_successes": 5, "interval_ms": null})), Ok(five));
        assert_eq!(read(json!(r#"{"consecutive_successes": 5}"#)), Ok(five));
        assert_eq!(serde_json::to_value(five).expect("json"), json!({"consecutive_successes": 5}));
        assert!(read(json!({"consecutive_succeses": 5})).expect_err("refused").contains("consecutive_successes"));
        assert!(read(json!("five")).is_err() && read(json!(5)).is_err());
    }

    #[test]
    fn a_number_out_of_its_bounds_is_named() {
        for (given, field) in [
            (json!({"initial_delay_s": 601}), "converge.initial_delay_s"),
            (json!({"interval_ms": 99}), "converge.interval_ms"),
            (json!({"consecutive_successes": 0}), "converge.consecutive_successes"),
            (json!({"failure_limit": 0}), "converge.failure_limit"),
        ] {
            assert_eq!(read(given).expect("read").check().expect_err("refused").field, field);
        }
        assert_eq!(read(json!({"initial_delay_s": 600, "interval_ms": 100})).expect("read").check(), Ok(()));
    }

    #[test]
    fn a_caller_raises_and_never_lowers() {
        let raised = |own: Value, asked: Value| read(own).expect("own").raised_by(Some(read(asked).expect("asked")));
        let all = |delay, interval, successes, limit| ConvergeSettings {
            initial_delay_s: Some(delay),
            interval_ms: Some(interval),
            consecutive_successes: Some(successes),
            failure_limit: limit,
        };
        assert_eq!(raised(json!({}), json!({})), all(0, 1_000, 3, None));
        assert_eq!(raised(json!({}), json!({"interval_ms": 100, "consecutive_successes": 1})), all(0, 1_000, 3, None));
        assert_eq!(raised(json!({"consecutive_successes": 1}), json!({})), all(0, 1_000, 1, None));
        let own = json!({"initial_delay_s": 5, "interval_ms": 100, "consecutive_successes": 2, "failure_limit": 4});
        let higher = json!({"initial_delay_s": 9, "interval_ms": 200, "consecutive_successes": 5, "failure_limit": 2});
        assert_eq!(raised(own.clone(), higher), all(9, 200, 5, Some(2)));
        let lower = json!({"initial_delay_s": 0, "interval_ms": 100, "consecutive_successes": 1, "failure_limit": 9});
        assert_eq!(raised(own.clone(), lower.clone()), all(5, 100, 2, Some(4)));
        let told = raised(own, lower.clone()).lowered(read(lower).ok()).expect("told");
        assert!(told.contains("consecutive_successes stays 2, 1 was asked") && !told.contains("interval_ms"), "{told}");
    }

    #[test]
    fn pauses_are_even_and_end_with_the_time_or_the_failures() {
        let converge = Convergence::settling(2_500);
        let pauses: Vec<Option<u128>> = [0, 1_000, 2_000, 2_500, 9_000]
            .map(|elapsed_ms| converge.next_pause(elapsed_ms, 1).map(|pause| pause.as_millis()))
            .into();
        assert_eq!(pauses, [Some(1_000), Some(1_000), Some(500), None, None]);
        let limited = Convergence { failure_limit: Some(2), ..converge };
        assert!(limited.next_pause(0, 1).is_some() && limited.next_pause(0, 2).is_none());
        assert_eq!(Convergence::default().next_pause(0, 1), None);
    }

    #[test]
    fn the_delay_before_the_first_ask_is_part_of_the_time_to_settle() {
        let delayed = ConvergeSettings { initial_delay_s: Some(10), ..ConvergeSettings::default() };
        assert_eq!(Convergence::new(delayed, 60_000).after_delay(), Convergence::settling(50_000));
        assert_eq!(Convergence::new(delayed, 0).after_delay(), Convergence::settling(0));
    }
}
