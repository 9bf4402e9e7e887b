//! Checks whether well-formed values make sense. Reasons never show the value.

use url::Url;

use crate::domain::{LiveCheck, MAX_REQUIRED_PROOFS, Origin, Policy};

/// Looks at a policy; its checks can be looked at only when production is known.
///
/// # Errors
/// The key and the reason.
pub(crate) fn policy(policy: &Policy, production: Option<&Url>) -> Result<(), (String, String)> {
    let wrong = |key: &str, reason: &str| (format!("policy.{key}"), reason.to_owned());
    for (key, number) in [("required_proofs", policy.required_proofs), ("min_task_proofs", policy.min_task_proofs)] {
        if !(1..=MAX_REQUIRED_PROOFS).contains(&number) {
            return Err((format!("policy.{key}"), format!("it is not between 1 and {MAX_REQUIRED_PROOFS}")));
        }
    }
    lines(&policy.local_tests).map_err(|reason| wrong("local_tests", reason))?;
    lines(&policy.ui_tests).map_err(|reason| wrong("ui_tests", reason))?;
    lines(&policy.live_checks).map_err(|reason| wrong("live_checks", reason))?;
    let Some(production) = production else { return Ok(()) };
    for check in &policy.live_checks {
        let resolved = LiveCheck::get(check).resolved(Some(production));
        let on_production = |origin: &Origin| Origin::of(production).is_ok_and(|own| own == *origin);
        if !resolved.is_ok_and(|check| on_production(check.origin())) {
            return Err(wrong("live_checks", "it holds something that is not a path or URL on production"));
        }
    }
    Ok(())
}

/// Looks at paths on production.
///
/// # Errors
/// The reason.
pub(crate) fn paths(paths: &[String]) -> Result<(), &'static str> {
    let good = |path: &String| {
        path.starts_with('/') && !path.starts_with("//") && !path.chars().any(|one| one.is_control() || one == ' ')
    };
    if paths.iter().all(good) { Ok(()) } else { Err("it holds something that is not a path such as /health") }
}

/// Looks at commands, specs and other lines.
///
/// # Errors
/// The reason.
pub(crate) fn lines(lines: &[String]) -> Result<(), &'static str> {
    let good = |line: &String| !line.trim().is_empty() && !line.chars().any(|one| one.is_control() && one != '\t');
    if lines.iter().all(good) { Ok(()) } else { Err("it holds an empty line or control characters") }
}
