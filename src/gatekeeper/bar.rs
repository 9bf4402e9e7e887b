//! What a task must meet: its own criteria under the floor of the policy.

use std::collections::HashSet;

use url::Url;

use super::distinct::{Place, normalised_path};
use crate::domain::{
    Criteria, CriteriaError, LiveCheck, LiveCheckError, MAX_REQUIRED_PROOFS, Method, Policy, Production, StatusPattern,
    WELL_KNOWN_HEALTH_PATHS, one_line,
};

/// The bar cannot be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BarError {
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
    /// A check or path of the configuration cannot be used.
    #[error("{key}: {source}")]
    Configured {
        /// The key in the configuration.
        key: String,
        /// Why.
        source: LiveCheckError,
    },
}

/// What a task must meet, with every address absolute.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// The commands of the policy, then the task's own.
    pub local_tests: Vec<String>,
    /// The task's own live checks.
    pub task_checks: Vec<LiveCheck>,
    /// The policy's live checks.
    pub policy_checks: Vec<LiveCheck>,
    /// The health routes.
    pub health_checks: Vec<LiveCheck>,
    /// Whether the configuration names the health routes.
    pub health_configured: bool,
    /// The task's UI tests.
    pub ui_tests: Vec<String>,
    /// The UI tests whose passing counts.
    pub counted_ui_tests: Vec<String>,
    /// How many distinct passing proofs are needed.
    pub required_proofs: u32,
    /// How many of them must be the task's own.
    pub min_task_proofs: u32,
    production: Production,
}

impl Bar {
    /// Sets the bar for criteria under a policy.
    ///
    /// # Errors
    /// When the task has no live check of its own (G1), when more proofs are required than it can ever give (G3), or
    /// when an address cannot be used; the message names the field.
    pub fn new(criteria: &Criteria, policy: &Policy, production: &Production) -> Result<Self, BarError> {
        if let Some(index) = criteria.local_tests.iter().position(|test| test.trim().is_empty()) {
            return Err(CriteriaError::EmptyTest(index).into());
        }
        if criteria.live_checks.is_empty() {
            return Err(CriteriaError::NoLiveCheck.into());
        }
        if criteria.required_proofs < 1 {
            return Err(CriteriaError::TooFewProofs(i64::from(criteria.required_proofs)).into());
        }
        let task_checks = criteria
            .live_checks
            .iter()
            .enumerate()
            .map(|(index, check)| {
                check.resolved(Some(&production.url)).map_err(|source| BarError::LiveCheck { index, source })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let configured = |key: &'static str, path: &str| {
            LiveCheck::get(path)
                .resolved(Some(&production.url))
                .map_err(|source| BarError::Configured { key: key.to_owned(), source })
        };
        let success = crate::domain::ExpectedStatus::new([StatusPattern::Class(2)])
            .map_err(|source| BarError::Configured { key: "policy.live_checks".to_owned(), source })?;
        let policy_checks = policy
            .live_checks
            .iter()
            .map(|path| configured("policy.live_checks", path).map(|check| check.with_expected_status(success.clone())))
            .collect::<Result<Vec<_>, _>>()?;
        let health_paths: Vec<&str> = match &production.health_paths {
            Some(paths) => paths.iter().map(String::as_str).collect(),
            None => WELL_KNOWN_HEALTH_PATHS.to_vec(),
        };
        let health_checks =
            health_paths.into_iter().map(|path| configured("health_paths", path)).collect::<Result<Vec<_>, _>>()?;
        let bar = Self {
            local_tests: policy.local_tests.iter().chain(&criteria.local_tests).cloned().collect(),
            task_checks,
            policy_checks,
            health_checks,
            health_configured: production.health_paths.is_some(),
            ui_tests: criteria.ui_tests.clone(),
            counted_ui_tests: policy.ui_tests.clone(),
            required_proofs: criteria.required_proofs.max(policy.required_proofs).max(1),
            min_task_proofs: policy.min_task_proofs.max(1),
            production: production.clone(),
        };
        bar.check_reachable()?;
        Ok(bar)
    }

    fn check_reachable(&self) -> Result<(), CriteriaError> {
        let own = self.possible_task_proofs();
        if self.min_task_proofs > own {
            let why = self.task_checks.iter().enumerate().find_map(|(index, check)| {
                let why = self.why_not_counted(check)?;
                // Without its query, which may hold a secret.
                let url = Url::parse(&check.url).ok()?;
                let shown = one_line(&format!("{}{}", url.origin().ascii_serialization(), url.path()), 120);
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

    /// Tells whether a live check can count as a proof: on production's origin or an allowed host, accepting nothing
    /// outside 2xx and 3xx, not the root path (nor the path that production's own address has), and asking for the
    /// route itself.
    ///
    /// OPTIONS is answered by middleware for routes that do not exist, and some headers let one route answer under
    /// every path, or cut one page into many: such checks may be required, and prove nothing.
    pub fn counts(&self, check: &LiveCheck) -> bool {
        self.why_not_counted(check).is_none()
    }

    fn why_not_counted(&self, check: &LiveCheck) -> Option<String> {
        let Ok(url) = Url::parse(&check.url) else { return Some("is no URL".to_owned()) };
        if !self.production.covers(&url) {
            return Some(format!("is not on production ({})", self.production.origin));
        }
        if !check.expected_status.accepts_only_success() {
            return Some(format!("accepts {}, not only 2xx or 3xx", check.expected_status));
        }
        if self.is_root(&url) {
            return Some("is the root path, which answers whatever is deployed".to_owned());
        }
        if check.method == Method::Options {
            return Some("asks with OPTIONS, which is answered for routes that do not exist".to_owned());
        }
        let bending = check.headers.keys().find(|name| bends_the_route(name))?;
        Some(format!("sends {bending}, which makes the answer another than the route's"))
    }

    fn is_root(&self, url: &Url) -> bool {
        let path = normalised_path(url.path());
        path == "/" || (self.production.origin.contains(url) && path == normalised_path(self.production.url.path()))
    }

    /// Returns the most distinct proofs that the task's own checks can give.
    pub fn possible_task_proofs(&self) -> u32 {
        self.distinct(self.task_checks.iter())
    }

    /// Returns the most distinct proofs that this bar's checks can give together.
    pub fn possible_proofs(&self) -> u32 {
        let checks = self.task_checks.iter().chain(&self.policy_checks).chain(&self.health_checks);
        let ui = self.ui_tests.iter().filter(|spec| self.counted_ui_tests.contains(spec)).collect::<HashSet<_>>();
        self.distinct(checks).saturating_add(u32::try_from(ui.len()).unwrap_or(u32::MAX))
    }

    fn distinct<'a>(&self, checks: impl Iterator<Item = &'a LiveCheck>) -> u32 {
        let places: HashSet<Place> = checks
            .filter(|check| self.counts(check))
            .filter_map(|check| Place::of(&Url::parse(&check.url).ok()?, check.method, check.body.as_ref()))
            .collect();
        u32::try_from(places.len()).unwrap_or(u32::MAX)
    }

    /// Returns production.
    pub fn production(&self) -> &Production {
        &self.production
    }

    /// Tells whether a health route must pass (G7).
    pub fn needs_health(&self) -> bool {
        !self.health_checks.is_empty()
    }
}

/// Tells whether a header makes an answer something else than the route's: another path or method (IIS, Symfony,
/// Rails, proxies), a part of the page (RFC 9110 §14), or none of it (§13).
fn bends_the_route(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(
        name.as_str(),
        "range" | "forwarded" | "x-original-url" | "x-rewrite-url" | "x-original-host" | "x-host" | "x-method-override"
    ) || name.starts_with("if-")
        || name.starts_with("x-forwarded-")
        || name.starts_with("x-http-method")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ExpectedStatus;

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
        let error = Bar::new(&criteria(&[], 3), &Policy::default(), &production()).expect_err("refused");
        assert_eq!(error, BarError::Criteria(CriteriaError::NoLiveCheck));
    }

    #[test]
    fn a05_the_same_place_many_times_can_give_one_proof() {
        let checks = ["/api/users", "/api/users?page=2", "/api/users/", "/api/users#x"];
        let error = Bar::new(&criteria(&checks, 2), &Policy::default(), &waived()).expect_err("refused");
        assert_eq!(error, BarError::Criteria(CriteriaError::Unreachable { required: 2, possible: 1 }));
        assert!(error.to_string().contains("add 1 more distinct"), "{error}");
    }

    #[test]
    fn a14_required_proofs_below_one_is_refused() {
        let error = Bar::new(&criteria(&["/x"], 0), &Policy::default(), &production()).expect_err("refused");
        assert_eq!(error, BarError::Criteria(CriteriaError::TooFewProofs(0)));
    }

    #[test]
    fn the_root_other_hosts_and_expected_failures_do_not_count() {
        let bar = Bar::new(&criteria(&["/x"], 1), &Policy::default(), &production()).expect("a bar");
        let resolved = |url: &str| LiveCheck::get(url).resolved(Some(&bar.production().url)).expect("resolved");
        assert!(bar.counts(&resolved("/x")));
        assert!(!bar.counts(&resolved("/")));
        assert!(!bar.counts(&resolved("/?x")));
        assert!(!bar.counts(&resolved("https://other.example.com/x")));
        let gone: ExpectedStatus = "404".parse().expect("status");
        assert!(!bar.counts(&resolved("/gone").with_expected_status(gone)));
    }

    #[test]
    fn what_middleware_answers_for_every_path_does_not_count() {
        let bar = Bar::new(&criteria(&["/x"], 1), &Policy::default(), &production()).expect("a bar");
        let resolved = |check: LiveCheck| check.resolved(Some(&bar.production().url)).expect("resolved");
        assert!(!bar.counts(&resolved(LiveCheck::get("/invented").with_method(Method::Options))));
        for name in
            ["Range", "If-None-Match", "X-Original-URL", "x-rewrite-url", "X-Forwarded-Host", "X-HTTP-Method-Override"]
        {
            let mut check = LiveCheck::get("/invented");
            check.headers.insert(name.into(), "/health".into());
            assert!(!bar.counts(&resolved(check)), "{name}");
        }
        let mut plain = LiveCheck::get("/x");
        plain.headers.insert("Accept".into(), "application/json".into());
        assert!(bar.counts(&resolved(plain)));
    }

    #[test]
    fn the_path_of_productions_own_address_is_a_root_as_well() {
        let url = Url::parse("https://api.example.com/app/").expect("a URL");
        let bar = |path: &str| {
            Bar::new(&criteria(&[path], 1), &Policy::default(), &Production::new(url.clone()).expect("production"))
        };
        for root in ["/", "https://api.example.com/app", "https://api.example.com/", "/?x=1", "/./"] {
            assert!(matches!(bar(root), Err(BarError::Criteria(CriteriaError::TooFewOfItsOwn { .. }))), "{root}");
        }
        assert!(bar("/users").is_ok());
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
        let error = Bar::new(&invented, &Policy::default(), &production()).expect_err("refused");
        assert_eq!(
            error,
            BarError::Criteria(CriteriaError::TooFewOfItsOwn {
                required: 1,
                possible: 0,
                why: Some("live_checks[0] https://api.example.com/no/1 accepts 404, not only 2xx or 3xx".to_owned()),
            })
        );
    }

    #[test]
    fn a_check_on_another_origin_is_named_as_the_reason_without_its_query() {
        let elsewhere = criteria(&["http://api.example.com/users?key=planted"], 1);
        let error = Bar::new(&elsewhere, &Policy::default(), &production()).expect_err("refused").to_string();
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
        let bar = Bar::new(&criteria(&["/x"], 1), &policy, &production()).expect("a bar");
        assert_eq!(bar.required_proofs, 2);
        assert_eq!(bar.local_tests, ["cargo test"]);
        assert_eq!(bar.policy_checks.len(), 1);
    }
}
