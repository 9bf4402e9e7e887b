//! Checks whether well-formed values make sense. Reasons never show the value.

use std::collections::BTreeMap;

use url::Url;

use crate::domain::{HostPattern, LiveCheck, LiveCheckError, MAX_REQUIRED_PROOFS, Origin, Policy, RequireWord};
use crate::expect::PreparedCheck;

/// The key that is wrong, and the reason.
type Wrong = (String, String);

/// Stands in for production where it is not known: paths can be judged all the same.
pub(super) const ANY_PRODUCTION: &str = "https://production.invalid/";

/// Looks at a policy and returns it with each live check once for each of its users.
///
/// # Errors
/// The key and the reason.
pub(crate) fn policy(
    given: Option<&Policy>,
    production: Option<&Url>,
    production_hosts: &[HostPattern],
) -> Result<Policy, Wrong> {
    let policy = given.cloned().unwrap_or_default();
    let wrong = |key: &str, reason: &str| (format!("policy.{key}"), reason.to_owned());
    for (key, number) in [("required_proofs", policy.required_proofs), ("min_task_proofs", policy.min_task_proofs)] {
        if !(1..=MAX_REQUIRED_PROOFS).contains(&number) {
            return Err((format!("policy.{key}"), format!("it is not between 1 and {MAX_REQUIRED_PROOFS}")));
        }
    }
    if policy.hold_seconds > 600 {
        return Err(wrong("hold_seconds", "it is over 600: give a number from 0 to 600"));
    }
    lines(&policy.local_tests).map_err(|reason| wrong("local_tests", reason))?;
    lines(&policy.ui_tests).map_err(|reason| wrong("ui_tests", reason))?;
    let live_checks = checks("policy.live_checks", &policy.live_checks, production)?;
    for (index, check) in policy.live_checks.iter().enumerate() {
        let on_production = |url: &Url| match production {
            Some(own) => Origin::of(own).is_ok_and(|own| own.contains(url)),
            None => true,
        };
        let elsewhere = Url::parse(check.url.trim())
            .is_ok_and(|url| !on_production(&url) && !production_hosts.iter().any(|host| host.matches(&url)));
        if elsewhere {
            let reason = "it is not a path or URL on production".to_owned();
            return Err((format!("policy.live_checks[{index}].url"), reason));
        }
    }
    Ok(Policy { live_checks, ..policy })
}

/// Refuses words of a policy that no task could ever meet under the other settings.
///
/// # Errors
/// The key, and the reason with what would let it hold.
pub(crate) fn can_hold(
    policy: &Policy,
    has_users: bool,
    no_local_commands: bool,
) -> Result<(), (&'static str, &'static str)> {
    let requires = |word: RequireWord| policy.require.contains(&word);
    if requires(RequireWord::NamedUser) && !has_users {
        return Err((
            "policy.require",
            "`named_user` can never hold, as test_users names nobody: add a test user, or leave the word out",
        ));
    }
    if no_local_commands && (requires(RequireWord::TestsRan) || requires(RequireWord::Strict)) {
        return Err((
            "policy.require",
            "`tests_ran` can never hold with --no-local-commands: leave the flag out, or the word (`strict` has it)",
        ));
    }
    if no_local_commands && !policy.local_tests.is_empty() {
        return Err((
            "policy.local_tests",
            "they can never pass with --no-local-commands: leave the flag out, or the tests",
        ));
    }
    Ok(())
}

/// Looks at suites and returns them with each live check once for each of its users.
///
/// # Errors
/// The key and the reason.
pub(crate) fn suites(
    given: Option<&BTreeMap<String, Vec<LiveCheck>>>,
    production: Option<&Url>,
) -> Result<BTreeMap<String, Vec<LiveCheck>>, Wrong> {
    let suite = |(name, listed): (&String, &Vec<LiveCheck>)| {
        if name.trim().is_empty() || name.chars().any(char::is_control) || listed.is_empty() {
            return Err(("suites".to_owned(), "each suite has a name and at least one live check".to_owned()));
        }
        Ok((name.clone(), checks(&format!("suites.{name}"), listed, production)?))
    };
    given.into_iter().flatten().map(suite).collect()
}

fn checks(key: &str, listed: &[LiveCheck], production: Option<&Url>) -> Result<Vec<LiveCheck>, Wrong> {
    let any = Url::parse(ANY_PRODUCTION).ok();
    let mut all = Vec::with_capacity(listed.len());
    for (index, check) in listed.iter().enumerate() {
        let wrong = |error: LiveCheckError| {
            let field = error.field().map(|field| format!(".{field}")).unwrap_or_default();
            // An address may hold a secret that stands in the wrong place.
            let reason = match error.field() {
                Some("url") => "it is not a path, or an http(s) URL without credentials".to_owned(),
                _ => error.to_string(),
            };
            (format!("{key}[{index}]{field}"), reason)
        };
        let each = check.for_each_user().map_err(wrong)?;
        for one in &each {
            let resolved = one.resolved(production.or(any.as_ref())).map_err(wrong)?;
            PreparedCheck::new(resolved).map_err(|error| {
                (format!("{key}[{index}].{}[{}]", error.field, error.index), error.source.to_string())
            })?;
        }
        all.extend(each);
    }
    Ok(all)
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
