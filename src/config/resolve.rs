//! Chooses every setting: flags over environment over file over defaults. An error names the source of the value, and all
//! that is wrong is told at once.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use url::Url;

use super::audit;
use super::check;
use super::digest::config_digest;
use super::env::Environment;
use super::error::{ConfigError, SettingSource, shown};
use super::file::{FileSettings, FileTimeouts};
use super::git;
use super::private_file;
use super::settings::{Config, Overrides, Timeouts};
use super::standing::CallerTrust;
use super::state_paths::{self, key_file};
use super::trust::{self, TrustPlace};
use super::users::{self, UserRules};
use super::values;
use crate::domain::{
    AssetSource, ConvergeSettings, HostPattern, ProjectId, SecretText, TestUser, VersionSource, one_line,
};

/// The variables that name the project; the first that is set counts.
pub(super) const PROJECT_VARIABLES: [&str; 3] = ["SNIPARA_PROJECT", "SNIPARA_PROJECT_SLUG", "SNIPARA_PROJECT_ID"];
/// The service's address when none is given.
const DEFAULT_API_URL: &str = "https://api.snipara.com";
/// The label of decisions when none is given, which is the seed's.
const DEFAULT_GATEKEEPER: &str = "orchestrator-gatekeeper";
/// The most pages whose files are compared with the build folder.
const MAX_PAGES: usize = 8;
/// The most bytes of a stored key.
const MAX_KEY_BYTES: u64 = 4096;
/// The shortest value of a test user's variable that is redacted: a shorter one may be a word such as `true`.
const MIN_SECRET_LENGTH: usize = 8;

fn url(key: &str, given: SettingSource, text: &str) -> Result<Url, ConfigError> {
    values::base_url(text).map_err(|reason| ConfigError::value(given, key, reason.to_string()))
}

/// The settings that can be used, and what is wrong with the others.
#[derive(Debug)]
pub struct Loaded {
    /// The settings; those that are wrong have their defaults.
    pub config: Config,
    /// All that is wrong.
    pub problems: Vec<ConfigError>,
}

pub(crate) struct Layers<'a> {
    pub(crate) overrides: &'a Overrides,
    pub(super) environment: &'a Environment,
    pub(crate) folder: PathBuf,
    pub(super) file: Option<PathBuf>,
    /// The file's, and flags' in the place of its keys.
    pub(crate) settings: &'a FileSettings,
    /// The flags that say the value of a key.
    pub(super) flags: BTreeMap<String, &'static str>,
    pub(super) home: Option<PathBuf>,
}

/// Takes what is right and keeps what is wrong.
pub(crate) struct Problems(Vec<ConfigError>);

impl Problems {
    fn or<T>(&mut self, found: Result<T, ConfigError>, otherwise: impl FnOnce() -> T) -> T {
        found.unwrap_or_else(|error| {
            self.0.push(error);
            otherwise()
        })
    }

    fn of<T: Default>(&mut self, found: Result<T, ConfigError>) -> T {
        self.or(found, T::default)
    }
}

impl Layers<'_> {
    /// Where a key that may have parts was given: by its flag, else in the file.
    pub(crate) fn given(&self, key: &str) -> SettingSource {
        let key = key.split('.').next().unwrap_or(key);
        match (self.flags.get(key), &self.file) {
            (Some(flag), _) => SettingSource::Flag(flag),
            (None, Some(file)) => SettingSource::File(file.clone()),
            (None, None) => SettingSource::Code,
        }
    }

    /// The folder that relative paths of a key start from.
    pub(crate) fn folder_of(&self, key: &str) -> &Path {
        let beside_file = self.file.as_deref().and_then(Path::parent).filter(|_| !self.flags.contains_key(key));
        beside_file.unwrap_or(&self.folder)
    }

    pub(crate) fn wrong(&self, key: &str, reason: impl Into<String>) -> ConfigError {
        ConfigError::value(self.given(key), key, reason)
    }

    pub(super) fn resolve(
        &self,
        trust_place: TrustPlace,
        state_folder: Option<PathBuf>,
        mut warnings: Vec<String>,
        problems: Vec<ConfigError>,
    ) -> Result<Loaded, ConfigError> {
        let settings = self.settings;
        let mut problems = Problems(problems);
        let known = problems.0.len();
        let repository = problems.or(self.repository(), || self.folder.clone());
        let in_git = git::place_of(&repository);
        let (project, snipara_project_name) = match self.project(&repository, in_git.as_ref()) {
            Ok(project) => project,
            Err(error) => {
                problems.0.push(error);
                (ProjectId::from_name("unknown").map_err(|_| ConfigError::NoHome)?, String::new())
            }
        };
        // The store of another project is nobody's to look at.
        let is_known = problems.0.len() == known;
        let state_folder = match (state_folder, &self.home) {
            (Some(folder), _) => self.folder.join(folder),
            (None, Some(home)) => state_paths::state_folder(home, &project),
            (None, None) => return Err(ConfigError::NoHome),
        };
        let prod_url = problems.of(self.prod_url());
        let production_hosts = problems.of(self.listed_hosts("production_hosts", settings.production_hosts.as_deref()));
        let allowed_hosts = problems.of(self.allowed_hosts());
        let login_hosts: Vec<HostPattern> = allowed_hosts.iter().chain(&production_hosts).cloned().collect();
        let test_users = problems.of(self.test_users(prod_url.as_ref(), &login_hosts));
        let (snipara_api_url, snipara_api_key) = self.service(&state_folder, &mut warnings, &mut problems)?;
        if let Some(name) = &settings.test_user
            && !test_users.iter().any(|user| user.name == *name)
            && problems.0.is_empty()
        {
            warnings
                .push(format!("test_user has no entry in test_users{}: checks are made as anonymous", self.of_file()));
        }
        let policy = problems.of(check::policy(settings.policy.as_ref(), prod_url.as_ref(), &production_hosts)
            .map_err(|(key, reason)| self.wrong(&key, reason)));
        let can_hold = check::can_hold(&policy, !test_users.is_empty(), self.overrides.no_local_commands);
        problems.of(can_hold.map_err(|(key, reason)| self.wrong(key, reason)));
        let suites = problems.of(check::suites(settings.suites.as_ref(), prod_url.as_ref())
            .map_err(|(key, reason)| self.wrong(&key, reason)));
        let paths = settings.health_paths.as_deref().unwrap_or_default();
        problems.of(check::paths(paths).map_err(|reason| self.wrong("health_paths", reason)));
        let deploy_paths = settings.deploy_paths.clone().unwrap_or_default();
        problems.of(check::lines(&deploy_paths).map_err(|reason| self.wrong("deploy_paths", reason)));
        let commands = settings.allowed_commands.clone().unwrap_or_default();
        problems.of(check::lines(&commands).map_err(|reason| self.wrong("allowed_commands", reason)));
        let hidden = users::credential_variables(
            settings.test_users.as_ref(),
            &self.overrides.credential_variables,
            self.environment,
        );
        let proxies = problems.of(self.proxies());
        let client_certificate = problems.of(self.client_certificate(&proxies));
        let mut secrets = self.secrets(snipara_api_key.as_ref(), &test_users, &hidden);
        secrets.extend(proxies.secrets());
        let unnamed =
            self.file.is_none() && self.overrides.repo_path.is_none() && !self.environment.is_set("REPO_PATH");
        let no_project = (unnamed && state_paths::is_no_project(&repository, self.environment)).then(|| {
            format!(
                "this is kept in the project `{}`, as the server was started in {} and told of no repository: start it with --repo FOLDER",
                one_line(project.as_str(), 60),
                one_line(&repository.to_string_lossy(), 80)
            )
        });
        let mut config = Config {
            file: self.file.clone(),
            no_project,
            git_common_folder: in_git.map_or_else(|| repository.clone(), |found| found.common_folder),
            project,
            snipara_project_name,
            repository,
            audit: problems.of(audit::audit_file(self, &state_folder)),
            state_folder,
            prod_url,
            test_user: settings.test_user.clone(),
            secrets,
            test_users,
            gatekeeper_id: problems.of(self.gatekeeper_id()),
            fail_fast_on_drift: settings.fail_fast_on_drift.unwrap_or(true),
            auto_remember: settings.auto_remember.unwrap_or(true),
            verbose: self.overrides.verbose || settings.verbose.unwrap_or(false),
            policy,
            suites,
            health_paths: settings.health_paths.clone(),
            version: problems.of(self.version()),
            deploy_paths,
            assets: problems.of(self.assets()),
            allowed_hosts,
            production_hosts,
            allow_public: self.overrides.allow_public,
            allowed_commands: commands,
            allow_any_command: self.overrides.allow_any_command,
            no_local_commands: self.overrides.no_local_commands,
            resolve: problems.of(self.redirected_names()),
            ca_file: problems.of(self.ca_file()),
            proxies,
            client_certificate,
            custom_deployment: problems.of(self.deployment()),
            settle_seconds: problems.of(self.seconds("settle_seconds", settings.settle_seconds, 0, 0, 600)),
            converge: problems.of(self.converge()),
            timeouts: self.timeouts(&mut problems),
            toolsets: settings.toolsets.clone(),
            read_only: settings.read_only.unwrap_or(false),
            lockdown: settings.lockdown.unwrap_or(false),
            snipara_api_url,
            snipara_api_key,
            database_url_set: self.environment.value("DATABASE_URL").is_some(),
            search_path: self.environment.value("PATH").map(OsString::from).unwrap_or_default(),
            supervisor: self.environment.supervisor.clone(),
            hidden_variables: ["SNIPARA_API_KEY", "SNIPARA_ORCHESTRATOR_TOKEN"]
                .map(str::to_owned)
                .into_iter()
                .chain(hidden)
                .collect(),
            warnings,
            permission_digest: trust::permission_digest(self.file.as_deref(), &trust_place.keys),
            permissions_from_file: trust_place.keys.keys().cloned().collect(),
            config_digest: String::new(),
            caller_trust: CallerTrust::default(),
            trust_place,
        };
        config.config_digest = problems.of(config_digest(&config));
        match ConfigError::all(if is_known { Vec::new() } else { std::mem::take(&mut problems.0) }) {
            Some(error) => Err(error),
            None => Ok(Loaded { config, problems: problems.0 }),
        }
    }

    fn of_file(&self) -> String {
        self.file.as_deref().map(|file| format!(" of {}", shown(file))).unwrap_or_default()
    }

    fn repository(&self) -> Result<PathBuf, ConfigError> {
        let (key, given, path) = if let Some(path) = &self.overrides.repo_path {
            ("repo_path", SettingSource::Flag("--repo"), self.folder.join(path))
        } else if let Some(path) = self.environment.value("REPO_PATH") {
            ("REPO_PATH", SettingSource::Variable("REPO_PATH".to_owned()), self.folder.join(path))
        } else if let Some(path) = &self.settings.repo_path {
            ("repo_path", self.given("repo_path"), self.folder_of("repo_path").join(path))
        } else {
            let beside_file = self.file.as_deref().filter(|_| self.overrides.config_file.is_none());
            let folder = match beside_file.and_then(Path::parent) {
                Some(folder) => folder.to_owned(),
                None => git::place_of(&self.folder).map_or_else(|| self.folder.clone(), |place| place.root),
            };
            ("repo_path", self.given("repo_path"), folder)
        };
        let missing = || ConfigError::NoFolder { given: given.clone(), key, path: path.clone() };
        match path.canonicalize() {
            Ok(path) if path.is_dir() => Ok(path),
            _ => Err(missing()),
        }
    }

    /// The project's name here, and as it was given.
    fn project(&self, repository: &Path, place: Option<&git::GitPlace>) -> Result<(ProjectId, String), ConfigError> {
        let named = |given: SettingSource, name: &str| match ProjectId::from_name(name) {
            Ok(project) => Ok((project, name.trim().to_owned())),
            Err(error) => Err(ConfigError::value(given, "snipara_project", error.to_string())),
        };
        let flag = self.overrides.project.as_deref().map(|name| ("--project", name));
        let in_file = self.settings.snipara_project.as_deref();
        if let Some((given, name)) = self.first_given("snipara_project", flag, &PROJECT_VARIABLES, in_file)? {
            return named(given, name);
        }
        let own = || repository.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = place.and_then(|place| place.name.clone()).or_else(own).unwrap_or_else(|| "root".to_owned());
        named(self.given("snipara_project"), &name)
    }

    /// What a flag says, else the first variable that is set, else the file.
    fn first_given<'t>(
        &'t self,
        key: &str,
        flag: Option<(&'static str, &'t str)>,
        variables: &[&str],
        in_file: Option<&'t str>,
    ) -> Result<Option<(SettingSource, &'t str)>, ConfigError> {
        if let Some((flag, text)) = flag {
            return Ok(Some((SettingSource::Flag(flag), text)));
        }
        for variable in variables.iter().filter(|_| !self.flags.contains_key(key)) {
            if let Some(text) = self.environment.text(variable)? {
                return Ok(Some((SettingSource::Variable((*variable).to_owned()), text)));
            }
        }
        Ok(in_file.map(|text| (self.given(key), text)))
    }

    fn prod_url(&self) -> Result<Option<Url>, ConfigError> {
        let flag = self.overrides.prod_url.as_deref().map(|text| ("--prod-url", text));
        let given = self.first_given("prod_url", flag, &["PROD_URL"], self.settings.prod_url.as_deref())?;
        given.map(|(given, text)| url("prod_url", given, text)).transpose()
    }

    /// The service's address and key. A key from outside the file never goes to an address from the file.
    fn service(
        &self,
        state_folder: &Path,
        warnings: &mut Vec<String>,
        problems: &mut Problems,
    ) -> Result<(Url, Option<SecretText>), ConfigError> {
        let in_file = self.settings.snipara_api_url.as_deref();
        let given = problems.of(self.first_given("snipara_api_url", None, &["SNIPARA_API_URL"], in_file));
        let usual = url("snipara_api_url", SettingSource::Code, DEFAULT_API_URL)?;
        let url_from_file = given.as_ref().is_some_and(|(given, _)| matches!(given, SettingSource::File(_)));
        let url = given.map_or(Ok(usual.clone()), |(given, text)| url("snipara_api_url", given, text));
        let url = problems.or(url, || usual);
        let key = problems.of(self.service_key(state_folder, warnings, url_from_file && !is_usual(&url)));
        if key.as_ref().is_some_and(is_placeholder) {
            warnings.push(
                "the API key is a placeholder (such as `snp-your-api-key`) and no key: the store on this machine answers"
                    .to_owned(),
            );
        }
        Ok((url, key.filter(|key| !is_placeholder(key))))
    }

    fn service_key(
        &self,
        state_folder: &Path,
        warnings: &mut Vec<String>,
        url_from_file: bool,
    ) -> Result<Option<SecretText>, ConfigError> {
        let outside = |key_from: &'static str, key: SecretText| match &self.file {
            Some(file) if url_from_file => Err(ConfigError::KeyElsewhere { key_from, file: file.clone() }),
            _ => Ok(Some(key)),
        };
        let in_file = match (&self.settings.snipara_api_key, self.given("snipara_api_key")) {
            (Some(key), SettingSource::Flag(_)) => return outside("a flag", key.clone()),
            (key, _) => key,
        };
        if let (Some(_), Some(file)) = (in_file, &self.file) {
            let others = if private_file::open_to_others(file) { ", where others can read it" } else { "" };
            warnings.push(format!(
                "the API key stands in {}{others}: set SNIPARA_API_KEY or run `snipara-orchestrator init --store-key`",
                shown(file)
            ));
        }
        if let Some(key) = self.environment.text("SNIPARA_API_KEY")? {
            return outside("the environment", SecretText::new(key));
        }
        if let Some(key) = in_file {
            return Ok(Some(key.clone()));
        }
        match private_file::read(&key_file(state_folder), MAX_KEY_BYTES)?.as_deref().map(str::trim) {
            Some(key) if !key.is_empty() => outside("the state folder", SecretText::new(key)),
            _ => Ok(None),
        }
    }

    fn test_users(&self, production: Option<&Url>, hosts: &[HostPattern]) -> Result<Vec<TestUser>, ConfigError> {
        let Some(listed) = &self.settings.test_users else { return Ok(Vec::new()) };
        let (credential_variables, environment) = (&self.overrides.credential_variables, self.environment);
        let given = self.given("test_users");
        users::test_users(&UserRules { given, credential_variables, environment, production, hosts }, listed)
    }

    fn secrets(&self, key: Option<&SecretText>, users: &[TestUser], hidden: &[String]) -> Vec<SecretText> {
        let value = |name: &str| self.environment.value(name).and_then(|value| value.to_str()).map(str::to_owned);
        let by_name = hidden.iter().filter_map(|name| value(name)).filter(|text| text.len() >= MIN_SECRET_LENGTH);
        // Only an address that holds a login is a secret.
        let database = value("DATABASE_URL").filter(|text| text.contains('@'));
        let token = value("SNIPARA_ORCHESTRATOR_TOKEN");
        let own_key = value("SNIPARA_API_KEY");
        key.cloned()
            .into_iter()
            .chain(self.settings.snipara_api_key.clone())
            .chain(users.iter().flat_map(users::secrets_of))
            .chain(by_name.chain(database).chain(token).chain(own_key).map(SecretText::new))
            .filter(|secret| !is_placeholder(secret))
            .collect()
    }

    fn gatekeeper_id(&self) -> Result<String, ConfigError> {
        let id = self.settings.gatekeeper_id.as_deref().unwrap_or(DEFAULT_GATEKEEPER).trim();
        if id.is_empty() || id.chars().count() > 100 || id.chars().any(char::is_control) {
            return Err(self.wrong("gatekeeper_id", "it is empty, longer than 100 characters, or unprintable"));
        }
        Ok(id.to_owned())
    }

    fn version(&self) -> Result<VersionSource, ConfigError> {
        let Some(version) = &self.settings.version else { return Ok(VersionSource::default()) };
        if let Some(path) = &version.path {
            check::paths(std::slice::from_ref(path)).map_err(|reason| self.wrong("version.path", reason))?;
        }
        if version.header.as_ref().is_some_and(|name| http::HeaderName::from_bytes(name.as_bytes()).is_err()) {
            return Err(self.wrong("version.header", "it is not a header name"));
        }
        Ok(VersionSource {
            path: version.path.clone(),
            header: version.header.clone(),
            field: version.field.clone(),
            compare: version.compare.unwrap_or_default(),
        })
    }

    fn assets(&self) -> Result<Option<AssetSource>, ConfigError> {
        let Some(identity) = &self.settings.identity else { return Ok(None) };
        let folder = identity.assets.as_deref().unwrap_or_default().trim().trim_end_matches('/');
        let parts = Path::new(folder).components();
        let is_inside = parts.clone().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !is_inside || !parts.clone().any(|part| matches!(part, Component::Normal(_))) {
            let reason = "it is not a folder inside the repository, such as dist";
            return Err(self.wrong("identity.assets", reason));
        }
        let pages = identity.pages.clone().unwrap_or_else(|| vec!["/".to_owned()]);
        check::paths(&pages).map_err(|reason| self.wrong("identity.pages", reason))?;
        if pages.is_empty() || pages.len() > MAX_PAGES {
            return Err(self.wrong("identity.pages", format!("it does not name between 1 and {MAX_PAGES} pages")));
        }
        Ok(Some(AssetSource { folder: folder.to_owned(), pages }))
    }

    fn allowed_hosts(&self) -> Result<Vec<HostPattern>, ConfigError> {
        let flags = self.overrides.allow_hosts.iter();
        let flags = flags.map(|text| host(SettingSource::Flag("--allow-host"), "allowed_hosts", text));
        let mut hosts = flags.collect::<Result<Vec<_>, _>>()?;
        hosts.extend(self.listed_hosts("allowed_hosts", self.settings.allowed_hosts.as_deref())?);
        Ok(hosts)
    }

    fn listed_hosts(&self, key: &'static str, listed: Option<&[String]>) -> Result<Vec<HostPattern>, ConfigError> {
        listed.unwrap_or_default().iter().map(|text| host(self.given(key), key, text)).collect()
    }

    fn redirected_names(&self) -> Result<Vec<values::Redirected>, ConfigError> {
        let mut all: Vec<values::Redirected> = Vec::new();
        for text in &self.overrides.resolve {
            let one = values::resolve_flag(text).ok_or_else(|| {
                ConfigError::value(
                    SettingSource::Flag("--resolve"),
                    "resolve",
                    "it is not HOST:PORT:ADDRESS or HOST:PORT:ADDRESS:PORT",
                )
            })?;
            all.push(one);
        }
        for (name, target) in self.settings.resolve.iter().flatten() {
            let one = values::resolve_pair(name, target)
                .ok_or_else(|| self.wrong("resolve", "an entry is not \"host:port\": \"address:port\""))?;
            if !all.iter().any(|(host, port, _)| *host == one.0 && *port == one.1) {
                all.push(one);
            }
        }
        Ok(all)
    }

    fn ca_file(&self) -> Result<Option<PathBuf>, ConfigError> {
        let (given, path) = match (&self.overrides.ca_file, &self.settings.ca_file) {
            (Some(path), _) => (SettingSource::Flag("--ca-file"), self.folder.join(path)),
            (None, Some(path)) => (self.given("ca_file"), self.folder_of("ca_file").join(path)),
            (None, None) => return Ok(None),
        };
        if path.is_file() { Ok(Some(path)) } else { Err(ConfigError::value(given, "ca_file", "there is no such file")) }
    }

    fn deployment(&self) -> Result<Option<Vec<String>>, ConfigError> {
        let Some(deploy) = &self.settings.deploy else { return Ok(None) };
        match deploy.command.first() {
            Some(program) if !program.trim().is_empty() => Ok(Some(deploy.command.clone())),
            _ => Err(self.wrong("deploy.command", "it names no program")),
        }
    }

    fn seconds(&self, key: &str, given: Option<u64>, default: u64, least: u64, most: u64) -> Result<u64, ConfigError> {
        match given {
            None => Ok(default),
            Some(seconds) if (least..=most).contains(&seconds) => Ok(seconds),
            Some(_) => Err(self.wrong(key, format!("it is not between {least} and {most} seconds"))),
        }
    }

    fn converge(&self) -> Result<ConvergeSettings, ConfigError> {
        let settings = self.settings.converge.unwrap_or_default();
        settings.check().map_err(|error| self.wrong(&error.field, format!("it {}: {}", error.problem, error.fix)))?;
        Ok(settings)
    }

    fn timeouts(&self, problems: &mut Problems) -> Timeouts {
        const DAY_S: u64 = 86_400;
        let default = Timeouts::default();
        let nothing = FileTimeouts::default();
        let listed = self.settings.timeouts.as_ref().unwrap_or(&nothing);
        let mut milliseconds = |key: &str, given: Option<u64>, default_ms: u64| {
            problems.of(self.seconds(key, given, default_ms / 1000, 1, DAY_S)).saturating_mul(1000)
        };
        Timeouts {
            command_ms: milliseconds("timeouts.command_s", listed.command_s, default.command_ms),
            drift_request_ms: milliseconds("timeouts.drift_s", listed.drift_s, default.drift_request_ms),
            schema_ms: milliseconds("timeouts.schema_s", listed.schema_s, default.schema_ms),
            ui_ms: milliseconds("timeouts.ui_s", listed.ui_s, default.ui_ms),
        }
    }

    /// Reads a variable that is meant for credentials of production.
    pub(crate) fn credential(&self, key: &str, variable: &str) -> Result<Option<&str>, ConfigError> {
        users::credential(&self.given(key), key, variable, &self.overrides.credential_variables, self.environment)
    }

    pub(crate) const fn environment(&self) -> &Environment {
        self.environment
    }
}

/// Tells whether a text stands in the place of a key: the one of Snipara's own page, or a variable that nobody expanded.
fn is_placeholder(key: &SecretText) -> bool {
    let text = key.expose();
    text == "snp-your-api-key" || (text.starts_with("${") && text.ends_with('}'))
}

fn is_usual(url: &Url) -> bool {
    url.as_str().trim_end_matches('/') == DEFAULT_API_URL
}

fn host(given: SettingSource, key: &'static str, text: &str) -> Result<HostPattern, ConfigError> {
    const REASON: &str = "it holds something that is not HOST or HOST:PORT (IPv6 in brackets)";
    text.parse().map_err(|_| ConfigError::value(given, key, REASON))
}
