//! Chooses every setting: flags over environment over file over defaults. An error names the source of the value.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use url::Url;

use super::audit;
use super::check;
use super::digest::config_digest;
use super::env::Environment;
use super::error::{ConfigError, SettingSource, shown};
use super::file::{FileSettings, FileTimeouts};
use super::find;
use super::git;
use super::private_file;
use super::settings::{Config, Overrides, Timeouts};
use super::state_paths::{self, current_folder, home, key_file, trust_record};
use super::trust::{self, TrustPlace};
use super::users;
use super::values;
use crate::domain::{Actor, ConvergeSettings, Credential, HostPattern, ProjectId, SecretText, TestUser, VersionSource};

/// The service's address when none is given.
const DEFAULT_API_URL: &str = "https://api.snipara.com";
/// The label of decisions when none is given, which is the seed's.
const DEFAULT_GATEKEEPER: &str = "orchestrator-gatekeeper";
/// The most bytes of a stored key.
const MAX_KEY_BYTES: u64 = 4096;
/// The shortest value of a test user's variable that is redacted: a shorter one may be a word such as `true`.
const MIN_SECRET_LENGTH: usize = 8;

/// Finds and reads the file, and resolves every setting. For a caller, permission keys from the file count only when
/// a person recorded the file's permissions as they are.
///
/// # Errors
/// One line that names file, variable or flag, the key, and the nearest known key; never a value.
pub fn load(actor: Actor, overrides: &Overrides, environment: &Environment) -> Result<Config, ConfigError> {
    let folder = current_folder(environment)?;
    let found = match &overrides.config_file {
        Some(path) => find::named(&folder.join(path))?,
        None => match named_repository(overrides, environment, &folder) {
            Some(repository) => find::search_both(&repository, &folder)?,
            None => find::search(&folder)?,
        },
    };
    let (file, settings, keys) = match found.file {
        Some((path, read)) => {
            let keys = trust::key_digests(&path, &read.document);
            (Some(path), read.settings, keys)
        }
        None => (None, FileSettings::default(), BTreeMap::new()),
    };
    let home = home(environment, &folder)?;
    let place = TrustPlace { record: trust_record(&home), file: file.clone(), folders: found.folders, keys };
    if actor == Actor::Caller {
        trust::check(&place, &overridden(overrides, environment)?)?;
    }
    let layers = Layers { overrides, environment, folder, file, settings: &settings, home: Some(home) };
    layers.resolve(place, None, found.warnings)
}

/// Returns the repository that a flag or the environment names, when it is there.
fn named_repository(overrides: &Overrides, environment: &Environment, folder: &Path) -> Option<PathBuf> {
    let named = overrides.repo_path.clone().or_else(|| environment.value("REPO_PATH").map(PathBuf::from))?;
    folder.join(named).canonicalize().ok().filter(|path| path.is_dir())
}

/// Settings that a program gives instead of a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct CodeSettings {
    pub(crate) settings: FileSettings,
    pub(crate) overrides: Overrides,
    pub(crate) test_users: Vec<TestUser>,
    pub(crate) state_folder: Option<PathBuf>,
}

/// Resolves the settings of a program. No file is searched. Only the variables that describe the machine count (PATH,
/// HOME, DATABASE_URL, credentials), and never a setting.
///
/// # Errors
/// As [`load`].
pub(crate) fn from_code(code: CodeSettings, environment: &Environment) -> Result<Config, ConfigError> {
    const SETTINGS: [&str; 7] = [
        "PROD_URL",
        "REPO_PATH",
        "SNIPARA_PROJECT",
        "SNIPARA_PROJECT_SLUG",
        "SNIPARA_PROJECT_ID",
        "SNIPARA_API_URL",
        "SNIPARA_API_KEY",
    ];
    let mut environment = environment.clone();
    environment.variables.retain(|name, _| !SETTINGS.iter().any(|setting| name == setting));
    let folder = current_folder(&environment)?;
    let home = match &code.state_folder {
        Some(_) => None,
        None => Some(home(&environment, &folder)?),
    };
    let layers = Layers {
        overrides: &code.overrides,
        environment: &environment,
        folder,
        file: None,
        settings: &code.settings,
        home,
    };
    let mut config = layers.resolve(TrustPlace::default(), code.state_folder, Vec::new())?;
    for user in &code.test_users {
        config.secrets.extend(secret_of(user).cloned());
    }
    config.test_users.extend(code.test_users);
    config.config_digest = config_digest(&config)?;
    Ok(config)
}

/// The permission keys whose value in the file is replaced by a flag or a variable.
fn overridden(overrides: &Overrides, environment: &Environment) -> Result<Vec<&'static str>, ConfigError> {
    let mut keys = Vec::new();
    if overrides.prod_url.is_some() || environment.text("PROD_URL")?.is_some() {
        keys.push("prod_url");
    }
    if overrides.ca_file.is_some() {
        keys.push("ca_file");
    }
    if overrides.audit.is_some() {
        keys.push("audit");
    }
    if environment.text("SNIPARA_API_URL")?.is_some() {
        keys.push("snipara_api_url");
    }
    Ok(keys)
}

fn secret_of(user: &TestUser) -> Option<&SecretText> {
    match &user.credential {
        Credential::Bearer(secret) | Credential::Header { value: secret, .. } => Some(secret),
        Credential::Missing { .. } => None,
    }
}

fn url(key: &str, given: SettingSource, text: &str) -> Result<Url, ConfigError> {
    values::base_url(text).map_err(|reason| ConfigError::value(given, key, reason.to_string()))
}

pub(crate) struct Layers<'a> {
    pub(crate) overrides: &'a Overrides,
    environment: &'a Environment,
    pub(crate) folder: PathBuf,
    file: Option<PathBuf>,
    pub(crate) settings: &'a FileSettings,
    home: Option<PathBuf>,
}

impl Layers<'_> {
    pub(crate) fn in_file(&self) -> SettingSource {
        self.file.clone().map_or(SettingSource::Code, SettingSource::File)
    }

    /// The folder that relative paths in the file start from.
    pub(crate) fn file_folder(&self) -> &Path {
        self.file.as_deref().and_then(Path::parent).unwrap_or(&self.folder)
    }

    fn wrong(&self, key: &str, reason: impl Into<String>) -> ConfigError {
        ConfigError::value(self.in_file(), key, reason)
    }

    fn resolve(
        &self,
        trust_place: TrustPlace,
        state_folder: Option<PathBuf>,
        mut warnings: Vec<String>,
    ) -> Result<Config, ConfigError> {
        let settings = self.settings;
        let repository = self.repository()?;
        let in_git = git::place_of(&repository);
        let (project, snipara_project_name) = self.project(&repository, in_git.as_ref())?;
        let state_folder = match (state_folder, &self.home) {
            (Some(folder), _) => self.folder.join(folder),
            (None, Some(home)) => state_paths::state_folder(home, &project),
            (None, None) => return Err(ConfigError::NoHome),
        };
        let prod_url = self.prod_url()?;
        let test_users = self.test_users()?;
        let (snipara_api_url, snipara_api_key) = self.service(&state_folder, &mut warnings)?;
        if let Some(name) = &settings.test_user
            && !test_users.iter().any(|user| user.name == *name)
        {
            warnings
                .push(format!("test_user has no entry in test_users{}: checks are made as anonymous", self.of_file()));
        }
        let production_hosts = self.listed_hosts("production_hosts", self.settings.production_hosts.as_deref())?;
        let policy = check::policy(settings.policy.as_ref(), prod_url.as_ref(), &production_hosts)
            .map_err(|(key, reason)| self.wrong(&key, reason))?;
        let suites = check::suites(settings.suites.as_ref(), prod_url.as_ref())
            .map_err(|(key, reason)| self.wrong(&key, reason))?;
        let paths = settings.health_paths.as_deref().unwrap_or_default();
        check::paths(paths).map_err(|reason| self.wrong("health_paths", reason))?;
        let commands = settings.allowed_commands.clone().unwrap_or_default();
        check::lines(&commands).map_err(|reason| self.wrong("allowed_commands", reason))?;
        let hidden = users::credential_variables(
            settings.test_users.as_ref(),
            &self.overrides.credential_variables,
            self.environment,
        );
        let mut config = Config {
            file: self.file.clone(),
            git_common_folder: in_git.map_or_else(|| repository.clone(), |found| found.common_folder),
            project,
            snipara_project_name,
            repository,
            audit: audit::audit_file(self, &state_folder)?,
            state_folder,
            prod_url,
            test_user: settings.test_user.clone(),
            secrets: self.secrets(snipara_api_key.as_ref(), &test_users, &hidden),
            test_users,
            gatekeeper_id: self.gatekeeper_id()?,
            fail_fast_on_drift: settings.fail_fast_on_drift.unwrap_or(true),
            auto_remember: settings.auto_remember.unwrap_or(true),
            verbose: self.overrides.verbose || settings.verbose.unwrap_or(false),
            policy,
            suites,
            health_paths: settings.health_paths.clone(),
            version: self.version()?,
            allowed_hosts: self.allowed_hosts()?,
            production_hosts,
            allow_public: self.overrides.allow_public,
            allowed_commands: commands,
            allow_any_command: self.overrides.allow_any_command,
            no_local_commands: self.overrides.no_local_commands,
            resolve: self.redirected_names()?,
            ca_file: self.ca_file()?,
            custom_deployment: self.deployment()?,
            settle_seconds: self.seconds("settle_seconds", settings.settle_seconds, 0, 0, 600)?,
            converge: self.converge()?,
            timeouts: self.timeouts()?,
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
            trust_place,
        };
        config.config_digest = config_digest(&config)?;
        Ok(config)
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
            ("repo_path", self.in_file(), self.file_folder().join(path))
        } else {
            let beside_file = self.file.as_deref().filter(|_| self.overrides.config_file.is_none());
            let folder = match beside_file.and_then(Path::parent) {
                Some(folder) => folder.to_owned(),
                None => git::place_of(&self.folder).map_or_else(|| self.folder.clone(), |place| place.root),
            };
            ("repo_path", self.in_file(), folder)
        };
        let missing = |reason: &str| ConfigError::value(given.clone(), key, reason);
        let path = path.canonicalize().map_err(|_| missing("the folder does not exist"))?;
        if path.is_dir() { Ok(path) } else { Err(missing("it is not a folder")) }
    }

    /// The project's name here, and as it was given.
    fn project(&self, repository: &Path, place: Option<&git::GitPlace>) -> Result<(ProjectId, String), ConfigError> {
        let named = |given: SettingSource, name: &str| match ProjectId::from_name(name) {
            Ok(project) => Ok((project, name.trim().to_owned())),
            Err(error) => Err(ConfigError::value(given, "snipara_project", error.to_string())),
        };
        let flag = self.overrides.project.as_deref().map(|name| ("--project", name));
        let variables = ["SNIPARA_PROJECT", "SNIPARA_PROJECT_SLUG", "SNIPARA_PROJECT_ID"];
        if let Some((given, name)) = self.first_given(flag, &variables, self.settings.snipara_project.as_deref())? {
            return named(given, name);
        }
        let own = || repository.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = place.and_then(|place| place.name.clone()).or_else(own).unwrap_or_else(|| "root".to_owned());
        named(self.in_file(), &name)
    }

    /// What a flag says, else the first variable that is set, else the file.
    fn first_given<'t>(
        &'t self,
        flag: Option<(&'static str, &'t str)>,
        variables: &[&str],
        in_file: Option<&'t str>,
    ) -> Result<Option<(SettingSource, &'t str)>, ConfigError> {
        if let Some((flag, text)) = flag {
            return Ok(Some((SettingSource::Flag(flag), text)));
        }
        for variable in variables {
            if let Some(text) = self.environment.text(variable)? {
                return Ok(Some((SettingSource::Variable((*variable).to_owned()), text)));
            }
        }
        Ok(in_file.map(|text| (self.in_file(), text)))
    }

    fn prod_url(&self) -> Result<Option<Url>, ConfigError> {
        let flag = self.overrides.prod_url.as_deref().map(|text| ("--prod-url", text));
        let given = self.first_given(flag, &["PROD_URL"], self.settings.prod_url.as_deref())?;
        given.map(|(given, text)| url("prod_url", given, text)).transpose()
    }

    /// The service's address and key. A key from outside the file never goes to an address from the file.
    fn service(
        &self,
        state_folder: &Path,
        warnings: &mut Vec<String>,
    ) -> Result<(Url, Option<SecretText>), ConfigError> {
        let given = self.first_given(None, &["SNIPARA_API_URL"], self.settings.snipara_api_url.as_deref())?;
        let (given, text) = given.unwrap_or((SettingSource::Code, DEFAULT_API_URL));
        let url_from_file = matches!(given, SettingSource::File(_));
        let url = url("snipara_api_url", given, text)?;
        let outside = |key_from: &'static str, key: SecretText| match &self.file {
            Some(file) if url_from_file && url.as_str().trim_end_matches('/') != DEFAULT_API_URL => {
                Err(ConfigError::KeyElsewhere { key_from, file: file.clone() })
            }
            _ => Ok((url.clone(), Some(key))),
        };
        if let (Some(_), Some(file)) = (&self.settings.snipara_api_key, &self.file) {
            let others = if private_file::open_to_others(file) { ", where others can read it" } else { "" };
            warnings.push(format!(
                "the API key stands in {}{others}: set SNIPARA_API_KEY or run `snipara-orchestrator init --store-key`",
                shown(file)
            ));
        }
        if let Some(key) = self.environment.text("SNIPARA_API_KEY")? {
            return outside("the environment", SecretText::new(key));
        }
        if let Some(key) = &self.settings.snipara_api_key {
            return Ok((url, Some(key.clone())));
        }
        match private_file::read(&key_file(state_folder), MAX_KEY_BYTES)?.as_deref().map(str::trim) {
            Some(key) if !key.is_empty() => outside("the state folder", SecretText::new(key)),
            _ => Ok((url, None)),
        }
    }

    fn test_users(&self) -> Result<Vec<TestUser>, ConfigError> {
        let (Some(listed), Some(file)) = (&self.settings.test_users, &self.file) else { return Ok(Vec::new()) };
        users::test_users(file, listed, &self.overrides.credential_variables, self.environment)
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
            .chain(users.iter().filter_map(secret_of).cloned())
            .chain(by_name.chain(database).chain(token).chain(own_key).map(SecretText::new))
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

    fn allowed_hosts(&self) -> Result<Vec<HostPattern>, ConfigError> {
        let flags = self.overrides.allow_hosts.iter();
        let flags = flags.map(|text| host(SettingSource::Flag("--allow-host"), "allowed_hosts", text));
        let mut hosts = flags.collect::<Result<Vec<_>, _>>()?;
        hosts.extend(self.listed_hosts("allowed_hosts", self.settings.allowed_hosts.as_deref())?);
        Ok(hosts)
    }

    fn listed_hosts(&self, key: &'static str, listed: Option<&[String]>) -> Result<Vec<HostPattern>, ConfigError> {
        listed.unwrap_or_default().iter().map(|text| host(self.in_file(), key, text)).collect()
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
            (None, Some(path)) => (self.in_file(), self.file_folder().join(path)),
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

    fn timeouts(&self) -> Result<Timeouts, ConfigError> {
        const DAY_S: u64 = 86_400;
        let default = Timeouts::default();
        let nothing = FileTimeouts::default();
        let listed = self.settings.timeouts.as_ref().unwrap_or(&nothing);
        let milliseconds = |key: &str, given: Option<u64>, default_ms: u64| {
            self.seconds(key, given, default_ms / 1000, 1, DAY_S).map(|seconds| seconds.saturating_mul(1000))
        };
        Ok(Timeouts {
            command_ms: milliseconds("timeouts.command_s", listed.command_s, default.command_ms)?,
            drift_request_ms: milliseconds("timeouts.drift_s", listed.drift_s, default.drift_request_ms)?,
            schema_ms: milliseconds("timeouts.schema_s", listed.schema_s, default.schema_ms)?,
            ui_ms: milliseconds("timeouts.ui_s", listed.ui_s, default.ui_ms)?,
        })
    }
}

fn host(given: SettingSource, key: &'static str, text: &str) -> Result<HostPattern, ConfigError> {
    const REASON: &str = "it holds something that is not HOST or HOST:PORT (IPv6 in brackets)";
    text.parse().map_err(|_| ConfigError::value(given, key, REASON))
}
