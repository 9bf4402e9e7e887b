//! A hermetic world: a repository, a production, a state folder, and an orchestrator over them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use serde_json::json;
use snipara_orchestrator::domain::{
    Actor, AssetSource, ConvergeSettings, HostPattern, LiveCheck, Policy, Production as ProductionSettings, ProjectId,
    Proxies, Redactor, RouteKey, RunHolder, SystemClock, TaskReport,
};
use snipara_orchestrator::drift::{DriftDeps, DriftDetector};
use snipara_orchestrator::executor::{CommandPolicy, Executor, ExecutorSettings, current_process};
use snipara_orchestrator::ledger::Ledger;
use snipara_orchestrator::orchestrator::{Orchestrator, OrchestratorDeps, RunRequest};
use snipara_orchestrator::outbound::{EgressRule, HttpClient, HttpClientSettings};
use snipara_orchestrator::snipara::Snipara;
use snipara_orchestrator::snipara::embedded::{EmbeddedSettings, embedded};
use snipara_orchestrator::store::Store;
use snipara_orchestrator::validator::{Validator, ValidatorDeps};
use tempfile::TempDir;
use url::Url;

use super::production::Production;
use super::sqlite::sqlite3;

/// How a test changes the world before the orchestrator is put together.
#[derive(Default)]
pub struct Settings {
    pub actor: Option<Actor>,
    pub policy: Policy,
    pub health_paths: Option<Vec<String>>,
    /// Hosts that are production, too.
    pub production_hosts: Vec<HostPattern>,
    /// The build folder with which the files of pages are compared.
    pub assets: Option<AssetSource>,
    pub command_policy: Option<CommandPolicy>,
    pub keep_drift_going: bool,
    /// Who answers for memories, context, htasks and swarms; the world's own store when not given.
    pub snipara: Option<Snipara>,
    pub auto_remember: bool,
    /// How often production is asked until its answers agree.
    pub converge: ConvergeSettings,
}

/// The world; everything is removed when it is dropped.
pub struct World {
    pub production: Production,
    pub orchestrator: Orchestrator,
    parts: OrchestratorDeps,
    folder: TempDir,
}

impl World {
    /// A healthy production and a person's orchestrator.
    pub async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    pub async fn with(settings: Settings) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let repository = folder.path().join("repository");
        std::fs::create_dir(&repository).expect("a repository");
        git(&repository, &["init", "--quiet", "--initial-branch=main"]);
        std::fs::write(repository.join("README.md"), "# A service\n").expect("a file");
        git(&repository, &["add", "."]);
        git(&repository, &["commit", "--quiet", "--message", "first"]);
        let production = Production::healthy().await;
        let parts = parts(folder.path(), &repository, &production, settings).await;
        Self { orchestrator: Orchestrator::new(parts.clone()), production, parts, folder }
    }

    /// Returns a second orchestrator over the same state, as another process would have it.
    pub fn another(&self) -> Orchestrator {
        Orchestrator::new(self.parts.clone())
    }

    /// Returns an orchestrator over the same state whose settings name another production.
    pub fn another_of(&self, production: &Production) -> Orchestrator {
        let url = Url::parse(&production.url()).expect("a URL");
        let production = Some(ProductionSettings::new(url).expect("production"));
        Orchestrator::new(OrchestratorDeps { production, ..self.parts.clone() })
    }

    pub fn ledger(&self) -> &Ledger {
        &self.parts.ledger
    }

    pub fn repository(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    pub fn database(&self) -> PathBuf {
        self.folder.path().join("state/store.sqlite3")
    }

    /// Writes two tests into the repository and returns the command that runs and counts them.
    pub fn counted_tests(&self) -> String {
        let tests = "import unittest\n\nclass Shop(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(1, 1)\n\n    test_b = test_a\n";
        std::fs::write(self.repository().join("test_shop.py"), tests).expect("a file");
        "python3 -m unittest test_shop".to_owned()
    }

    /// Runs SQL in the store's file: another path than ours.
    pub fn sqlite3(&self, sql: &str) -> String {
        sqlite3(&self.database(), sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Changes the store's file while work goes on here: whoever holds its lock must be able to go on and let it go.
    pub async fn edit(&self, sql: &str) {
        let (file, sql) = (self.database(), sql.to_owned());
        let edited =
            tokio::task::spawn_blocking(move || sqlite3(&file, &sql).map_err(|error| format!("{sql}: {error}")));
        edited.await.expect("no panic").unwrap_or_else(|error| panic!("{error}"));
    }

    /// A request with these paths on production, each of which must answer 200.
    pub fn request(&self, paths: &[&str]) -> RunRequest {
        RunRequest {
            title: Some("Deploy".into()),
            live_checks: Some(paths.iter().map(|path| LiveCheck::get(*path)).collect()),
            ..RunRequest::default()
        }
    }

    /// Puts an `npx` onto the search path that hands over this Playwright report, and a Playwright into the repository.
    pub fn pretend_npx(&self, report: &str, exit_code: i32) {
        let programs = self.folder.path().join("programs");
        std::fs::write(programs.join("report.json"), report).expect("written");
        let copy = format!("cp '{}' \"$PLAYWRIGHT_JSON_OUTPUT_FILE\"", programs.join("report.json").display());
        let npx = programs.join("npx");
        std::fs::write(&npx, format!("#!/bin/sh\n{copy}\nexit {exit_code}\n")).expect("written");
        let mode = Command::new("chmod").arg("+x").arg(&npx).status().expect("chmod");
        assert!(mode.success());
        let package = self.repository().join("node_modules/@playwright/test");
        std::fs::create_dir_all(&package).expect("a folder");
        std::fs::write(package.join("package.json"), "{}").expect("written");
    }

    pub async fn run(&self, request: RunRequest) -> TaskReport {
        self.orchestrator.run_task(request).await.expect("the run is carried through")
    }
}

/// The three paths of a healthy production that give three distinct proofs.
pub const PATHS: [&str; 3] = ["/api/users", "/api/orders", "/api/cart"];

pub fn git(repository: &Path, arguments: &[&str]) {
    let status = Command::new("git")
        .arg("-C")
        .arg(repository)
        .args(["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"])
        .args(arguments)
        .status()
        .expect("git is installed");
    assert!(status.success(), "git {arguments:?}");
}

async fn parts(folder: &Path, repository: &Path, production: &Production, settings: Settings) -> OrchestratorDeps {
    let url = Url::parse(&production.url()).expect("a URL");
    let mut configured = ProductionSettings::new(url).expect("production");
    configured.health_paths = settings.health_paths;
    configured.hosts = settings.production_hosts;
    configured.assets = settings.assets;
    let clock = Arc::new(SystemClock);
    let redactor = Redactor::default();
    // Empty unless a test pretends a program.
    let programs = folder.join("programs");
    std::fs::create_dir(&programs).expect("a folder");
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    let search_path = std::env::join_paths(std::iter::once(programs).chain(std::env::split_paths(&inherited)))
        .expect("a search path");
    let executor = Executor::with_settings(ExecutorSettings {
        repository: repository.to_owned(),
        search_path,
        hidden_variables: vec!["SNIPARA_API_KEY".into()],
        redactor: redactor.clone(),
        supervisor: None,
        policy: settings.command_policy.unwrap_or(CommandPolicy::Unrestricted),
    });
    let http = HttpClient::new(HttpClientSettings {
        egress: EgressRule {
            actor: settings.actor.unwrap_or(Actor::Person),
            production: Some(configured.origin.clone()),
            allowed_hosts: Vec::new(),
            allow_public: false,
        },
        resolve: Vec::new(),
        ca_file: None,
        proxies: Proxies::default(),
        client_certificate: None,
        max_body_bytes: 1 << 20,
        max_concurrent: 32,
    })
    .expect("a client");
    let validator = Validator::with_deps(ValidatorDeps {
        http: http.clone(),
        executor: executor.clone(),
        users: Vec::new(),
        production: Some(configured.origin.clone()),
        production_route: Some(RouteKey::of(&configured.url)),
        redactor: redactor.clone(),
        clock: clock.clone(),
        max_concurrent: 32,
        ui_timeout_ms: 60_000,
    });
    let drift = DriftDetector::with_deps(DriftDeps {
        http,
        executor: executor.clone(),
        production: Some(configured.clone()),
        users: Vec::new(),
        redactor: redactor.clone(),
        clock: clock.clone(),
        database_url_set: false,
        request_timeout_ms: 2_000,
        schema_timeout_ms: 10_000,
        max_concurrent: 16,
    });
    let project = ProjectId::from_name("world").expect("a name");
    let store = Store::open(&folder.join("state"), &project).await.expect("a store");
    let snipara = settings.snipara.unwrap_or_else(|| {
        embedded(EmbeddedSettings {
            no_project: None,
            store: store.clone(),
            repository: repository.to_owned(),
            clock: clock.clone(),
            htask_policy: settings.policy.htasks(),
        })
    });
    OrchestratorDeps {
        production: Some(configured),
        policy: settings.policy,
        gatekeeper_id: "gatekeeper".into(),
        executor,
        validator,
        drift,
        snipara,
        snipara_name: "world".into(),
        auto_remember: settings.auto_remember,
        ledger: Ledger::new(store, clock.clone()).with_redactor(redactor.clone()),
        redactor,
        clock,
        holder: RunHolder { label: "test".into(), process: current_process() },
        config_digest: format!("sha256:{}", json!("test")),
        fail_fast_on_drift: !settings.keep_drift_going,
        default_settle_seconds: 0,
        suites: std::collections::BTreeMap::new(),
        untrusted: Vec::new(),
        trust: snipara_orchestrator::orchestrator::SettingsTrust::default(),
        converge: settings.converge,
        command_timeout_ms: 30_000,
        custom_deployment: None,
    }
}
