//! The composition root: it turns settings into dependencies, and dependencies into an orchestrator.
//!
//! The only file that knows every room but the command line. Lives here: which room gets which setting, and who may
//! use a project's store. Does not live here: what a setting means (`config`) and what a part does. Called by `cli`,
//! and by programs through [`Builder`].
//!
//! Invariant: a store is used by the repositories that a person let in, and by no other
//! (`a_second_repository_of_the_same_name_is_refused_until_it_joins`).

use std::error::Error;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::audit::FileTrail;
use crate::config::{self, Config, ConfigError, Environment, FILE_NAME, Overrides};
use crate::domain::{
    Actor, AuditFile, AuditSink, ClientCertificate, Clock, HostPattern, IdKind, KnownId, Origin, OriginError,
    OutboxCounts, Production, ProjectId, Redactor, RouteKey, RunHolder, SharedClock, SystemClock, error_chain,
};
use crate::drift::{DriftDeps, DriftDetector};
use crate::executor::{self, CommandPolicy, Executor, ExecutorSettings};
use crate::ledger::Ledger;
use crate::orchestrator::{
    InvalidError, Orchestrator, OrchestratorDeps, OrchestratorError, SettingsTrust, UnavailableError,
};
use crate::outbound::{EgressRule, HttpClient, HttpClientSettings, ResolveOverride};
use crate::snipara::embedded::{EmbeddedSettings, embedded};
use crate::snipara::hosted::{HostedClient, HostedSettings};
use crate::snipara::{Snipara, SniparaKind};
use crate::store::{STORE_FILE, Store, StoreError};
use crate::telemetry;
use crate::validator::{Validator, ValidatorDeps};

mod builder;
mod client_program;
mod configured_checks;
mod issuer;
mod keeping;
mod production_look;
mod standalone;

pub use crate::audit::AuditDoor;
pub use crate::executor::{RUN_COOKIE_VARIABLE, is_supervised};
#[cfg(target_os = "linux")]
pub use crate::executor::{SUPERVISE, supervise};
pub use crate::executor::{find_named_program, find_program};
pub use builder::Builder;
pub use client_program::run_client_program;
pub use issuer::fetch_documents;
pub use keeping::{check_store, look_at_store, prepare_restore, repair_store};
pub use production_look::{CheckLook, ProductionLook, look_at_production};

/// The most bytes of a body that are read: 10 MiB.
const MAX_BODY_BYTES: u64 = 10 * 1024 * 1024;
/// The most requests at once, of all callers together.
const MAX_CONCURRENT_REQUESTS: usize = 50;

/// Builds every part from the settings and opens the store.
///
/// `label` names the runner of tasks for people: `command line`, `mcp server`.
///
/// # Errors
/// When the store cannot be opened, when another repository uses this project's store, when a file is missing.
pub async fn compose(config: &Config, actor: Actor, label: &str) -> Result<Orchestrator, OrchestratorError> {
    compose_with(config, actor, label, Arc::new(SystemClock), None).await
}

/// As [`compose`], and tells this trail what the egress rule refuses.
///
/// # Errors
/// As [`compose`].
pub async fn compose_audited(
    config: &Config,
    actor: Actor,
    label: &str,
    audit: Option<AuditSink>,
) -> Result<Orchestrator, OrchestratorError> {
    compose_with(config, actor, label, Arc::new(SystemClock), audit).await
}

/// Returns an orchestrator with other settings of the same project, which shares everything else: store, runs, limits.
///
/// # Errors
/// As [`compose`]; nothing has changed then.
pub fn recompose(
    opened: &Orchestrator,
    config: &Config,
    actor: Actor,
    label: &str,
    audit: Option<AuditSink>,
) -> Result<Orchestrator, OrchestratorError> {
    let store = opened.ledger().store().clone();
    Ok(opened.reconfigured(parts(config, actor, label, Arc::new(SystemClock), audit, store)?))
}

/// Makes the audit trail of what comes through one door of this process; nothing where there shall be none.
pub fn audit_trail(file: Option<&AuditFile>, door: AuditDoor) -> Option<AuditSink> {
    let process = executor::current_process().process_id;
    let trail = |file: &AuditFile| -> AuditSink {
        Arc::new(FileTrail::new(file.clone(), door, process, Arc::new(SystemClock)))
    };
    file.map(trail)
}

/// Reads the settings and composes; configuration errors become [`InvalidError::Configuration`].
///
/// # Errors
/// As [`crate::config::load`] and [`compose`].
pub async fn open(
    actor: Actor,
    overrides: &Overrides,
    environment: &Environment,
    label: &str,
) -> Result<Orchestrator, OrchestratorError> {
    let config = config::load(actor, overrides, environment)?;
    compose(&config, actor, label).await
}

/// What [`join`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// The project.
    pub project: ProjectId,
    /// The git common folder that may use its store now.
    pub repository: PathBuf,
    /// Whether it could before.
    pub already: bool,
}

/// Lets the configuration's repository use its project's store: what `init --join NAME` does for a person.
///
/// # Errors
/// When `name` is not the project that the settings name here, or when the store cannot be written.
pub async fn join(config: &Config, name: &str) -> Result<Joined, OrchestratorError> {
    if !ProjectId::from_name(name).is_ok_and(|project| project == config.project) {
        return Err(InvalidError::OtherProject { project: config.project.clone() }.into());
    }
    let store = open_store(config).await?;
    let joined = async {
        let folder = &config.git_common_folder;
        let already = store.repositories().await?.contains(folder);
        if !already {
            store.join_repository(folder, SystemClock.now()).await?;
        }
        Ok(Joined { project: config.project.clone(), repository: folder.clone(), already })
    };
    let joined = joined.await.map_err(unavailable);
    store.close().await;
    joined
}

/// Begins to log for the whole process as the settings and `RUST_LOG` say; the settings' secrets are taken out.
///
/// A filter that cannot be read is reported in the log itself. It is not an error, because nothing depends on logs.
pub fn begin_logs(config: &Config, environment: &Environment) {
    let redactor = Redactor::new(config.secrets.iter().cloned());
    let redact: telemetry::Redact = Arc::new(move |line| redactor.text(line));
    let filter = environment.log_filter();
    let begun = telemetry::begin(config.verbose, filter.as_deref(), redact.clone());
    if let Err(error @ telemetry::TelemetryError::Filter(_)) = begun
        && telemetry::begin(config.verbose, None, redact).is_ok()
    {
        tracing::warn!(%error, "RUST_LOG is ignored");
    }
}

pub(crate) async fn compose_with(
    config: &Config,
    actor: Actor,
    label: &str,
    clock: SharedClock,
    audit: Option<AuditSink>,
) -> Result<Orchestrator, OrchestratorError> {
    let store = open_store(config).await?;
    let made = match admit(config, actor, &store, &clock).await {
        Ok(()) => parts(config, actor, label, clock, audit, store.clone()),
        Err(error) => Err(error),
    };
    if made.is_err() {
        store.close().await;
    }
    made.map(Orchestrator::new)
}

/// What looks at production and at the repository, without a store.
struct Observers {
    production: Option<Production>,
    redactor: Redactor,
    executor: Executor,
    validator: Validator,
    drift: DriftDetector,
}

fn observers(
    config: &Config,
    actor: Actor,
    audit: Option<AuditSink>,
    clock: &SharedClock,
) -> Result<Observers, OrchestratorError> {
    let production = production(config).map_err(|error| unusable("prod_url", &error))?;
    let redactor = Redactor::new(config.secrets.iter().cloned());
    let origin = production.as_ref().map(|production| production.origin.clone());
    let allow_public = config.allow_public;
    let allowed_hosts = config.allowed_hosts.iter().chain(&config.production_hosts).cloned().collect();
    let egress = EgressRule { actor, production: origin.clone(), allowed_hosts, allow_public };
    let shown = config.client_certificate.clone().map(|shown| (shown, config.production_hosts.clone()));
    let http = client(config, egress, shown)?.auditing(audit);
    let executor = Executor::with_settings(ExecutorSettings {
        repository: config.repository.clone(),
        search_path: config.search_path.clone(),
        hidden_variables: config.hidden_variables.clone(),
        redactor: redactor.clone(),
        supervisor: config.supervisor.clone(),
        policy: command_policy(config, actor),
    });
    let validator = Validator::with_deps(ValidatorDeps {
        http: http.clone(),
        executor: executor.clone(),
        users: config.test_users.clone(),
        production: origin,
        production_route: production.as_ref().map(|production| RouteKey::of(&production.url)),
        redactor: redactor.clone(),
        clock: clock.clone(),
        max_concurrent: MAX_CONCURRENT_REQUESTS,
        ui_timeout_ms: config.timeouts.ui_ms,
    });
    let drift = DriftDetector::with_deps(DriftDeps {
        http,
        executor: executor.clone(),
        production: production.clone(),
        users: config.test_users.clone(),
        redactor: redactor.clone(),
        clock: clock.clone(),
        database_url_set: config.database_url_set,
        request_timeout_ms: config.timeouts.drift_request_ms,
        schema_timeout_ms: config.timeouts.schema_ms,
        max_concurrent: MAX_CONCURRENT_REQUESTS,
    });
    Ok(Observers { production, redactor, executor, validator, drift })
}

/// Makes everything that an orchestrator depends on.
fn parts(
    config: &Config,
    actor: Actor,
    label: &str,
    clock: SharedClock,
    audit: Option<AuditSink>,
    store: Store,
) -> Result<OrchestratorDeps, OrchestratorError> {
    let Observers { production, redactor, executor, validator, drift } = observers(config, actor, audit, &clock)?;
    let (trust, untrusted) = settings_trust(config, actor, production.is_some())?;
    Ok(OrchestratorDeps {
        trust,
        untrusted,
        production,
        policy: configured_checks::policy(config)?,
        suites: configured_checks::suites(config)?,
        gatekeeper_id: config.gatekeeper_id.clone(),
        executor,
        validator,
        drift,
        snipara: neighbour(config, &store, &clock)?,
        snipara_name: snipara_name(config),
        auto_remember: config.auto_remember,
        ledger: Ledger::new(store, clock.clone()).with_redactor(redactor.clone()),
        redactor,
        clock,
        holder: RunHolder { label: label.to_owned(), process: executor::current_process() },
        config_digest: config.config_digest.clone(),
        fail_fast_on_drift: config.fail_fast_on_drift,
        default_settle_seconds: config.settle_seconds,
        converge: config.converge,
        command_timeout_ms: config.timeouts.command_ms,
        custom_deployment: config.custom_deployment.clone(),
    })
}

/// Says how the settings stand to what a person trusted, and what of them counts all the same, one line each.
fn settings_trust(
    config: &Config,
    actor: Actor,
    production_known: bool,
) -> Result<(SettingsTrust, Vec<String>), OrchestratorError> {
    if is_script(actor) {
        let config::ScriptTrust { recorded, differing } = config::script_trust(config)?;
        let counts = format!("no person ever trusted {FILE_NAME} here: it counts as it is");
        let trust = SettingsTrust {
            warnings: (!recorded && !config.permissions_from_file.is_empty()).then_some(counts).into_iter().collect(),
            compares_production: !recorded || differing.iter().any(|key| key == "prod_url"),
            ..SettingsTrust::default()
        };
        let named = (!differing.is_empty()).then(|| format!("{} not what a person trusted", differing.join(", ")));
        return Ok((trust, named.into_iter().collect()));
    }
    let trust = &config.caller_trust;
    let refused = |error: ConfigError| InvalidError::Configuration {
        code: error.code(),
        message: error.message(),
        hint: error.hint(),
    };
    let trust = SettingsTrust {
        warnings: trust.warnings(),
        refusal: trust.refusal(production_known).map(refused),
        held_back: trust.held_back.clone(),
        local_tests: trust.local_tests.clone(),
        suites: trust.suites.clone(),
        compares_production: false,
    };
    Ok((trust, Vec::new()))
}

/// Tells whether a command line has nobody at its terminal: the file counts for it as it is, and its verdicts say what of that no
/// person trusted. At a terminal a person sees what the file says, and an agent is held to what was trusted.
fn is_script(actor: Actor) -> bool {
    actor == Actor::Person && !std::io::stdin().is_terminal()
}

/// With a key the hosted service answers, and without one the embedded store. Neither stands in for the other.
fn neighbour(config: &Config, store: &Store, clock: &SharedClock) -> Result<Snipara, OrchestratorError> {
    let Some(api_key) = config.snipara_api_key.clone() else {
        return Ok(embedded(EmbeddedSettings {
            store: store.clone(),
            repository: config.repository.clone(),
            no_project: config.no_project.clone(),
            clock: clock.clone(),
            htask_policy: config.policy.htasks(),
        }));
    };
    let api_url = config.snipara_api_url.clone();
    let origin = Origin::of(&api_url).map_err(|error| unusable("snipara_api_url", &error))?;
    let egress =
        EgressRule { actor: Actor::Caller, production: Some(origin), allowed_hosts: Vec::new(), allow_public: false };
    let http = client(config, egress, None)?;
    let project = config.snipara_project_name.clone();
    Ok(HostedClient::new(HostedSettings { http, api_url, project, api_key }).into_snipara())
}

/// Returns the backend of memories, context, htasks and swarms: `embedded`, or `hosted` and the service's origin.
pub fn who_answers(config: &Config) -> String {
    match &config.snipara_api_key {
        None => SniparaKind::Embedded.to_string(),
        Some(_) => format!("{} at {}", SniparaKind::Hosted, config.snipara_api_url.origin().ascii_serialization()),
    }
}

/// Returns the counts of messages that wait to be sent to the hosted service. Returns nothing when the embedded store
/// answers, or when there is no store yet.
///
/// # Errors
/// When the store cannot be opened or read.
pub async fn outbox(config: &Config) -> Result<Option<OutboxCounts>, OrchestratorError> {
    if config.snipara_api_key.is_none() || !config.state_folder.join(STORE_FILE).is_file() {
        return Ok(None);
    }
    let store = open_store(config).await?;
    let counts = store.outbox_counts(&snipara_name(config)).await;
    store.close().await;
    Ok(Some(counts?))
}

/// Returns the newest ids of a kind, without making a store where there is none; a shell asks while somebody types.
///
/// # Errors
/// When the store cannot be opened or read.
pub async fn known_ids(config: &Config, kind: IdKind, limit: u32) -> Result<Vec<KnownId>, OrchestratorError> {
    if !config.state_folder.join(STORE_FILE).is_file() {
        return Ok(Vec::new());
    }
    let store = open_store(config).await?;
    let known = store.known_ids(kind, "", None, limit).await;
    store.close().await;
    Ok(known?)
}

/// Names the backend, without the key: the store of this machine, or the service's address and the project there.
fn snipara_name(config: &Config) -> String {
    match &config.snipara_api_key {
        None => "embedded".to_owned(),
        Some(_) => {
            let address = config.snipara_api_url.as_str().trim_end_matches('/');
            format!("{address}/mcp/{}", config.snipara_project_name)
        }
    }
}

fn production(config: &Config) -> Result<Option<Production>, OriginError> {
    let Some(url) = &config.prod_url else { return Ok(None) };
    let mut production = Production::new(url.clone())?;
    production.hosts.clone_from(&config.production_hosts);
    production.health_paths.clone_from(&config.health_paths);
    production.deploy_paths.clone_from(&config.deploy_paths);
    production.assets.clone_from(&config.assets);
    production.version.clone_from(&config.version);
    Ok(Some(production))
}

fn client(
    config: &Config,
    egress: EgressRule,
    client_certificate: Option<(ClientCertificate, Vec<HostPattern>)>,
) -> Result<HttpClient, OrchestratorError> {
    let redirected = |(host, port, address)| ResolveOverride { host, port, address };
    let settings = HttpClientSettings {
        egress,
        resolve: config.resolve.iter().cloned().map(redirected).collect(),
        ca_file: config.ca_file.clone(),
        proxies: config.proxies.clone(),
        client_certificate,
        max_body_bytes: MAX_BODY_BYTES,
        max_concurrent: MAX_CONCURRENT_REQUESTS,
    };
    HttpClient::new(settings).map_err(|error| unusable(error.key(), &error))
}

fn command_policy(config: &Config, actor: Actor) -> CommandPolicy {
    if config.no_local_commands {
        CommandPolicy::Forbidden
    } else if actor == Actor::Person || config.allow_any_command {
        CommandPolicy::Unrestricted
    } else {
        // The policy's own tests are as trusted as the list of commands, but for those that only an untrusted file has.
        let added = |test: &&String| !config.caller_trust.local_tests.contains(test);
        let trusted = config.allowed_commands.iter().chain(config.policy.local_tests.iter().filter(added));
        CommandPolicy::Restricted { allowed: trusted.cloned().collect() }
    }
}

impl From<ConfigError> for OrchestratorError {
    fn from(error: ConfigError) -> Self {
        InvalidError::Configuration { code: error.code(), message: error.message(), hint: error.hint() }.into()
    }
}

async fn open_store(config: &Config) -> Result<Store, OrchestratorError> {
    Store::open(&config.state_folder, &config.project).await.map_err(unavailable)
}

/// Accepts the first repository of a project, and refuses every other one that a person has not joined to it.
///
/// A person may look at a copy that cannot be written from anywhere: nothing of theirs gets into it.
async fn admit(config: &Config, actor: Actor, store: &Store, clock: &SharedClock) -> Result<(), OrchestratorError> {
    let own = &config.git_common_folder;
    let known = store.repositories().await.map_err(unavailable)?;
    if known.contains(own) || (store.is_read_only() && actor == Actor::Person) {
        return Ok(());
    }
    let Some(first) = known.first() else {
        return store.join_repository(own, clock.now()).await.map_err(unavailable);
    };
    Err(foreign(config, first))
}

fn foreign(config: &Config, first: &Path) -> OrchestratorError {
    InvalidError::ForeignRepository {
        project: config.project.clone(),
        first: first.to_owned(),
        first_is_gone: !first.exists(),
        own: config.git_common_folder.clone(),
    }
    .into()
}

fn unavailable(error: StoreError) -> OrchestratorError {
    UnavailableError::Opening(Arc::new(error)).into()
}

fn unusable(key: &str, error: &(dyn Error + 'static)) -> OrchestratorError {
    InvalidError::Setting { key: key.to_owned(), why: error_chain(error) }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_persons_commands_are_free_and_a_callers_are_held_to_the_policy() {
        let settings = |builder: Builder| builder.config().expect("settings");
        let builder = || Builder::new().repository(env!("CARGO_MANIFEST_DIR")).state_folder("/nowhere");
        let trusted = settings(builder().allow_command("make check"));
        let restricted = CommandPolicy::Restricted { allowed: vec!["make check".to_owned()] };
        assert_eq!(command_policy(&trusted, Actor::Person), CommandPolicy::Unrestricted);
        assert_eq!(command_policy(&trusted, Actor::Caller), restricted);
        let any = settings(builder().allow_any_command());
        assert_eq!(command_policy(&any, Actor::Caller), CommandPolicy::Unrestricted);
        let none = settings(builder().allow_any_command().no_local_commands());
        assert_eq!(command_policy(&none, Actor::Person), CommandPolicy::Forbidden);
        assert_eq!(command_policy(&none, Actor::Caller), CommandPolicy::Forbidden);
    }
}
