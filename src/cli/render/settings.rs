//! The settings in force.

use std::path::Path;

use serde_json::{Value, json};

use super::paint::{Paint, line};
use crate::config::{Config, ConfigError};
use crate::domain::{OutboxCounts, pluralize};

/// The settings in force, and what is known of them besides.
pub(crate) struct Settings<'a> {
    pub(crate) config: &'a Config,
    /// What is wrong with the settings that are not in force.
    pub(crate) problems: &'a [ConfigError],
    /// Whether the permissions in the file count for agents. Absent when the file holds none.
    pub(crate) trusted: Option<bool>,
    /// The backend of memories, context, htasks and swarms: `embedded`, or `hosted at` an origin.
    pub(crate) snipara: String,
    /// The messages that wait to be sent to the hosted service. Absent when the embedded store answers.
    pub(crate) outbox: Option<OutboxCounts>,
}

impl Settings<'_> {
    /// Returns the document of `status --json`. It holds no secret.
    pub(crate) fn document(&self) -> Value {
        let config = self.config;
        json!({
            "project": config.project,
            "prod_url": config.prod_url.as_ref().map(ToString::to_string),
            "repo_path": config.repository.display().to_string(),
            "config_file": config.file.as_ref().map(|file| file.display().to_string()),
            "trusted": self.trusted,
            "state_folder": config.state_folder.display().to_string(),
            "test_users": self.test_users(),
            "gatekeeper_id": config.gatekeeper_id,
            "fail_fast_on_drift": config.fail_fast_on_drift,
            "auto_remember": config.auto_remember,
            "policy": config.policy,
            "health_paths": config.health_paths,
            "settle_seconds": config.settle_seconds,
            "converge": config.converge,
            "api_key_set": config.snipara_api_key.is_some(),
            "snipara": self.snipara,
            "outbox": self.outbox,
            "config_digest": config.config_digest,
            "proxy": config.proxies.shown(),
            "warnings": config.warnings,
            "problems": self.problems.iter().map(ConfigError::message).collect::<Vec<_>>(),
        })
    }

    /// Shows the settings, one a line.
    pub(crate) fn text(&self, paint: Paint, quiet: bool) -> String {
        let config = self.config;
        let prod_url = config.prod_url.as_ref().map_or("not configured", |url| url.as_str());
        if quiet {
            return format!("{} {}\n", line(config.project.as_str()), line(prod_url));
        }
        let policy = &config.policy;
        let yes = |flag| if flag { "yes" } else { "no" }.to_owned();
        let list = |items: &[String]| if items.is_empty() { "none".to_owned() } else { line(&items.join(", ")) };
        let path = |path: &Path| line(&path.display().to_string());
        let trusted = match self.trusted {
            None => "nothing in the file needs it",
            Some(true) => "yes",
            Some(false) => "no (run `snipara-orchestrator trust`)",
        };
        let rows = [
            ("Project", line(config.project.as_str())),
            ("Prod URL", line(prod_url)),
            ("Repo path", path(&config.repository)),
            ("Config file", config.file.as_deref().map_or_else(|| "none".into(), path)),
            ("Trusted", trusted.into()),
            ("State folder", path(&config.state_folder)),
            ("Test users", list(&self.test_users())),
            ("Gatekeeper", line(&config.gatekeeper_id)),
            ("Fail fast", yes(config.fail_fast_on_drift)),
            ("Auto remember", yes(config.auto_remember)),
            (
                "Policy",
                format!(
                    "{} at least, {} of the task's own; {}, {}",
                    pluralize(policy.required_proofs, "proof", "proofs"),
                    policy.min_task_proofs,
                    pluralize(policy.local_tests.len(), "local test", "local tests"),
                    pluralize(policy.live_checks.len(), "live check", "live checks")
                ),
            ),
            ("Suites", list(&config.suites.keys().cloned().collect::<Vec<_>>())),
            ("Health paths", config.health_paths.as_deref().map_or_else(|| "the well-known four".into(), list)),
            ("Proxy", line(&config.proxies.shown())),
            ("API key", if config.snipara_api_key.is_some() { "set".into() } else { "not set".into() }),
            ("Snipara", self.who_answers()),
        ];
        rows.map(|(name, value)| format!("{} {value}\n", paint.strong(format!("{name:<14}")))).concat()
    }

    fn test_users(&self) -> Vec<String> {
        self.config.test_users.iter().map(|user| user.name.clone()).collect()
    }

    fn who_answers(&self) -> String {
        let mut told = line(&self.snipara);
        let counts = self
            .outbox
            .iter()
            .flat_map(|outbox| [(outbox.waiting, "waiting to be sent"), (outbox.unknown, "perhaps lost")]);
        for (count, what) in counts.filter(|(count, _)| *count > 0) {
            told.push_str(&format!(", {count} {what}"));
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Builder;
    use crate::domain::{Credential, SecretText, TestUser};

    #[test]
    fn the_settings_are_shown_without_the_key() {
        let user = TestUser::new("test@example.com", Credential::Missing { variable: "X".into() });
        let builder =
            Builder::new().repository(env!("CARGO_MANIFEST_DIR")).project("my-project").state_folder("/state");
        let mut config = builder.test_user(user).gatekeeper_id("gatekeeper").config().expect("settings");
        config.repository = "/repo".into();
        config.file = Some("/repo/.snipara-orchestrator.json".into());
        config.snipara_api_key = Some(SecretText::new("planted-key"));
        let settings = Settings {
            config: &config,
            problems: &[],
            trusted: Some(false),
            snipara: "hosted at https://api.snipara.com".into(),
            outbox: Some(OutboxCounts { waiting: 2, unknown: 1, ..OutboxCounts::default() }),
        };
        assert!(!settings.document().to_string().contains("planted"));
        insta::assert_snapshot!(settings.text(Paint::new(false), false), @"
        Project        my-project
        Prod URL       not configured
        Repo path      /repo
        Config file    /repo/.snipara-orchestrator.json
        Trusted        no (run `snipara-orchestrator trust`)
        State folder   /state
        Test users     test@example.com
        Gatekeeper     gatekeeper
        Fail fast      yes
        Auto remember  yes
        Policy         1 proof at least, 1 of the task's own; 0 local tests, 0 live checks
        Suites         none
        Health paths   the well-known four
        Proxy          none
        API key        set
        Snipara        hosted at https://api.snipara.com, 2 waiting to be sent, 1 perhaps lost
        ");
        assert_eq!(settings.text(Paint::new(false), true), "my-project not configured\n");
    }
}
