//! Test users: their credentials come from variables that are meant for it, and from no other.

use std::collections::BTreeMap;

use url::Url;

use super::env::Environment;
use super::error::{ConfigError, SettingSource};
use super::file::{FileBasic, FileTestUser};
use super::login;
use crate::domain::{ANONYMOUS, BasicCredential, Credential, HostPattern, Login, SecretText, TestUser};

/// What the names of variables for test users begin with.
pub(crate) const TEST_VARIABLE_PREFIX: &str = "SNIPARA_TEST_";
/// The shortest value of a variable that names somebody and is a secret: a shorter one may be a word such as `admin`.
const MIN_NAME_LENGTH: usize = 8;
/// What the names of variables hold that name somebody.
const NAMING: [&str; 6] = ["USER", "LOGIN", "MAIL", "NAME", "TENANT", "REALM"];

/// What test users may do and read.
pub(crate) struct UserRules<'a> {
    /// Where they were given.
    pub(crate) given: SettingSource,
    /// Variables that `--credential-env` names.
    pub(crate) credential_variables: &'a [String],
    /// The variables.
    pub(crate) environment: &'a Environment,
    /// Production, when it is known.
    pub(crate) production: Option<&'a Url>,
    /// Hosts that a login may lead to beside it.
    pub(crate) hosts: &'a [HostPattern],
}

impl UserRules<'_> {
    /// Makes the error of a value of a user.
    pub(super) fn wrong(&self, key: impl Into<String>, reason: impl Into<String>) -> ConfigError {
        ConfigError::value(self.given.clone(), key, reason)
    }

    /// Reads a variable that is meant for credentials; nothing when it is not set.
    pub(super) fn read(&self, key: &str, variable: &str) -> Result<Option<SecretText>, ConfigError> {
        let value = credential(&self.given, key, variable, self.credential_variables, self.environment)?;
        Ok(value.map(SecretText::new))
    }
}

/// Reads the listed test users with their credentials.
///
/// # Errors
/// A shape that is none of the four, a variable that is not meant for test users, a credential that a header cannot carry, a
/// login that cannot work.
pub(crate) fn test_users(
    rules: &UserRules<'_>,
    users: &BTreeMap<String, FileTestUser>,
) -> Result<Vec<TestUser>, ConfigError> {
    users.iter().map(|(name, user)| test_user(rules, name, user)).collect()
}

fn test_user(rules: &UserRules<'_>, name: &str, user: &FileTestUser) -> Result<TestUser, ConfigError> {
    let key = |last: &str| format!("test_users.{name}.{last}");
    let wrong = |last: &str, reason: &str| rules.wrong(key(last), reason);
    if name.trim().is_empty() || name == ANONYMOUS || name.chars().any(char::is_control) {
        return Err(rules.wrong("test_users", "a user's name is empty, `anonymous` or unprintable"));
    }
    let read = |last: &str, variable: &str| match rules.read(&key(last), variable)? {
        Some(text) if http::HeaderValue::from_str(text.expose()).is_err() => Err(ConfigError::value(
            SettingSource::Variable(variable.to_owned()),
            key(last),
            "the variable holds characters that a header cannot carry",
        )),
        value => Ok(value.ok_or_else(|| Credential::Missing { variable: variable.to_owned() })),
    };
    let credential = match (&user.bearer_env, &user.header, &user.value_env, &user.basic, &user.login) {
        (Some(variable), None, None, None, None) => read("bearer_env", variable)?.map(Credential::Bearer),
        (None, Some(header), Some(variable), None, None) => {
            if http::HeaderName::from_bytes(header.as_bytes()).is_err() {
                return Err(wrong("header", "it is not a header name"));
            }
            let named = |value| Credential::Header { name: header.clone(), value };
            read("value_env", variable)?.map(named)
        }
        (None, None, None, Some(given), None) => basic(rules, &key("basic"), given)?.map(Credential::Basic),
        (None, None, None, given, Some(requests)) => {
            let basic = given.as_ref().map(|given| basic(rules, &key("basic"), given)).transpose()?;
            let login = login::login(rules, name, requests, user.headers.clone().unwrap_or_default())?;
            match (basic, login) {
                (Some(Err(missing)), _) | (_, Err(missing)) => Err(missing),
                (basic, Ok(login)) => {
                    let basic = basic.and_then(Result::ok);
                    Ok(Credential::Login(Box::new(Login { basic, ..login })))
                }
            }
        }
        _ => {
            let reason = "give one of bearer_env, header with value_env, basic, and login";
            return Err(rules.wrong(format!("test_users.{name}"), reason));
        }
    };
    if user.headers.is_some() && user.login.is_none() {
        return Err(wrong("headers", "it stands beside login: it says what checks send after it"));
    }
    let usual = TestUser::new(name, credential.unwrap_or_else(|missing| missing));
    let methods = match &user.methods {
        None => usual.methods.clone(),
        Some(names) => names
            .iter()
            .map(|method| method.parse().map_err(|_| wrong("methods", "it holds something that is no HTTP method")))
            .collect::<Result<_, _>>()?,
    };
    let whoami = user.whoami.as_ref().map(|check| login::whoami(rules, name, check)).transpose()?;
    Ok(TestUser { methods, whoami, ..usual })
}

/// Reads a name and a password; the variable that is not set instead.
fn basic(
    rules: &UserRules<'_>,
    key: &str,
    given: &FileBasic,
) -> Result<Result<BasicCredential, Credential>, ConfigError> {
    let (user_key, password_key) = (format!("{key}.user_env"), format!("{key}.password_env"));
    let user = rules.read(&user_key, &given.user_env)?;
    let password = rules.read(&password_key, &given.password_env)?;
    if user.as_ref().is_some_and(|user| user.expose().contains(':')) {
        let source = SettingSource::Variable(given.user_env.clone());
        return Err(ConfigError::value(source, user_key, "the name holds a colon, which ends it (RFC 7617)"));
    }
    let missing = |variable: &str| Credential::Missing { variable: variable.to_owned() };
    Ok(match (user, password) {
        (None, _) => Err(missing(&given.user_env)),
        (_, None) => Err(missing(&given.password_env)),
        (Some(user), Some(password)) => Ok(BasicCredential { user, password }),
    })
}

/// Returns what of a test user is secret by its value.
pub(crate) fn secrets_of(user: &TestUser) -> Vec<SecretText> {
    let basic = |basic: &BasicCredential| vec![basic.password.clone(), SecretText::new(basic.encoded())];
    match &user.credential {
        Credential::Bearer(secret) | Credential::Header { value: secret, .. } => vec![secret.clone()],
        Credential::Basic(given) => basic(given),
        Credential::Login(login) => {
            let is_word = |(name, value): &(&String, &SecretText)| {
                let names_somebody = NAMING.iter().any(|part| name.to_ascii_uppercase().contains(part));
                names_somebody && value.expose().len() < MIN_NAME_LENGTH
            };
            let variables = login.variables.iter().filter(|variable| !is_word(variable));
            let variables = variables.map(|(_, value)| value.clone());
            variables.chain(login.basic.iter().flat_map(basic)).collect()
        }
        Credential::Missing { .. } => Vec::new(),
    }
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

/// Returns the variables that test users read, all that are named like theirs, and those that flags name. A name and a password,
/// and the variables of a login, are among them: they are read only where they are.
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
