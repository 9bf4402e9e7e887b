//! Test users: their credentials come from variables that are meant for it, and from no other.

use std::collections::BTreeMap;

use super::env::Environment;
use super::error::{ConfigError, SettingSource};
use super::file::FileTestUser;
use crate::domain::{ANONYMOUS, Credential, Method, SecretText, TestUser};

/// What the names of variables for test users begin with.
pub(crate) const TEST_VARIABLE_PREFIX: &str = "SNIPARA_TEST_";

/// Reads the listed test users with their credentials.
///
/// # Errors
/// A shape that is neither bearer nor header, a variable that is not meant for test users, a credential that a header
/// cannot carry.
pub(crate) fn test_users(
    given: &SettingSource,
    users: &BTreeMap<String, FileTestUser>,
    credential_variables: &[String],
    environment: &Environment,
) -> Result<Vec<TestUser>, ConfigError> {
    users.iter().map(|(name, user)| test_user(given, name, user, credential_variables, environment)).collect()
}

fn test_user(
    given: &SettingSource,
    name: &str,
    user: &FileTestUser,
    credential_variables: &[String],
    environment: &Environment,
) -> Result<TestUser, ConfigError> {
    let key = |last: &str| format!("test_users.{name}.{last}");
    let wrong = |last: &str, reason: &str| ConfigError::value(given.clone(), key(last), reason);
    if name.trim().is_empty() || name == ANONYMOUS || name.chars().any(char::is_control) {
        let reason = "a user's name is empty, `anonymous` or unprintable";
        return Err(ConfigError::value(given.clone(), "test_users", reason));
    }
    let read = |last: &str, variable: &str| {
        let value = credential(given, &key(last), variable, credential_variables, environment)?;
        match value {
            Some(text) if http::HeaderValue::from_str(text).is_err() => Err(ConfigError::value(
                SettingSource::Variable(variable.to_owned()),
                key(last),
                "the variable holds characters that a header cannot carry",
            )),
            _ => Ok(value.map(SecretText::new)),
        }
    };
    let credential = match (&user.bearer_env, &user.header, &user.value_env) {
        (Some(variable), None, None) => read("bearer_env", variable)?
            .map_or_else(|| Credential::Missing { variable: variable.clone() }, Credential::Bearer),
        (None, Some(header), Some(variable)) => {
            if http::HeaderName::from_bytes(header.as_bytes()).is_err() {
                return Err(wrong("header", "it is not a header name"));
            }
            match read("value_env", variable)? {
                Some(value) => Credential::Header { name: header.clone(), value },
                None => Credential::Missing { variable: variable.clone() },
            }
        }
        _ => return Err(wrong("bearer_env", "give either bearer_env, or header and value_env")),
    };
    let methods = match &user.methods {
        None => vec![Method::Get, Method::Head, Method::Options],
        Some(names) => names
            .iter()
            .map(|method| method.parse().map_err(|_| wrong("methods", "it holds something that is no HTTP method")))
            .collect::<Result<_, _>>()?,
    };
    Ok(TestUser { name: name.to_owned(), credential, methods })
}

/// Reads a variable that is meant for credentials of production: named SNIPARA_TEST_…, or by --credential-env.
///
/// # Errors
/// When it is another variable, or not text.
pub(crate) fn credential<'e>(
    given: &SettingSource,
    key: &str,
    variable: &str,
    credential_variables: &[String],
    environment: &'e Environment,
) -> Result<Option<&'e str>, ConfigError> {
    let allowed =
        variable.starts_with(TEST_VARIABLE_PREFIX) || credential_variables.iter().any(|known| known == variable);
    if !allowed {
        let (key, variable) = (key.to_owned(), variable.to_owned());
        return Err(ConfigError::ForbiddenVariable { given: given.clone(), key, variable });
    }
    environment.text(variable)
}

/// Returns the variables that test users read, all that are named like theirs, and those that flags name.
pub(crate) fn credential_variables(
    users: Option<&BTreeMap<String, FileTestUser>>,
    flags: &[String],
    environment: &Environment,
) -> Vec<String> {
    let named = users.into_iter().flatten().flat_map(|(_, user)| user.bearer_env.iter().chain(&user.value_env));
    let by_name = environment.variables.keys().filter_map(|name| name.to_str());
    let by_name = by_name.filter(|name| name.starts_with(TEST_VARIABLE_PREFIX)).map(str::to_owned);
    let mut all: Vec<String> = named.chain(flags).cloned().chain(by_name).collect();
    all.sort_unstable();
    all.dedup();
    all
}
