//! Settings as somebody outside meets them: files, variables, flags, trust, `init`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::{Value, json};
use snipara_orchestrator::config::{self, Config, ConfigError, Environment, InitRequest, Overrides, Written};
use snipara_orchestrator::domain::{Actor, Credential, Method};
use tempfile::TempDir;

mod composition;
mod flags;
mod transport;
mod trust;

/// A repository, a home for state, and an environment.
struct Place {
    root: TempDir,
    environment: Environment,
}

impl Place {
    fn new() -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let base = root.path().canonicalize().expect("path");
        for folder in ["shop/.git", "shop/src/deep", "home"] {
            fs::create_dir_all(base.join(folder)).expect("folder");
        }
        fs::write(base.join("shop/.git/HEAD"), "ref: refs/heads/main\n").expect("file");
        let variables = BTreeMap::from([
            ("SNIPARA_ORCHESTRATOR_HOME".into(), base.join("home").into()),
            ("PATH".into(), std::env::var_os("PATH").unwrap_or_default()),
        ]);
        let environment = Environment { variables, current_folder: base.join("shop"), supervisor: None };
        Self { root, environment }
    }

    fn base(&self) -> PathBuf {
        self.root.path().canonicalize().expect("path")
    }

    fn shop(&self) -> PathBuf {
        self.base().join("shop")
    }

    fn file(&self) -> PathBuf {
        self.shop().join(".snipara-orchestrator.json")
    }

    fn with_file(self, document: &Value) -> Self {
        fs::write(self.file(), document.to_string()).expect("written");
        self
    }

    fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.environment.variables.insert(name.into(), value.into());
        self
    }

    fn in_folder(mut self, folder: &str) -> Self {
        self.environment.current_folder = self.base().join(folder);
        self
    }

    fn load(&self, actor: Actor, overrides: &Overrides) -> Result<Config, ConfigError> {
        config::load(actor, overrides, &self.environment)
    }

    fn person(&self) -> Config {
        self.load(Actor::Person, &Overrides::default()).expect("settings")
    }

    fn caller(&self) -> Result<Config, ConfigError> {
        self.load(Actor::Caller, &Overrides::default())
    }

    fn refusal(&self) -> String {
        self.load(Actor::Person, &Overrides::default()).expect_err("refused").message()
    }

    fn init(&self, request: &InitRequest) -> Result<config::InitReport, ConfigError> {
        config::init(request, &self.environment)
    }
}

fn asked(project: &str, prod_url: &str) -> InitRequest {
    InitRequest { project: project.to_owned(), prod_url: prod_url.to_owned(), ..InitRequest::default() }
}

fn on_disk(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).expect("read")).expect("JSON")
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).expect("metadata").permissions().mode() & 0o777
}

// --- where settings come from ---------------------------------------------------------------------------------

#[test]
fn e02_the_old_name_is_read_with_a_warning_and_the_documented_one_wins_aloud() {
    let place = Place::new();
    fs::write(place.shop().join(".agentic.json"), json!({"prod_url": "https://old.example"}).to_string()).expect("w");
    let config = place.person();
    assert_eq!(config.prod_url.as_ref().map(url::Url::as_str), Some("https://old.example/"));
    assert!(config.warnings.iter().any(|line| line.contains(".agentic.json") && line.contains("rename")));

    let place = place.with_file(&json!({"prod_url": "https://new.example"}));
    let config = place.person();
    assert_eq!(config.prod_url.as_ref().map(url::Url::as_str), Some("https://new.example/"));
    assert!(config.warnings.iter().any(|line| line.contains(".agentic.json") && line.contains("ignored")));
}

#[test]
fn e03_flags_win_over_variables_over_the_file_over_defaults() {
    let place = Place::new();
    assert_eq!(place.person().prod_url, None);
    let place = place.with_file(&json!({"prod_url": "https://file.example", "snipara_project": "of-file"}));
    assert_eq!(place.person().prod_url.expect("url").as_str(), "https://file.example/");
    assert_eq!(place.person().project.as_str(), "of-file");
    let place =
        place.with_variable("PROD_URL", "https://variable.example").with_variable("SNIPARA_PROJECT_SLUG", "slug");
    assert_eq!(place.person().prod_url.expect("url").as_str(), "https://variable.example/");
    assert_eq!(place.person().project.as_str(), "slug");
    let place = place.with_variable("SNIPARA_PROJECT", "of-variable");
    assert_eq!(place.person().project.as_str(), "of-variable");
    let flags = Overrides {
        prod_url: Some("https://flag.example".to_owned()),
        project: Some("of-flag".to_owned()),
        ..Overrides::default()
    };
    let config = place.load(Actor::Person, &flags).expect("settings");
    assert_eq!(config.prod_url.expect("url").as_str(), "https://flag.example/");
    assert_eq!(config.project.as_str(), "of-flag");
}

#[test]
fn e03_a_key_in_the_environment_wins_over_one_in_the_file() {
    let place = Place::new()
        .with_file(&json!({"snipara_api_key": "key-of-the-file"}))
        .with_variable("SNIPARA_API_KEY", "key-of-the-environment");
    assert_eq!(place.person().snipara_api_key.expect("key").expose(), "key-of-the-environment");
}

#[test]
fn e08_the_file_is_found_from_a_folder_below_and_not_beyond_the_repository() {
    let place = Place::new().with_file(&json!({"prod_url": "https://api.example.com"})).in_folder("shop/src/deep");
    let config = place.person();
    assert_eq!(config.file, Some(place.file()));
    assert_eq!(config.repository, place.shop());

    let outside = Place::new();
    fs::write(outside.base().join(".snipara-orchestrator.json"), r#"{"prod_url": "https://evil.example"}"#).expect("w");
    assert_eq!(outside.person().file, None);
    let below = outside.in_folder("home");
    assert_eq!(below.person().file, None, "outside git only the current folder is looked at");
}

#[test]
fn e07_a_broken_file_is_one_line_with_its_name_line_and_column() {
    let place = Place::new();
    fs::write(place.file(), "{\n \"prod_url\": \n}").expect("written");
    let text = place.refusal();
    assert!(text.contains(".snipara-orchestrator.json") && text.contains("line 3 column 1"), "{text}");
    assert!(!text.contains('\n'));
}

#[test]
fn e09_a_typing_error_is_an_error_that_names_the_nearest_key() {
    let text = Place::new().with_file(&json!({"fail_fast_on_drfit": false})).refusal();
    assert!(text.contains("`fail_fast_on_drfit`") && text.contains("did you mean `fail_fast_on_drift`?"), "{text}");
}

#[test]
fn e10_an_ordinary_file_gives_no_warning() {
    let place = Place::new().with_file(&json!({"snipara_project": "p", "prod_url": "https://api.example.com"}));
    assert_eq!(place.person().warnings, Vec::<String>::new());
}

#[test]
fn a_bad_value_names_where_it_was_given() {
    let in_file = Place::new().with_file(&json!({"prod_url": "ftp://x.example"})).refusal();
    assert!(in_file.contains("`prod_url` in ") && in_file.contains(".snipara-orchestrator.json"), "{in_file}");
    let in_variable = Place::new().with_variable("PROD_URL", "nonsense").refusal();
    assert!(in_variable.contains("in the variable PROD_URL"), "{in_variable}");
    let flags = Overrides { resolve: vec!["x".to_owned()], ..Overrides::default() };
    let by_flag = Place::new().load(Actor::Person, &flags).expect_err("refused").message();
    assert!(by_flag.contains("given by --resolve"), "{by_flag}");
}

#[test]
fn values_that_make_no_sense_are_refused() {
    for (document, key) in [
        (json!({"policy": {"required_proofs": 0}}), "policy.required_proofs"),
        (json!({"policy": {"min_task_proofs": 0}}), "policy.min_task_proofs"),
        (json!({"timeouts": {"ui_s": 0}}), "timeouts.ui_s"),
        (json!({"timeouts": {"command_s": 90000}}), "timeouts.command_s"),
        (json!({"settle_seconds": 601}), "settle_seconds"),
        (json!({"converge": {"initial_delay_s": 601}}), "converge.initial_delay_s"),
        (json!({"allowed_hosts": ["a b"]}), "allowed_hosts"),
        (json!({"health_paths": ["health"]}), "health_paths"),
        (json!({"identity": {"assets": "../dist"}}), "identity.assets"),
        (json!({"identity": {"assets": "/srv/dist"}}), "identity.assets"),
        (json!({"identity": {"pages": ["/"]}}), "identity.assets"),
        (json!({"identity": {"assets": "dist", "pages": ["index.html"]}}), "identity.pages"),
        (json!({"identity": {"assets": "dist", "pages": []}}), "identity.pages"),
        (json!({"resolve": {"x": "127.0.0.1:1"}}), "resolve"),
        (json!({"deploy": {"command": []}}), "deploy.command"),
        (json!({"ca_file": "missing.pem"}), "ca_file"),
        (json!({"repo_path": "missing"}), "repo_path"),
        (json!({"version": {"header": "a b"}}), "version.header"),
        (json!({"snipara_project": "  "}), "snipara_project"),
        (json!({"gatekeeper_id": ""}), "gatekeeper_id"),
        (json!({"prod_url": "https://u:pw@x.example"}), "prod_url"),
        (
            json!({"prod_url": "https://x.example", "policy": {"live_checks": ["https://other.example/"]}}),
            "policy.live_checks[0].url",
        ),
    ] {
        let text = Place::new().with_file(&document).refusal();
        assert!(text.contains(&format!("`{key}`")), "{document}: {text}");
    }
}

#[test]
fn a_repository_that_does_not_exist_is_refused_whoever_names_it() {
    let flags = Overrides { repo_path: Some("nowhere".into()), ..Overrides::default() };
    let text = Place::new().load(Actor::Person, &flags).expect_err("refused").message();
    assert!(text.contains("--repo") && text.contains("there is no folder"), "{text}");
    assert!(Place::new().with_variable("REPO_PATH", "/nowhere/at/all").refusal().contains("REPO_PATH"));
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_the_file_is_refused_and_not_waited_for() {
    let place = Place::new();
    nix::unistd::mkfifo(&place.file(), nix::sys::stat::Mode::S_IRWXU).expect("pipe");
    assert!(place.refusal().contains("not a regular file"));
}

#[test]
fn a_file_without_end_is_refused() {
    let place = Place::new();
    fs::write(place.file(), " ".repeat(300_000)).expect("written");
    assert!(place.refusal().contains("larger than"));
}

#[test]
fn the_project_is_the_main_worktrees_name_and_state_has_one_folder_each() {
    let place = Place::new();
    let config = place.person();
    assert_eq!(config.project.as_str(), "shop");
    assert_eq!(config.state_folder, place.base().join("home/projects/shop"));
    assert_eq!(config.git_common_folder, place.shop().join(".git"));

    let mut place = Place::new();
    place.environment.variables.remove(std::ffi::OsStr::new("SNIPARA_ORCHESTRATOR_HOME"));
    let refused = place.load(Actor::Person, &Overrides::default()).expect_err("no home");
    assert!(refused.hint().contains("SNIPARA_ORCHESTRATOR_HOME"));
    let place = place.with_variable("HOME", "/home/ada");
    let folder = place.person().state_folder;
    assert_eq!(folder, Path::new("/home/ada/.local/share/snipara-orchestrator/projects/shop"));
    let place = place.with_variable("XDG_DATA_HOME", "/data");
    assert_eq!(place.person().state_folder, Path::new("/data/snipara-orchestrator/projects/shop"));
}

#[test]
fn a_name_from_outside_cannot_leave_the_state_folder() {
    let place = Place::new().with_file(&json!({"snipara_project": "../../../etc"}));
    assert!(place.person().state_folder.starts_with(place.base().join("home/projects")));
    assert!(!place.person().project.as_str().contains('/'));
}

// --- secrets ----------------------------------------------------------------------------------------------------

#[test]
fn test_users_read_only_variables_that_are_meant_for_them() {
    let users = |variable: &str| json!({"test_users": {"ada": {"bearer_env": variable}}});
    let place = Place::new().with_file(&users("AWS_SECRET_ACCESS_KEY")).with_variable("AWS_SECRET_ACCESS_KEY", "aws-1");
    let error = place.load(Actor::Person, &Overrides::default()).expect_err("refused");
    assert!(error.message().contains("AWS_SECRET_ACCESS_KEY") && !error.message().contains("aws-1"));
    assert!(error.hint().contains("--credential-env AWS_SECRET_ACCESS_KEY"), "{}", error.hint());

    let flags = Overrides { credential_variables: vec!["AWS_SECRET_ACCESS_KEY".to_owned()], ..Overrides::default() };
    let config = place.load(Actor::Person, &flags).expect("settings");
    assert!(matches!(&config.test_users[0].credential, Credential::Bearer(secret) if secret.expose() == "aws-1"));
    assert!(config.hidden_variables.contains(&"AWS_SECRET_ACCESS_KEY".to_owned()));
}

#[test]
fn a_test_user_has_a_bearer_or_a_header_and_the_methods_that_look_only() {
    let place = Place::new()
        .with_file(&json!({"test_users": {
            "ada": {"bearer_env": "SNIPARA_TEST_ADA"},
            "bob": {"header": "X-Key", "value_env": "SNIPARA_TEST_BOB", "methods": ["GET", "post"]},
            "eve": {"bearer_env": "SNIPARA_TEST_EVE"},
        }}))
        .with_variable("SNIPARA_TEST_ADA", "ada-token")
        .with_variable("SNIPARA_TEST_BOB", "bob-key")
        .with_variable("SNIPARA_TEST_OTHER", "of-nobody");
    let config = place.person();
    let [ada, bob, eve] = config.test_users.as_slice() else { panic!("three users") };
    assert_eq!(ada.methods, [Method::Get, Method::Head, Method::Options]);
    assert!(
        matches!(&bob.credential, Credential::Header { name, value } if name == "X-Key" && value.expose() == "bob-key")
    );
    assert_eq!(bob.methods, [Method::Get, Method::Post]);
    assert_eq!(eve.credential, Credential::Missing { variable: "SNIPARA_TEST_EVE".to_owned() });
    for variable in ["SNIPARA_API_KEY", "SNIPARA_ORCHESTRATOR_TOKEN", "SNIPARA_TEST_ADA", "SNIPARA_TEST_OTHER"] {
        assert!(config.hidden_variables.iter().any(|hidden| hidden == variable), "{variable} is not hidden");
    }
    for wrong in [json!({}), json!({"header": "X"}), json!({"bearer_env": "SNIPARA_TEST_A", "header": "X"})] {
        let text = Place::new().with_file(&json!({"test_users": {"ada": wrong}})).refusal();
        assert!(text.contains("test_users.ada"), "{text}");
    }
}

#[test]
fn a_key_from_outside_the_file_is_not_sent_to_an_address_from_the_file() {
    let place = Place::new()
        .with_file(&json!({"snipara_api_url": "https://evil.example"}))
        .with_variable("SNIPARA_API_KEY", "the-real-key");
    let error = place.load(Actor::Person, &Overrides::default()).expect_err("refused");
    assert!(matches!(error, ConfigError::KeyElsewhere { .. }) && !error.message().contains("real"));
    let place = place.with_variable("SNIPARA_API_URL", "https://mine.example");
    assert_eq!(place.person().snipara_api_url.as_str(), "https://mine.example/");
    assert!(place.person().snipara_api_key.is_some());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn e25_no_secret_is_in_what_settings_and_errors_print(secret in "[A-Za-z0-9]{16,40}") {
        let place = Place::new()
            .with_file(&json!({"snipara_api_key": secret, "test_users": {"ada": {"bearer_env": "SNIPARA_TEST_ADA"}}}))
            .with_variable("SNIPARA_TEST_ADA", &format!("t{secret}"))
            .with_variable("SNIPARA_API_KEY", &format!("e{secret}"));
        let config = place.person();
        let printed = format!("{config:?} {:?}", place.environment);
        prop_assert!(!printed.contains(&secret));
        let known: Vec<&str> = config.secrets.iter().map(|one| one.expose()).collect();
        prop_assert!(known.iter().filter(|one| one.contains(&secret)).count() >= 3, "all three are to be redacted");
        for document in [
            json!({"snipara_api_key": [secret]}), json!({"prod_url": secret}), json!({"policy": secret}),
            json!({"snipara_api_key": secret, "prod_url": format!("https://{secret}@x.example")}),
            json!({"test_users": {"ada": {"bearer_env": "SNIPARA_TEST_A", "methods": [secret]}}}),
            json!({"allowed_hosts": [format!("a b {secret}")]}), json!({"resolve": {"x:1": secret}}),
        ] {
            let error = Place::new().with_file(&document).load(Actor::Person, &Overrides::default()).expect_err("no");
            let printed = format!("{error:?} {} {}", error.message(), error.hint());
            prop_assert!(!printed.contains(&secret[4..]), "{}", document);
        }
    }
}

// --- the digest -------------------------------------------------------------------------------------------------

#[test]
fn the_digest_tells_settings_that_decide_and_no_others() {
    let digest = |document: Value| {
        let place = Place::new().with_file(&document).with_variable("SNIPARA_TEST_A", "one");
        place.person().config_digest
    };
    let base = digest(json!({}));
    assert_eq!(base, digest(json!({"gatekeeper_id": "x", "verbose": true, "snipara_api_key": "k"})));
    for document in [
        json!({"prod_url": "https://a.example"}),
        json!({"policy": {"required_proofs": 2}}),
        json!({"health_paths": []}),
        json!({"allowed_hosts": ["x.example"]}),
        json!({"allowed_commands": ["x"]}),
        json!({"resolve": {"x:1": "127.0.0.1:1"}}),
        json!({"version": {"path": "/v"}}),
        json!({"identity": {"assets": "dist"}}),
        json!({"timeouts": {"drift_s": 1}}),
        json!({"settle_seconds": 1}),
        json!({"converge": {"consecutive_successes": 5}}),
        json!({"fail_fast_on_drift": false}),
        json!({"test_users": {"a": {"bearer_env": "SNIPARA_TEST_A"}}}),
    ] {
        assert_ne!(digest(document.clone()), base, "{document}");
    }
    let users = json!({"test_users": {"a": {"bearer_env": "SNIPARA_TEST_A"}}});
    let other = Place::new().with_file(&users).with_variable("SNIPARA_TEST_A", "two");
    assert_eq!(digest(users), other.person().config_digest, "a credential is not in the digest");
}

// --- init -------------------------------------------------------------------------------------------------------

#[test]
fn e01_init_writes_no_key_and_a_file_that_only_its_owner_reads() {
    let place = Place::new().with_variable("SNIPARA_API_KEY", "snp-planted-key").in_folder("shop/src/deep");
    let report = place.init(&asked("my-project", "https://api.example.com")).expect("written");
    assert_eq!((report.file.clone(), report.written), (place.file(), Written::Created));
    assert_eq!(
        on_disk(&place.file()),
        json!({"$schema": config::SCHEMA_ID, "snipara_project": "my-project", "prod_url": "https://api.example.com"})
    );
    #[cfg(unix)]
    {
        assert_eq!(mode(&place.file()), 0o600);
    }
    let entries: Vec<_> =
        fs::read_dir(place.shop()).expect("folder").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(entries.len(), 3, "nothing else is written, nothing is left over: {entries:?}");
    assert_eq!(place.person().project.as_str(), "my-project");
}

#[test]
fn e01_a_key_is_stored_beside_the_state_and_leaves_the_repository() {
    let place = Place::new().with_file(&json!({"snipara_api_key": "the-key", "verbose": true}));
    assert!(place.person().warnings.iter().any(|line| line.contains("--store-key")));
    let request = InitRequest { store_key: true, ..asked("p", "https://api.example.com") };
    let report = place.init(&request).expect("written");
    let key_file = report.key_file.expect("stored");
    assert_eq!(fs::read_to_string(&key_file).expect("read"), "the-key\n");
    assert!(key_file.starts_with(place.base().join("home/projects/p")));
    #[cfg(unix)]
    {
        assert_eq!(mode(&key_file), 0o600);
        assert_eq!(mode(key_file.parent().expect("folder")), 0o700);
    }
    assert!(!fs::read_to_string(place.file()).expect("read").contains("the-key"));
    assert_eq!(on_disk(&place.file())["verbose"], json!(true), "other keys stay");
    assert_eq!(place.person().snipara_api_key.expect("key").expose(), "the-key");
    assert!(matches!(Place::new().init(&request), Err(ConfigError::NoKey)));
}

#[test]
fn e20_init_refuses_what_is_no_production_and_writes_nothing() {
    let place = Place::new();
    for url in ["not-a-url", "ftp://x.example", "https://u:p@x.example", ""] {
        let error = place.init(&asked("p", url)).expect_err("refused");
        assert!(error.message().contains("`prod_url` given by --prod-url"), "{}", error.message());
    }
    assert!(place.init(&asked(" ", "https://x.example")).is_err());
    assert!(!place.file().exists());
}

#[test]
fn e20_init_runs_unattended_over_an_existing_file() {
    let place = Place::new();
    let request = asked("p", "https://a.example");
    place.init(&request).expect("created");
    let before = fs::read_to_string(place.file()).expect("read");
    assert_eq!(place.init(&request).expect("again").written, Written::Unchanged);
    assert_eq!(fs::read_to_string(place.file()).expect("read"), before);

    let other = asked("q", "https://b.example");
    let error = place.init(&other).expect_err("differs");
    assert!(error.message().contains("snipara_project, prod_url") && error.hint().contains("--yes"));
    assert_eq!(fs::read_to_string(place.file()).expect("read"), before);

    let report = place.init(&InitRequest { overwrite: true, ..other }).expect("overwritten");
    assert_eq!(report.written, Written::Updated { keys: vec!["snipara_project".into(), "prod_url".into()] });
    assert_eq!(on_disk(&place.file())["prod_url"], json!("https://b.example"));
}

#[test]
fn init_keeps_what_stands_in_the_file_and_refuses_a_broken_one() {
    let place = Place::new().with_file(&json!({"policy": {"required_proofs": 4}, "allowed_hosts": ["x.example"]}));
    place.init(&asked("p", "https://a.example")).expect("written");
    assert_eq!(on_disk(&place.file())["policy"], json!({"required_proofs": 4}));
    assert_eq!(on_disk(&place.file())["allowed_hosts"], json!(["x.example"]));

    let broken = Place::new();
    fs::write(broken.file(), "{").expect("written");
    let request = InitRequest { overwrite: true, ..asked("p", "https://a.example") };
    assert!(matches!(broken.init(&request), Err(ConfigError::NotJson { .. })));
    assert_eq!(fs::read_to_string(broken.file()).expect("read"), "{");
}

#[test]
fn init_at_a_terminal_trusts_what_it_wrote_and_nothing_that_an_agent_put_beside_it() {
    let request = InitRequest { trust: true, ..asked("p", "https://a.example") };
    let place = Place::new();
    assert!(place.init(&request).expect("written").trusted);
    assert!(place.caller().expect("trusted").prod_url.is_some());

    let place = Place::new().with_file(&json!({"allowed_commands": ["*"]}));
    let report = place.init(&request).expect("written");
    assert!(!report.trusted && report.untrusted_keys == ["allowed_commands"], "{report:?}");
    assert!(place.caller().expect("settings").allowed_commands.is_empty());

    let unattended = Place::new();
    assert!(!unattended.init(&asked("p", "https://a.example")).expect("written").trusted);
    assert!(unattended.caller().expect("settings").prod_url.is_none());
}

#[test]
fn init_takes_over_the_seeds_file_without_its_key() {
    let place = Place::new();
    let old = json!({"snipara_api_key": "old-key", "snipara_project": "p", "prod_url": "https://a.example", "test_user": "t"});
    fs::write(place.shop().join(".agentic.json"), old.to_string()).expect("written");
    let report = place.init(&asked("p", "https://a.example")).expect("written");
    assert_eq!(report.written, Written::Created);
    assert!(report.warnings.iter().any(|line| line.contains(".agentic.json")));
    let written = on_disk(&place.file());
    assert_eq!(written["test_user"], json!("t"));
    assert!(!written.to_string().contains("old-key"));
}
