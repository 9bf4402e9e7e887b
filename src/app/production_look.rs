//! A short look at production that nothing records: what `init` proposes by and `doctor` tells. It is no proof of anything.

use std::sync::Arc;

use futures_util::future::{join, join_all};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{Observers, observers};
use crate::config::{Config, Timeouts};
use crate::domain::{
    Actor, DriftAnswer, DriftCheck, DriftKind, DriftReport, LiveCheck, Outcome, SharedClock, SystemClock, one_line,
};
use crate::drift::DriftRequest;
use crate::orchestrator::OrchestratorError;
use crate::validator::Validator;

/// How long each request may take, in milliseconds.
const REQUEST_MS: u64 = 3_000;
/// The most checks that are asked.
const MAX_CHECKS: usize = 20;

/// What production answered.
#[derive(Debug, Clone, Default)]
pub struct ProductionLook {
    /// The status that production's own address answers; nothing when no answer came.
    pub status: Option<u16>,
    /// Why no answer came.
    pub silence: Option<String>,
    /// The path of a health route that says that production is healthy.
    pub health: Option<String>,
    /// Why production says that it is not healthy.
    pub unhealthy: Option<String>,
    /// The path where production tells its commit, and how it says so.
    pub version: Option<(String, String)>,
    /// What came of each check, in their order.
    pub checks: Vec<CheckLook>,
}

/// What came of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckLook {
    /// Its path, or its whole address where that is not on production.
    pub path: String,
    /// Why it did not pass, one line; nothing when it did.
    pub problem: Option<String>,
}

/// Asks production, each request once and briefly: its own address, the health and version routes, and these checks.
/// `health` are more paths that may be health routes.
///
/// # Errors
/// When the settings do not allow to ask anything.
pub async fn look_at_production(
    config: &Config,
    checks: &[LiveCheck],
    health: &[&str],
) -> Result<ProductionLook, OrchestratorError> {
    let timeouts = Timeouts { drift_request_ms: REQUEST_MS, ..config.timeouts };
    let (config, clock): (_, SharedClock) = (Config { timeouts, ..config.clone() }, Arc::new(SystemClock));
    let Observers { validator, drift, production, .. } = observers(&config, Actor::Person, None, &clock)?;
    let Some(production) = production else { return Ok(ProductionLook::default()) };
    let root = asked(&validator, &LiveCheck::get(production.url.as_str()), &production.url).await;
    let status = match root {
        Some((Some(status), _)) => status,
        Some((None, outcome)) => {
            return Ok(ProductionLook { silence: Some(told(&outcome)), ..ProductionLook::default() });
        }
        None => return Ok(ProductionLook::default()),
    };
    let each = checks.iter().take(MAX_CHECKS).map(|check| async {
        let path = check.url.clone();
        let problem = match asked(&validator, check, &production.url).await {
            Some((_, Outcome::Passed)) => None,
            Some((_, outcome)) => Some(told(&outcome)),
            None => Some("it cannot be asked".to_owned()),
        };
        CheckLook { path, problem }
    });
    let request = DriftRequest { kinds: [DriftKind::Health, DriftKind::Version].into(), ..DriftRequest::default() };
    let cancel = CancellationToken::new();
    let (report, checks) = join(drift.check(&request, &cancel), join_all(each)).await;
    let mut look = ProductionLook { status: Some(status), checks, ..ProductionLook::default() };
    look.take(&report);
    for path in health.iter().filter(|_| config.health_paths.is_none()) {
        if look.health.is_some() || look.unhealthy.is_some() {
            break;
        }
        let config = Config { health_paths: Some(vec![(*path).to_owned()]), ..config.clone() };
        let only = DriftRequest { kinds: [DriftKind::Health].into(), ..DriftRequest::default() };
        let report = observers(&config, Actor::Person, None, &clock)?.drift.check(&only, &cancel).await;
        // A path that was only guessed and is not there says nothing.
        look.health =
            found(&report, DriftKind::Health).filter(|check| check.answer == DriftAnswer::Clean).and_then(path_of);
    }
    Ok(look)
}

async fn asked(validator: &Validator, check: &LiveCheck, production: &Url) -> Option<(Option<u16>, Outcome)> {
    let check = LiveCheck { timeout_ms: REQUEST_MS, ..check.clone() };
    let prepared = Validator::prepare(&check, Some(production)).ok()?;
    let run = validator.run_live_check(&prepared, 0, &CancellationToken::new()).await;
    Some((run.response_code, run.outcome))
}

fn told(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Passed => "it passes".to_owned(),
        Outcome::Failed { expected, observed } => one_line(&format!("expected {expected}, got {observed}"), 160),
        Outcome::Unverified { why, .. } => one_line(why, 160),
    }
}

impl ProductionLook {
    fn take(&mut self, report: &DriftReport) {
        match found(report, DriftKind::Health) {
            Some(check) if check.answer == DriftAnswer::Clean => self.health = path_of(check),
            Some(DriftCheck { answer: DriftAnswer::Found { issue, .. }, .. }) => self.unhealthy = Some(issue.clone()),
            _ => {}
        }
        let version = found(report, DriftKind::Version);
        self.version = version.and_then(|check| {
            let build = check.build.as_ref().filter(|build| build.commit.is_some())?;
            Some((path_of(check)?, build.told.clone()))
        });
    }
}

fn found(report: &DriftReport, kind: DriftKind) -> Option<&DriftCheck> {
    report.checks.iter().find(|check| check.kind == kind)
}

fn path_of(check: &DriftCheck) -> Option<String> {
    Some(Url::parse(check.url.as_deref()?).ok()?.path().to_owned())
}
