//! What a task must meet: its own criteria under the floor of the policy.

use std::collections::HashSet;

use super::checklist::generate_checklist;
use super::proof_key::ProofKey;
use crate::domain::{
    ChecklistItem, ChecklistTarget, Criteria, CriteriaError, ItemSource, LiveCheckError, MAX_REQUIRED_PROOFS, Method,
    Policy, Production, ResolvedCheck, RouteKey, one_line,
};

/// The requirements cannot be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequirementsError {
    /// The task's criteria cannot be used.
    #[error(transparent)]
    Criteria(#[from] CriteriaError),
    /// One of the task's live checks cannot be used.
    #[error("live_checks[{index}]: {source}")]
    LiveCheck {
        /// Which one, from 0.
        index: usize,
        /// Why.
        source: LiveCheckError,
    },
    /// A live check of the policy cannot be used.
    #[error("policy.live_checks: {source}")]
    Policy {
        /// Why.
        source: LiveCheckError,
    },
}

impl RequirementsError {
    /// Returns the name of the request's field that is wrong; none when it is the policy's.
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::Criteria(error) => Some(error.field()),
            Self::LiveCheck { .. } => Some("live_checks"),
            Self::Policy { .. } => None,
        }
    }
}

/// What a task must meet: its criteria and the policy, resolved once, with the checklist that comes of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Requirements {
    /// The commands of the policy, then the task's own.
    pub local_tests: Vec<String>,
    /// How many distinct passing proofs are needed.
    pub required_proofs: u32,
    /// How many of them must be the task's own.
    pub min_task_proofs: u32,
    checklist: Vec<ChecklistItem>,
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
        if criteria.required_proofs < 1 {
            return Err(CriteriaError::TooFewProofs(i64::from(criteria.required_proofs)).into());
        }
        let requirements = Self {
            local_tests: policy.local_tests.iter().chain(&criteria.local_tests).cloned().collect(),
            required_proofs: criteria.required_proofs.max(policy.required_proofs).max(1),
            min_task_proofs: policy.min_task_proofs.max(1),
            checklist: generate_checklist(criteria, policy, production)?,
            production: production.clone(),
        };
        requirements.check_reachable()?;
        Ok(requirements)
    }

    fn check_reachable(&self) -> Result<(), CriteriaError> {
        let own = self.possible_task_proofs();
        if self.min_task_proofs > own {
            let why = self.task_checks().enumerate().find_map(|(index, check)| {
                let why = why_not_counted(check, &self.production)?;
                // Without its query, which may hold a secret.
                let shown = one_line(&format!("{}{}", check.origin(), check.url().path()), 120);
                Some(format!("live_checks[{index}] {shown} {why}"))
            });
            return Err(CriteriaError::TooFewOfItsOwn { required: self.min_task_proofs, possible: own, why });
        }
        let possible = self.possible_proofs();
        if self.required_proofs > possible || self.required_proofs > MAX_REQUIRED_PROOFS {
            return Err(CriteriaError::Unreachable { required: self.required_proofs, possible });
        }
        Ok(())
    }

    /// Returns everything that is looked at before a cutover, in order.
    pub fn checklist(&self) -> &[ChecklistItem] {
        &self.checklist
    }

    /// Returns the task's own live checks, in order.
    pub fn task_checks(&self) -> impl Iterator<Item = &ResolvedCheck> {
        self.checklist.iter().filter(|item| item.source == ItemSource::Task).filter_map(ChecklistItem::check)
    }

    /// Returns the most distinct proofs that the task's own checks can give.
    pub fn possible_task_proofs(&self) -> u32 {
        distinct_proofs(self.checklist.iter().filter(|item| item.source == ItemSource::Task && item.check().is_some()))
    }

    /// Returns the most distinct proofs that all checks can give together.
    pub fn possible_proofs(&self) -> u32 {
        distinct_proofs(self.checklist.iter())
    }

    /// Returns production.
    pub fn production(&self) -> &Production {
        &self.production
    }

    /// Tells whether a health route must pass (G7).
    pub fn needs_health(&self) -> bool {
        self.checklist.iter().any(|item| item.source == ItemSource::Health)
    }
}

fn distinct_proofs<'a>(items: impl Iterator<Item = &'a ChecklistItem>) -> u32 {
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

/// Tells whether a live check can count as a proof: on production's origin or an allowed host, accepting nothing
/// outside 2xx and 3xx, not the root path (nor the path that production's own address has), and asking for the
/// route itself.
///
/// OPTIONS is answered by middleware for routes that do not exist, and some headers let one route answer under
/// every path, or cut one page into many. Such checks may be required, but they prove nothing.
pub(super) fn counts(check: &ResolvedCheck, production: &Production) -> bool {
    why_not_counted(check, production).is_none()
}

fn why_not_counted(check: &ResolvedCheck, production: &Production) -> Option<String> {
    if !production.covers(check.url()) {
        return Some(format!("is not on production ({})", production.origin));
    }
    if !check.expected_status().accepts_only_success() {
        return Some(format!("accepts {}, not only 2xx or 3xx", check.expected_status()));
    }
    let route = check.route();
    if route.path() == "/" || route == RouteKey::of(&production.url) {
        return Some("is the root path, which answers whatever is deployed".to_owned());
    }
    if check.method() == Method::Options {
        return Some("asks with OPTIONS, which is answered for routes that do not exist".to_owned());
    }
    let altering = check.headers().iter().map(|(name, _)| name.as_str()).find(|name| alters_routing(name))?;
    Some(format!("sends {altering}, which makes the answer another than the route's"))
}

/// Tells whether a header (in lower case) makes an answer something else than the route's: another path or method
/// (IIS, Symfony, Rails, proxies), a part of the page (RFC 9110 §14), or none of it (§13).
fn alters_routing(name: &str) -> bool {
    matches!(
        name,
        "range" | "forwarded" | "x-original-url" | "x-rewrite-url" | "x-original-host" | "x-host" | "x-method-override"
    ) || name.starts_with("if-")
        || name.starts_with("x-forwarded-")
        || name.starts_with("x-http-method")
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
            required_proofs,
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
    fn the_root_other_hosts_and_expected_failures_do_not_count() {
        let counts = |check: LiveCheck| {
            super::counts(&check.resolved(Some(&production().url)).expect("resolved"), &production())
        };
        assert!(counts(LiveCheck::get("/x")));
        assert!(!counts(LiveCheck::get("/")));
        assert!(!counts(LiveCheck::get("/?x")));
        assert!(!counts(LiveCheck::get("https://other.example.com/x")));
        let gone: ExpectedStatus = "404".parse().expect("status");
        assert!(!counts(LiveCheck::get("/gone").with_expected_status(gone)));
    }

    #[test]
    fn what_middleware_answers_for_every_path_does_not_count() {
        let counts = |check: LiveCheck| {
            super::counts(&check.resolved(Some(&production().url)).expect("resolved"), &production())
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
    fn the_path_of_productions_own_address_is_a_root_as_well() {
        let url = Url::parse("https://api.example.com/app/").expect("a URL");
        let requirements = |path: &str| {
            Requirements::new(
                &criteria(&[path], 1),
                &Policy::default(),
                &Production::new(url.clone()).expect("production"),
            )
        };
        for root in ["/", "https://api.example.com/app", "https://api.example.com/", "/?x=1", "/./"] {
            assert!(
                matches!(requirements(root), Err(RequirementsError::Criteria(CriteriaError::TooFewOfItsOwn { .. }))),
                "{root}"
            );
        }
        assert!(requirements("/users").is_ok());
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
            live_checks: vec!["/ready-for-orders".into()],
            ..Policy::default()
        };
        let requirements = Requirements::new(&criteria(&["/x"], 1), &policy, &production()).expect("requirements");
        assert_eq!(requirements.required_proofs, 2);
        assert_eq!(requirements.local_tests, ["cargo test"]);
        assert_eq!(requirements.checklist().iter().filter(|item| item.source == ItemSource::Policy).count(), 1);
    }
}
