//! What a task must meet: its own criteria under the floor of the policy.

use std::collections::HashSet;
use std::fmt;

use super::checklist::{generate_checklist, health_item};
use super::proof_key::ProofKey;
use crate::domain::{
    ChecklistTarget, Criteria, CriteriaError, ItemSource, LiveCheckError, MAX_REQUIRED_PROOFS, Method, Policy,
    Production, RequireWord, ResolvedCheck, one_line,
};
use crate::expect::{CheckExpectError, PlannedItem, PreparedCheck};
use crate::validator::alters_routing;

/// The most health routes that are remembered: each costs every run a request.
const MOST_KNOWN_HEALTH: usize = 8;

/// The requirements cannot be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequirementsError {
    /// The task's criteria cannot be used.
    #[error(transparent)]
    Criteria(#[from] CriteriaError),
    /// A live check cannot be used.
    #[error("{list}[{index}]: {source}")]
    LiveCheck {
        /// Whose check it is.
        list: CheckList,
        /// Which one, from 0.
        index: usize,
        /// Why.
        source: LiveCheckError,
    },
    /// A line of what a live check expects cannot be read.
    #[error("{list}[{index}].{source}")]
    Expectation {
        /// Whose check it is.
        list: CheckList,
        /// Which check, from 0.
        index: usize,
        /// Why.
        source: CheckExpectError,
    },
    /// A check uses what no earlier one has captured.
    #[error(
        "{list}[{index}] uses {{{{{name}}}}}, and no check before it captures `{name}`: add `capture: [\"{name}: …\"]` to an earlier one"
    )]
    UnknownCapture {
        /// Whose check it is.
        list: CheckList,
        /// Which check, from 0.
        index: usize,
        /// The name.
        name: String,
    },
}

/// A list of live checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckList {
    /// The task's own.
    Task,
    /// The policy's.
    Policy,
}

impl fmt::Display for CheckList {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Task => "live_checks",
            Self::Policy => "policy.live_checks",
        })
    }
}

impl RequirementsError {
    /// Returns the name of the request's field that is wrong; none when it is the policy's.
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::Criteria(error) => Some(error.field()),
            _ if self.is_of_policy() => None,
            Self::LiveCheck { .. } | Self::Expectation { .. } | Self::UnknownCapture { .. } => Some("live_checks"),
        }
    }

    /// Tells whether a check of the policy is wrong: no request can mend that.
    pub const fn is_of_policy(&self) -> bool {
        match self {
            Self::Criteria(_) => false,
            Self::LiveCheck { list, .. } | Self::Expectation { list, .. } | Self::UnknownCapture { list, .. } => {
                matches!(list, CheckList::Policy)
            }
        }
    }
}

/// What a task must meet: its criteria and the policy, resolved once, with the checklist that comes of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Requirements {
    /// The commands of the policy, then the task's own.
    pub local_tests: Vec<String>,
    /// Whether the policy names all of them, and there is one at least.
    pub(super) only_policy_tests: bool,
    /// How many distinct passing proofs the task asks for; none leaves it to what answers.
    given_proofs: Option<u32>,
    /// How many the policy asks for, at least 1.
    least_proofs: u32,
    /// How many of them must be the task's own.
    pub min_task_proofs: u32,
    /// What a DONE must rest on besides.
    pub require: Vec<RequireWord>,
    checklist: Vec<PlannedItem>,
    /// Health routes that production was seen to offer beside those that every run guesses.
    known_health: Vec<String>,
    production: Production,
}

impl Requirements {
    /// Sets the requirements for criteria under a policy.
    ///
    /// # Errors
    /// When the task has no live check of its own (G1), when more proofs are required than it can ever give (G3), or
    /// when an address cannot be used; the message names the field.
    pub fn new(criteria: &Criteria, policy: &Policy, production: &Production) -> Result<Self, RequirementsError> {
        if let Some(index) = criteria.local_tests.iter().position(|test| test.trim().is_empty()) {
            return Err(CriteriaError::EmptyTest(index).into());
        }
        if criteria.live_checks.is_empty() {
            return Err(CriteriaError::NoLiveCheck.into());
        }
        if criteria.required_proofs == Some(0) {
            return Err(CriteriaError::TooFewProofs(0).into());
        }
        let requirements = Self {
            local_tests: policy.local_tests.iter().chain(own_tests(criteria, policy)).cloned().collect(),
            only_policy_tests: !policy.local_tests.is_empty()
                && criteria.local_tests.iter().all(|test| policy.local_tests.contains(test)),
            given_proofs: criteria.required_proofs,
            least_proofs: policy.required_proofs.max(1),
            min_task_proofs: policy.min_task_proofs.max(1),
            require: policy.require.clone(),
            checklist: generate_checklist(criteria, policy, production)?,
            known_health: Vec::new(),
            production: production.clone(),
        };
        requirements.check_reachable()?;
        Ok(requirements)
    }

    fn check_reachable(&self) -> Result<(), CriteriaError> {
        let own = self.possible_task_proofs();
        if self.min_task_proofs > own {
            let of_the_task = self.checklist.iter().filter(|item| item.source == ItemSource::Task);
            let why = of_the_task.enumerate().find_map(|(index, item)| {
                let (check, why) = (item.check()?, item.not_counted.as_ref()?);
                // Without its query, which may hold a secret.
                let shown = one_line(&format!("{}{}", check.origin(), check.url().path()), 120);
                Some(format!("live_checks[{index}] {shown} {why}"))
            });
            return Err(CriteriaError::TooFewOfItsOwn { required: self.min_task_proofs, possible: own, why });
        }
        let possible = self.possible_proofs();
        let required = self.required_proofs(0);
        if required > possible || required > MAX_REQUIRED_PROOFS {
            return Err(CriteriaError::Unreachable { required, possible });
        }
        Ok(())
    }

    /// Returns how many distinct passing proofs are needed where so many places answered and count apart: what was given,
    /// else as many as answered, at most three, and never less than the policy asks for (docs/design/gate.md G3).
    pub fn required_proofs(&self, answered: u32) -> u32 {
        let asked = self.given_proofs.unwrap_or_else(|| answered.min(Criteria::DEFAULT_REQUIRED_PROOFS));
        asked.max(self.least_proofs)
    }

    /// Returns everything that is looked at before a cutover, in order.
    pub fn checklist(&self) -> &[PlannedItem] {
        &self.checklist
    }

    /// Returns the task's own live checks, in order.
    pub fn task_checks(&self) -> impl Iterator<Item = &PreparedCheck> {
        let of_the_task = self.checklist.iter().filter(|item| item.source == ItemSource::Task);
        of_the_task.filter_map(PlannedItem::prepared)
    }

    /// Returns the most distinct proofs that the task's own checks can give.
    pub fn possible_task_proofs(&self) -> u32 {
        distinct_proofs(self.checklist.iter().filter(|item| item.source == ItemSource::Task && item.check().is_some()))
    }

    /// Returns the most distinct proofs that all checks can give together.
    pub fn possible_proofs(&self) -> u32 {
        distinct_proofs(self.checklist.iter())
    }

    /// Tells whether the policy requires a word, by itself or as a part of `strict`.
    pub fn requires(&self, word: RequireWord) -> bool {
        let strict = self.require.contains(&RequireWord::Strict) && RequireWord::STRICT.contains(&word);
        strict || self.require.contains(&word)
    }

    /// Adds health routes that production was seen to offer (gate.md G7). Where configuration names them, these hold.
    pub(crate) fn also_asks_health(&mut self, paths: impl IntoIterator<Item = String>) {
        if self.production.health_paths.is_some() {
            return;
        }
        for path in paths {
            if self.known_health.contains(&path) || self.known_health.len() == MOST_KNOWN_HEALTH {
                continue;
            }
            let is_health = |item: &&PlannedItem| item.source == ItemSource::Health;
            let url = ResolvedCheck::on(&self.production, &path).url().clone();
            let mut guessed = self.checklist.iter().filter(is_health);
            if !guessed.any(|item| item.check().is_some_and(|check| *check.url() == url)) {
                let at = self.checklist.iter().filter(is_health).count();
                self.checklist.insert(at, health_item(at + 1, &path, false, &self.production));
            }
            self.known_health.push(path);
        }
    }

    /// Returns the health routes that production was seen to offer, as far as these requirements know.
    pub(crate) fn known_health(&self) -> &[String] {
        &self.known_health
    }

    /// Returns production.
    pub fn production(&self) -> &Production {
        &self.production
    }

    /// Tells whether health routes are asked: `health_paths: []` waives them.
    pub fn asks_health(&self) -> bool {
        self.checklist.iter().any(|item| item.source == ItemSource::Health)
    }
}

/// The task's local tests that the policy does not run already.
fn own_tests<'a>(criteria: &'a Criteria, policy: &'a Policy) -> impl Iterator<Item = &'a String> {
    let of_policy = |test: &String| policy.local_tests.iter().any(|other| other.trim() == test.trim());
    criteria.local_tests.iter().filter(move |test| !of_policy(test))
}

fn distinct_proofs<'a>(items: impl Iterator<Item = &'a PlannedItem>) -> u32 {
    let (mut keys, mut specs) = (HashSet::new(), HashSet::new());
    for item in items.filter(|item| item.counts) {
        match &item.target {
            ChecklistTarget::Live(check) | ChecklistTarget::Health { check, .. } => {
                keys.insert(ProofKey::of(check));
            }
            ChecklistTarget::Ui { spec } => {
                specs.insert(spec);
            }
        }
    }
    u32::try_from(keys.len() + specs.len()).unwrap_or(u32::MAX)
}

/// Says why a live check cannot count as a proof: it must lie on production, accept nothing outside 2xx and 3xx, and ask
/// for the route itself.
///
/// OPTIONS is answered by middleware for routes that do not exist, and some headers let one route answer under
/// every path, or cut one page into many. Such checks may be required, but they prove nothing.
pub(super) fn why_not_counted(check: &PreparedCheck, production: &Production) -> Option<String> {
    if !production.covers(check.url()) {
        return Some(format!("is not on production ({})", production.origin));
    }
    if !check.expected_status().accepts_only_success() {
        return Some(format!("accepts {}, not only 2xx or 3xx", check.expected_status()));
    }
    if check.demands_failure() {
        return Some("expects that something has failed".to_owned());
    }
    if check.method() == Method::Options {
        return Some("asks with OPTIONS, which is answered for routes that do not exist".to_owned());
    }
    let altering = check.headers().iter().map(|(name, _)| name.as_str()).find(|name| makes_another(name))?;
    Some(format!("sends {altering}, which makes the answer another than the route's"))
}

/// A part of the page (RFC 9110 §14) is another answer, too.
fn makes_another(header: &str) -> bool {
    header == "range" || alters_routing(header)
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::domain::{ExpectedStatus, LiveCheck};

    fn production() -> Production {
        Production::new(Url::parse("https://api.example.com").expect("a URL")).expect("production")
    }

    fn criteria(checks: &[&str], required_proofs: u32) -> Criteria {
        Criteria {
            local_tests: Vec::new(),
            live_checks: checks.iter().map(|url| LiveCheck::get(*url)).collect(),
            ui_tests: Vec::new(),
            required_proofs: Some(required_proofs),
        }
    }

    fn waived() -> Production {
        Production { health_paths: Some(Vec::new()), ..production() }
    }

    #[test]
    fn a04_a_task_without_a_live_check_of_its_own_is_refused() {
        let error = Requirements::new(&criteria(&[], 3), &Policy::default(), &production()).expect_err("refused");
        assert_eq!(error, RequirementsError::Criteria(CriteriaError::NoLiveCheck));
    }

    #[test]
    fn a05_the_same_place_many_times_can_give_one_proof() {
        let checks = ["/api/users", "/api/users?page=2", "/api/users/", "/api/users#x"];
        let error = Requirements::new(&criteria(&checks, 2), &Policy::default(), &waived()).expect_err("refused");
        assert_eq!(error, RequirementsError::Criteria(CriteriaError::Unreachable { required: 2, possible: 1 }));
        assert!(error.to_string().contains("add 1 more distinct"), "{error}");
    }

    #[test]
    fn a14_required_proofs_below_one_is_refused() {
        let error = Requirements::new(&criteria(&["/x"], 0), &Policy::default(), &production()).expect_err("refused");
        assert_eq!(error, RequirementsError::Criteria(CriteriaError::TooFewProofs(0)));
    }

    #[test]
    fn other_hosts_and_expected_failures_do_not_count() {
        let counts = |check: LiveCheck| {
            let check = check.resolved(Some(&production().url)).expect("resolved");
            why_not_counted(&PreparedCheck::without_expectations(check), &production()).is_none()
        };
        assert!(counts(LiveCheck::get("/x")));
        assert!(!counts(LiveCheck::get("https://other.example.com/x")));
        let gone: ExpectedStatus = "404".parse().expect("status");
        assert!(!counts(LiveCheck::get("/gone").with_expected_status(gone)));
    }

    #[test]
    fn what_middleware_answers_for_every_path_does_not_count() {
        let counts = |check: LiveCheck| {
            let check = check.resolved(Some(&production().url)).expect("resolved");
            why_not_counted(&PreparedCheck::without_expectations(check), &production()).is_none()
        };
        assert!(!counts(LiveCheck::get("/invented").with_method(Method::Options)));
        for name in
            ["Range", "If-None-Match", "X-Original-URL", "x-rewrite-url", "X-Forwarded-Host", "X-HTTP-Method-Override"]
        {
            let mut check = LiveCheck::get("/invented");
            check.headers.insert(name.into(), "/health".into());
            assert!(!counts(check), "{name}");
        }
        let mut plain = LiveCheck::get("/x");
        plain.headers.insert("Accept".into(), "application/json".into());
        assert!(counts(plain));
    }

    #[test]
    fn the_root_counts_once_however_it_is_written() {
        let roots = ["/", "/?x=1", "/./", "https://api.example.com", "https://API.example.com:443/#top"];
        let requirements =
            Requirements::new(&criteria(&roots, 1), &Policy::default(), &waived()).expect("one of its own");
        assert_eq!((requirements.possible_task_proofs(), requirements.possible_proofs()), (1, 1));
    }

    #[test]
    fn a_task_that_asks_for_the_path_of_productions_own_address_asks_for_the_root() {
        let url = Url::parse("https://api.example.com/app/").expect("a URL");
        let production = Production::new(url).expect("production");
        for root in ["/", "https://api.example.com/app", "https://api.example.com/", "/?x=1", "/./"] {
            let requirements = Requirements::new(&criteria(&[root], 1), &Policy::default(), &production).expect(root);
            assert!(!requirements.checklist().iter().any(|item| item.source == ItemSource::Generic), "{root}");
            assert_eq!(requirements.possible_task_proofs(), 1, "{root}");
        }
    }

    #[test]
    fn invented_paths_that_expect_404_are_no_proofs() {
        let gone: ExpectedStatus = "404".parse().expect("status");
        let invented = Criteria {
            live_checks: ["/no/1", "/no/2", "/no/3"]
                .map(|path| LiveCheck::get(path).with_expected_status(gone.clone()))
                .to_vec(),
            ..criteria(&[], 3)
        };
        let error = Requirements::new(&invented, &Policy::default(), &production()).expect_err("refused");
        assert_eq!(
            error,
            RequirementsError::Criteria(CriteriaError::TooFewOfItsOwn {
                required: 1,
                possible: 0,
                why: Some("live_checks[0] https://api.example.com/no/1 accepts 404, not only 2xx or 3xx".to_owned()),
            })
        );
    }

    #[test]
    fn a_check_on_another_origin_is_named_as_the_reason_without_its_query() {
        let elsewhere = criteria(&["http://api.example.com/users?key=planted"], 1);
        let error = Requirements::new(&elsewhere, &Policy::default(), &production()).expect_err("refused").to_string();
        assert!(
            error
                .contains("live_checks[0] http://api.example.com/users is not on production (https://api.example.com)"),
            "{error}"
        );
    }

    #[test]
    fn the_policy_is_a_floor_that_no_task_lowers() {
        let policy = Policy {
            required_proofs: 2,
            local_tests: vec!["cargo test".into()],
            live_checks: vec![LiveCheck::get("/ready-for-orders")],
            ..Policy::default()
        };
        let requirements = Requirements::new(&criteria(&["/x"], 1), &policy, &production()).expect("requirements");
        assert_eq!(requirements.required_proofs(0), 2);
        assert_eq!(requirements.local_tests, ["cargo test"]);
        let own = |tests: &[&str]| Criteria {
            local_tests: tests.iter().map(|test| (*test).to_owned()).collect(),
            ..criteria(&["/x"], 1)
        };
        let equal = Requirements::new(&own(&["cargo test ", "cargo fmt --check"]), &policy, &production());
        assert_eq!(equal.expect("requirements").local_tests, ["cargo test", "cargo fmt --check"]);
        assert_eq!(requirements.checklist().iter().filter(|item| item.source == ItemSource::Policy).count(), 1);
    }
}
