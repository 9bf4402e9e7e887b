//! Validators for tests, and a pretend Playwright.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use snipara_orchestrator::domain::{Actor, FixedClock, Redactor, SecretText, TestUser, Timestamp};
use snipara_orchestrator::executor::{CommandPolicy, Executor, ExecutorSettings};
use snipara_orchestrator::outbound::{HttpClient, HttpClientSettings};
use snipara_orchestrator::validator::{Validator, ValidatorDeps};

use super::http::settings;

/// 2026-11-22T18:00:00.000Z.
pub const NOW: Timestamp = Timestamp::from_micros(1_795_370_400_000_000);

/// What a validator for tests is made of; the repository is an empty folder.
pub struct Bench {
    pub http: HttpClientSettings,
    pub users: Vec<TestUser>,
    pub secrets: Vec<SecretText>,
    pub max_concurrent: usize,
    pub ui_timeout_ms: u64,
    pub search_path: OsString,
    folder: tempfile::TempDir,
}

impl Bench {
    pub fn new(actor: Actor, production: &str) -> Self {
        Self {
            http: settings(actor, Some(production)),
            users: Vec::new(),
            secrets: Vec::new(),
            max_concurrent: 8,
            ui_timeout_ms: 60_000,
            search_path: "/usr/local/bin:/usr/bin:/bin".into(),
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    pub fn repository(&self) -> PathBuf {
        let path = self.folder.path().join("repository");
        std::fs::create_dir_all(&path).expect("a folder");
        path
    }

    /// Returns a folder beside the repository.
    pub fn beside(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, path: &str, content: &str) {
        let path = self.repository().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, content).expect("written");
    }

    /// Puts an `npx` onto the search path that runs this shell script, and a Playwright into the repository.
    #[cfg(unix)]
    pub fn pretend_npx(&mut self, script: &str) {
        use std::os::unix::fs::PermissionsExt;

        let programs = self.folder.path().join("programs");
        std::fs::create_dir_all(&programs).expect("a folder");
        let npx = programs.join("npx");
        std::fs::write(&npx, format!("#!/bin/sh\n{script}\n")).expect("written");
        std::fs::set_permissions(&npx, std::fs::Permissions::from_mode(0o755)).expect("executable");
        let mut search_path = programs.into_os_string();
        search_path.push(":/usr/bin:/bin");
        self.search_path = search_path;
        self.write("node_modules/@playwright/test/package.json", "{}");
    }

    pub fn validator(&self) -> Validator {
        let redactor = Redactor::new(self.secrets.clone());
        let production = self.http.egress.production.clone();
        Validator::with_deps(ValidatorDeps {
            http: HttpClient::new(self.http.clone()).expect("a client"),
            executor: Executor::with_settings(ExecutorSettings {
                repository: self.repository(),
                search_path: self.search_path.clone(),
                hidden_variables: Vec::new(),
                redactor: redactor.clone(),
                supervisor: None,
                policy: CommandPolicy::Restricted { allowed: Vec::new() },
            }),
            users: self.users.clone(),
            production,
            production_route: None,
            redactor,
            clock: Arc::new(FixedClock::new(NOW)),
            max_concurrent: self.max_concurrent,
            ui_timeout_ms: self.ui_timeout_ms,
        })
    }
}
