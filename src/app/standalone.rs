//! The components on their own, for a library's users: executor, validator and detector with the defaults of the
//! product and the rights of a person. What a program configures is composed in [`crate::app`].

use std::path::PathBuf;
use std::sync::Arc;

use url::Url;

use super::{MAX_BODY_BYTES, MAX_CONCURRENT_REQUESTS};
use crate::config::{Environment, Timeouts};
use crate::domain::{
    Actor, LiveCheck, LiveCheckError, Origin, OriginError, Production, Redactor, SystemClock, TestUser, one_line,
};
use crate::drift::{DriftDeps, DriftDetector};
use crate::executor::{CommandPolicy, Executor, ExecutorSettings};
use crate::expect::PreparedCheck;
use crate::outbound::{EgressRule, HttpClient};
use crate::validator::{Validator, ValidatorDeps};

impl Executor {
    /// Makes an executor for a repository that may run every command, as a person may; programs are looked up on this
    /// process's `PATH`, never inside the repository.
    ///
    /// Nothing of a command outlives the call. When this process itself is killed, its commands go on: only a program that
    /// answers as their supervisor ([`ExecutorSettings::supervisor`]) can promise more.
    pub fn new(repository: impl Into<PathBuf>) -> Self {
        Self::with_settings(ExecutorSettings {
            repository: repository.into(),
            search_path: Environment::of_process().value("PATH").unwrap_or_default().to_owned(),
            hidden_variables: Vec::new(),
            redactor: Redactor::default(),
            supervisor: None,
            policy: CommandPolicy::Unrestricted,
        })
    }
}

impl Default for Validator {
    fn default() -> Self {
        Self::new()
    }
}

impl Validator {
    /// Makes a validator whose checks are anonymous. UI tests run in the current folder.
    pub fn new() -> Self {
        validator(None, Vec::new())
    }

    /// Makes a validator whose checks may use test users. Their credentials go to production only.
    pub fn for_users(production: Origin, users: Vec<TestUser>) -> Self {
        validator(Some(production), users)
    }

    /// Reads a check for [`Validator::run_live_check`]; a path is asked for on `production`.
    ///
    /// # Errors
    /// When its address cannot be used, or a line of what it expects cannot be read.
    pub fn prepare(check: &LiveCheck, production: Option<&Url>) -> Result<PreparedCheck, LiveCheckError> {
        PreparedCheck::new(check.resolved(production)?)
            .map_err(|error| LiveCheckError::Field { field: Some("expect".to_owned()), problem: error.to_string() })
    }
}

fn validator(production: Option<Origin>, users: Vec<TestUser>) -> Validator {
    Validator::with_deps(ValidatorDeps {
        http: client(production.clone()),
        executor: Executor::new(Environment::of_process().current_folder),
        users,
        production,
        production_route: None,
        redactor: Redactor::default(),
        clock: Arc::new(SystemClock),
        max_concurrent: MAX_CONCURRENT_REQUESTS,
        ui_timeout_ms: Timeouts::default().ui_ms,
    })
}

impl DriftDetector {
    /// Makes a detector that compares a repository with the production at an http(s) address.
    ///
    /// # Errors
    /// When the address is not http(s), or holds a user name or password.
    pub fn new(prod_url: &str, repository: impl Into<PathBuf>) -> Result<Self, OriginError> {
        let url = Url::parse(prod_url).map_err(|_| OriginError::NotHttp(one_line(prod_url, 120)))?;
        let production = Production::new(url)?;
        let timeouts = Timeouts::default();
        Ok(Self::with_deps(DriftDeps {
            http: client(Some(production.origin.clone())),
            executor: Executor::new(repository),
            production: Some(production),
            users: Vec::new(),
            redactor: Redactor::default(),
            clock: Arc::new(SystemClock),
            database_url_set: Environment::of_process().value("DATABASE_URL").is_some(),
            request_timeout_ms: timeouts.drift_request_ms,
            schema_timeout_ms: timeouts.schema_ms,
            max_concurrent: MAX_CONCURRENT_REQUESTS,
        }))
    }
}

fn client(production: Option<Origin>) -> HttpClient {
    let egress = EgressRule { actor: Actor::Person, production, allowed_hosts: Vec::new(), allow_public: false };
    HttpClient::direct(egress, MAX_BODY_BYTES, MAX_CONCURRENT_REQUESTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detector_needs_an_address_that_can_be_asked() {
        assert!(DriftDetector::new("https://api.example.com", ".").is_ok());
        for (address, why) in [
            ("nonsense", "`nonsense` has no http(s) origin"),
            ("ftp://x/", "`ftp://x/` has no http(s) origin"),
            ("https://me:pw@x/", "production's address must not contain a user name or password"),
        ] {
            assert_eq!(
                DriftDetector::new(address, ".").map(|_| ()).map_err(|error| error.to_string()),
                Err(why.into())
            );
        }
    }
}
