//! Whether production would let a task be done now: one look, which nothing records.

use super::{missing, not_needed, works};
use crate::app::{self, ProductionLook};
use crate::cli::render::Finding;
use crate::config::Config;
use crate::domain::{LiveCheck, pluralize};

/// The most checks whose failures are told one by one.
const MOST_TOLD: usize = 3;

/// Looks at production, its health, its version and the checks of the suites.
pub(super) async fn production(config: &Config) -> Vec<Finding> {
    let Some(url) = &config.prod_url else {
        let fix = "snipara-orchestrator init --prod-url URL";
        return vec![missing("production", true, "prod_url is not set", fix), suites(config, None, &[])];
    };
    let fix = format!("start it, or correct the address: snipara-orchestrator init --prod-url {url} --yes");
    let checks: Vec<LiveCheck> = config.suites.values().flatten().filter(|check| is_asked(check)).cloned().collect();
    let look = match app::look_at_production(config, &checks, &[]).await {
        Ok(look) => look,
        Err(error) => return vec![missing("production", true, error.to_string(), error.hint())],
    };
    let Some(status) = look.status else {
        let why = look.silence.unwrap_or_default();
        return vec![missing("production", true, format!("{url}: {why}"), fix), suites(config, None, &[])];
    };
    let answers = works("production", true, format!("{url} answers {status}"));
    vec![answers, health(config, &look), version(&look), suites(config, Some(&look), &checks)]
}

/// A check that only looks, and that anybody may ask.
fn is_asked(check: &LiveCheck) -> bool {
    check.is_safe() && check.user.is_none() && check.capture.is_empty()
}

fn health(config: &Config, look: &ProductionLook) -> Finding {
    match (&look.unhealthy, &look.health) {
        (Some(issue), _) => missing("health", true, issue.clone(), "read production's logs, and repair or deploy it"),
        (None, Some(path)) => works("health", false, format!("{path} says healthy")),
        (None, None) if config.health_paths.as_ref().is_some_and(|paths| !paths.is_empty()) => {
            let fix = "deploy the routes of health_paths, or correct them";
            missing("health", true, "no route of health_paths says that production is healthy", fix)
        }
        (None, None) => not_needed("health", "production offers no health route that is known"),
    }
}

fn version(look: &ProductionLook) -> Finding {
    match &look.version {
        Some((_, told)) => works("version", false, told.clone()),
        None => {
            let fix = "let /version answer the git commit, and a DONE says which build it proves";
            missing("version", false, "production does not tell which commit it runs", fix)
        }
    }
}

/// What the suites would be judged as. Without one a task names its own checks.
fn suites(config: &Config, look: Option<&ProductionLook>, asked: &[LiveCheck]) -> Finding {
    if config.suites.is_empty() {
        let fix = "snipara-orchestrator init --yes, or name what was deployed: snipara-orchestrator run TITLE --endpoint /PATH";
        return missing("suites", false, "no checks are configured", fix);
    }
    let names = config.suites.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    let count = config.suites.values().map(Vec::len).sum::<usize>();
    let all = format!("{names}: {}", pluralize(u64::try_from(count).unwrap_or_default(), "check", "checks"));
    let Some(look) = look else { return not_needed("suites", format!("{all}, not asked")) };
    let failing: Vec<String> =
        look.checks.iter().filter_map(|check| Some(format!("{} ({})", check.path, check.problem.as_ref()?))).collect();
    if failing.is_empty() {
        let asked = if asked.len() == count { String::new() } else { format!(", {} asked", asked.len()) };
        return works("suites", true, format!("{all}{asked}; they pass now"));
    }
    let more = failing.len().saturating_sub(MOST_TOLD);
    let mut told = failing.into_iter().take(MOST_TOLD).collect::<Vec<_>>().join("; ");
    if more > 0 {
        told.push_str(&format!("; and {more} more"));
    }
    missing(
        "suites",
        true,
        format!("{names}: {told}"),
        "deploy what they ask for, or correct them in the configuration",
    )
}
