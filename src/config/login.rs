//! The logins of test users, read whole before anything runs: what can be seen to fail is told with its key.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::check::ANY_PRODUCTION;
use super::error::ConfigError;
use super::users::UserRules;
use crate::domain::{
    Credential, LiveCheck, LiveCheckError, Login, Origin, ResolvedCheck, SecretText, Timestamp, one_line,
};
use crate::expect::{CheckCapture, PreparedCheck, marks_of};

/// The most requests of a login.
const MOST_REQUESTS: usize = 10;
/// Where values are put in.
const FIELDS: [&str; 3] = ["url", "headers", "body"];

/// Reads a login; the variable that is not set instead.
///
/// # Errors
/// A request that cannot be read, a value that no request before it captures, a variable that is not meant for test users, an
/// origin that no person named.
pub(super) fn login(
    rules: &UserRules<'_>,
    name: &str,
    requests: &[LiveCheck],
    headers: BTreeMap<String, String>,
) -> Result<Result<Login, Credential>, ConfigError> {
    let key = |index: usize| format!("test_users.{name}.login[{index}]");
    if requests.is_empty() || requests.len() > MOST_REQUESTS {
        let reason = format!("it has {} requests: give 1 to {MOST_REQUESTS}", requests.len());
        return Err(rules.wrong(format!("test_users.{name}.login"), reason));
    }
    let mut values = Values { rules, captured: BTreeSet::new(), variables: BTreeMap::new(), missing: None };
    let mut resolved = Vec::with_capacity(requests.len());
    for (index, request) in requests.iter().enumerate() {
        let (check, prepared) = read(rules, &key(index), request)?;
        if rules.production.is_some() && !may_log_in_at(rules, check.url()) {
            let origin = one_line(&check.origin().to_string(), 120);
            let reason = format!(
                "{origin} is neither production nor one of production_hosts and allowed_hosts: a person adds its host to \
                 allowed_hosts"
            );
            return Err(rules.wrong(format!("{}.url", key(index)), reason));
        }
        for (field, mark) in marks_of(request) {
            values.take(&format!("{}.{field}", key(index)), field, &mark)?;
        }
        values.captured.extend(prepared.captures().iter().map(CheckCapture::name).map(str::to_owned));
        resolved.push(if rules.production.is_some() { check.into_asked() } else { request.clone() });
    }
    let key = format!("test_users.{name}.headers");
    let shown = LiveCheck { headers: headers.clone(), ..LiveCheck::get("/") };
    shown.check().map_err(|error| rules.wrong(key.as_str(), error.to_string()))?;
    for (field, mark) in marks_of(&shown) {
        values.take(&key, field, &mark)?;
    }
    let Values { variables, missing, .. } = values;
    Ok(match missing {
        Some(variable) => Err(Credential::Missing { variable }),
        None => Ok(Login { requests: resolved, headers, variables, basic: None }),
    })
}

/// Reads the check that shows who is logged in.
///
/// # Errors
/// When it cannot be read, lies elsewhere than on production, or would pass for anybody.
pub(super) fn whoami(rules: &UserRules<'_>, name: &str, given: &LiveCheck) -> Result<LiveCheck, ConfigError> {
    let key = format!("test_users.{name}.whoami");
    let (check, prepared) = read(rules, &key, given)?;
    if let Some((field, mark)) = marks_of(given).first() {
        let reason = format!("{{{{{}}}}} cannot stand in it: it is asked as it is written", one_line(mark, 60));
        return Err(rules.wrong(format!("{key}.{field}"), reason));
    }
    if rules.production.is_some_and(|production| Origin::of(production).is_ok_and(|own| !own.contains(check.url()))) {
        return Err(
            rules.wrong(format!("{key}.url"), "it is not a path or URL on production: credentials go nowhere else")
        );
    }
    let now = Timestamp::from_micros(0);
    if !prepared.expectations().iter().any(|line| line.tells_apart(now)) {
        let reason = "no line says what only this user is answered, such as jsonpath $.email == 'ada@example.com'";
        return Err(rules.wrong(format!("{key}.expect"), reason));
    }
    Ok(if rules.production.is_some() { check.into_asked() } else { given.clone() })
}

/// Reads a check of a test user.
fn read(rules: &UserRules<'_>, key: &str, given: &LiveCheck) -> Result<(ResolvedCheck, PreparedCheck), ConfigError> {
    if given.user.is_some() || given.users.is_some() {
        return Err(rules.wrong(format!("{key}.user"), "it is asked as the test user that it belongs to: leave it out"));
    }
    let any = Url::parse(ANY_PRODUCTION).ok();
    let check = given.resolved(rules.production.or(any.as_ref())).map_err(|error| {
        let field = error.field().map(|field| format!(".{field}")).unwrap_or_default();
        // An address may hold a secret that stands in the wrong place.
        let reason = match (&error, error.field()) {
            (LiveCheckError::CaptureInOrigin, _) => error.to_string(),
            (_, Some("url")) => "it is not a path, or an http(s) URL without credentials".to_owned(),
            _ => error.to_string(),
        };
        rules.wrong(format!("{key}{field}"), reason)
    })?;
    let prepared = PreparedCheck::new(check.clone())
        .map_err(|error| rules.wrong(format!("{key}.{}[{}]", error.field, error.index), error.source.to_string()))?;
    if prepared.expectations().iter().any(|line| line.schema_file().is_some()) {
        return Err(
            rules.wrong(format!("{key}.expect"), "a schema's file cannot be read here: write the schema itself")
        );
    }
    Ok((check, prepared))
}

/// Tells whether a person named the origin of an address: production, or a host beside it.
fn may_log_in_at(rules: &UserRules<'_>, url: &Url) -> bool {
    let is_production = rules.production.is_some_and(|own| Origin::of(own).is_ok_and(|own| own.contains(url)));
    is_production || rules.hosts.iter().any(|host| host.matches(url))
}

/// What may stand between `{{` and `}}` so far.
struct Values<'a> {
    rules: &'a UserRules<'a>,
    captured: BTreeSet<String>,
    variables: BTreeMap<String, SecretText>,
    missing: Option<String>,
}

impl Values<'_> {
    fn take(&mut self, key: &str, field: &str, mark: &str) -> Result<(), ConfigError> {
        let shown = one_line(mark, 60);
        if !FIELDS.contains(&field) {
            let reason = format!("{{{{{shown}}}}} cannot stand in it: values are put into url, headers and body");
            return Err(self.rules.wrong(key, reason));
        }
        if let Some(variable) = mark.strip_prefix("env:") {
            match self.rules.read(key, variable)? {
                Some(value) => drop(self.variables.insert(variable.to_owned(), value)),
                None => self.missing = self.missing.take().or_else(|| Some(variable.to_owned())),
            }
            return Ok(());
        }
        if self.captured.contains(mark) {
            return Ok(());
        }
        let reason = format!(
            "{{{{{shown}}}}} is captured by no request before it: add `capture: [\"{shown}: jsonpath $.{shown}\"]` to one, or \
             write {{{{env:NAME}}}} for a variable"
        );
        Err(self.rules.wrong(key, reason))
    }
}
