//! The settings: as flags say them, and in force.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use url::Url;

use super::standing::CallerTrust;
use super::trust::TrustPlace;
use crate::domain::{
    AssetSource, AuditFile, ClientCertificate, ConvergeSettings, HostPattern, LiveCheck, Policy, ProjectId, Proxies,
    SecretText, TestUser, VersionSource,
};

/// What flags say; a flag that was not given is `None` or empty.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// `--config FILE`.
    pub config_file: Option<PathBuf>,
    /// `--project NAME`.
    pub project: Option<String>,
    /// `--prod-url URL`.
    pub prod_url: Option<String>,
    /// `--repo PATH`.
    pub repo_path: Option<PathBuf>,
    /// `--allow-host HOST[:PORT]`, repeatable; added to the file's.
    pub allow_hosts: Vec<String>,
    /// `--allow-public`.
    pub allow_public: bool,
    /// `--allow-any-command`.
    pub allow_any_command: bool,
    /// `--no-local-commands`.
    pub no_local_commands: bool,
    /// `--resolve HOST:PORT:ADDRESS:PORT`, repeatable (or curl's HOST:PORT:ADDRESS); added to the file's.
    pub resolve: Vec<String>,
    /// `--ca-file FILE`.
    pub ca_file: Option<PathBuf>,
    /// `--credential-env VARIABLE`, repeatable.
    pub credential_variables: Vec<String>,
    /// The flags of all other keys: what each was given, by the key in the file. They stand in the place of the file's.
    pub settings: BTreeMap<String, Vec<String>>,
    /// `--verbose`.
    pub verbose: bool,
}

/// The settings in force, made by [`load`](fn@crate::config::load). It shows no secret when printed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Config {
    /// The configuration file, when there is one.
    pub file: Option<PathBuf>,
    /// The project.
    pub project: ProjectId,
    /// The project as it was named, for the Snipara service: a slug or an id.
    pub snipara_project_name: String,
    /// The repository.
    pub repository: PathBuf,
    /// Why the repository is nobody's project: it is `/`, or HOME, and nobody named it.
    pub no_project: Option<String>,
    /// The repository's git common folder; the repository itself outside git.
    pub git_common_folder: PathBuf,
    /// The folder of this project's state.
    pub state_folder: PathBuf,
    /// Production's address.
    pub prod_url: Option<Url>,
    /// The test user whom the seed's key `test_user` names: for people; checks name theirs.
    pub test_user: Option<String>,
    /// Whom checks may speak as.
    pub test_users: Vec<TestUser>,
    /// Labels decisions.
    pub gatekeeper_id: String,
    /// Whether a finding of gate 1 stops a task.
    pub fail_fast_on_drift: bool,
    /// Whether outcomes become memories.
    pub auto_remember: bool,
    /// Whether debug logs are written.
    pub verbose: bool,
    /// The floor under every task.
    pub policy: Policy,
    /// Live checks by the name of their suite, each once for each of its users.
    pub suites: BTreeMap<String, Vec<LiveCheck>>,
    /// The health routes; `None` for the well-known four.
    pub health_paths: Option<Vec<String>>,
    /// Where the deployed version can be read.
    pub version: VersionSource,
    /// Globs of what is deployed; empty where that is not known.
    pub deploy_paths: Vec<String>,
    /// The build folder with which the files of production's pages are compared.
    pub assets: Option<AssetSource>,
    /// Hosts that may be called beside production.
    pub allowed_hosts: Vec<HostPattern>,
    /// Hosts that are production, too: they may be called, and their answers count.
    pub production_hosts: Vec<HostPattern>,
    /// Whether other public addresses may be called.
    pub allow_public: bool,
    /// Trusted commands.
    pub allowed_commands: Vec<String>,
    /// Whether callers may run any command.
    pub allow_any_command: bool,
    /// Whether no program is started at all.
    pub no_local_commands: bool,
    /// Addresses used instead of what names resolve to.
    pub resolve: Vec<(String, u16, SocketAddr)>,
    /// A PEM file with more authorities.
    pub ca_file: Option<PathBuf>,
    /// Through which proxies calls go.
    pub proxies: Proxies,
    /// What production is shown when it asks for a client certificate.
    pub client_certificate: Option<ClientCertificate>,
    /// The deployment of the provider `custom`.
    pub custom_deployment: Option<Vec<String>>,
    /// How long checks may settle when a run does not say, in seconds.
    pub settle_seconds: u64,
    /// How often production is asked until its answers agree, before a run raises it.
    pub converge: ConvergeSettings,
    /// Time-outs, in milliseconds.
    pub timeouts: Timeouts,
    /// The toolsets that the MCP server offers when flags do not say.
    pub toolsets: Option<Vec<String>>,
    /// Whether the MCP server offers only tools that read.
    pub read_only: bool,
    /// Whether answers of the MCP server leave out what others wrote.
    pub lockdown: bool,
    /// The service's address.
    pub snipara_api_url: Url,
    /// The service's key, when there is one.
    pub snipara_api_key: Option<SecretText>,
    /// Whether `DATABASE_URL` is set.
    pub database_url_set: bool,
    /// The value of `PATH`.
    pub search_path: OsString,
    /// Variables that children never see.
    pub hidden_variables: Vec<String>,
    /// The program that watches over commands.
    pub supervisor: Option<PathBuf>,
    /// All secrets that are known by value.
    pub secrets: Vec<SecretText>,
    /// Where the audit trail is kept; nothing when there shall be none.
    pub audit: Option<AuditFile>,
    /// Things to tell a person: an old file name, a key in the file.
    pub warnings: Vec<String>,
    /// The digest of the permission keys that come from the file, `sha256:…`.
    pub permission_digest: String,
    /// The names of the permission keys that come from the file.
    pub permissions_from_file: Vec<String>,
    /// The digest of everything in force that decides what a task must meet; recorded with every attempt.
    pub config_digest: String,
    /// For a caller: how the file stands to what a person trusted.
    pub caller_trust: CallerTrust,
    pub(crate) trust_place: TrustPlace,
}

/// Time-outs, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Timeouts {
    pub command_ms: u64,
    pub drift_request_ms: u64,
    pub schema_ms: u64,
    pub ui_ms: u64,
}

impl Default for Timeouts {
    /// The seed's: 300 s for a command, 10 s for a drift request, 60 s for a schema tool; 300 s for a UI spec.
    fn default() -> Self {
        Self { command_ms: 300_000, drift_request_ms: 10_000, schema_ms: 60_000, ui_ms: 300_000 }
    }
}
