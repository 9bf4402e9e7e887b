//! The digest of the settings that decide what a task must meet.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::{Value, json};

use super::error::ConfigError;
use super::settings::Config;
use crate::domain::{Credential, HostPattern, LiveCheck, TestUser, canonical_json, sha256_hex};

/// The most bytes of a file with authorities that are looked at; the system's whole bundle has a quarter of it.
const MAX_AUTHORITIES_BYTES: u64 = 1_048_576;

/// Returns the digest of everything in force that decides what a task must meet. Names of test users are in it, their
/// credentials and other secrets are not.
///
/// # Errors
/// When the file with authorities cannot be read.
pub(crate) fn config_digest(config: &Config) -> Result<String, ConfigError> {
    let users: Vec<Value> = config.test_users.iter().map(user_document).collect();
    let written = |hosts: &[HostPattern]| -> Vec<String> { hosts.iter().map(ToString::to_string).collect() };
    let resolve: Vec<String> =
        config.resolve.iter().map(|(host, port, address)| format!("{host}:{port}={address}")).collect();
    let mut document = json!({
        "format": 1,
        "prod_url": config.prod_url.as_ref().map(|url| url.as_str()),
        "policy": config.policy,
        "suites": config.suites,
        "health_paths": config.health_paths,
        "version": config.version,
        "deploy_paths": config.deploy_paths,
        "fail_fast_on_drift": config.fail_fast_on_drift,
        "allowed_hosts": written(&config.allowed_hosts),
        "production_hosts": written(&config.production_hosts),
        "allow_public": config.allow_public,
        "allowed_commands": config.allowed_commands,
        "allow_any_command": config.allow_any_command,
        "no_local_commands": config.no_local_commands,
        "resolve": resolve,
        "ca_file": config.ca_file.as_deref().map(file_digest).transpose()?,
        "proxy": config.proxies.shown(),
        "client_certificate":
            config.client_certificate.as_ref().map(|shown| file_digest(&shown.certificate)).transpose()?,
        "test_users": users,
        "settle_seconds": config.settle_seconds,
        "converge": config.converge,
        "timeouts": config.timeouts,
    });
    // Left out where it is not set, so that digests of settings without it stay what they were.
    if let Some(assets) = &config.assets {
        document["identity"] = json!({ "assets": assets.folder, "pages": assets.pages });
    }
    // The document above is made of text, booleans and small numbers: it always has a canonical form.
    let text = canonical_json(&document).unwrap_or_else(|_| document.to_string());
    Ok(format!("sha256:{}", sha256_hex(text.as_bytes())))
}

/// What of a test user decides what a task must meet: how it logs in is named only where it does, so that older digests hold.
fn user_document(user: &TestUser) -> Value {
    let mut document = json!({ "name": user.name, "methods": user.methods });
    if let Credential::Login(login) = &user.credential {
        let asked = |request: &LiveCheck| format!("{} {}", request.method, request.shown_url());
        document["login"] = login.requests.iter().map(asked).collect();
    }
    if let Some(whoami) = &user.whoami {
        document["whoami"] = json!(whoami);
    }
    document
}

/// Returns the digest of a file's content.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn file_digest(path: &Path) -> Result<String, ConfigError> {
    let mut bytes = Vec::new();
    // A pipe would never end.
    let regular = |metadata: std::fs::Metadata| match metadata.is_file() {
        true => Ok(()),
        false => Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "it is not a regular file")),
    };
    std::fs::metadata(path).and_then(regular).map_err(ConfigError::io("read", path))?;
    File::open(path)
        .and_then(|file| file.take(MAX_AUTHORITIES_BYTES).read_to_end(&mut bytes))
        .map_err(ConfigError::io("read", path))?;
    Ok(sha256_hex(&bytes))
}
