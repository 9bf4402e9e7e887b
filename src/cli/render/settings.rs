//! The settings in force.

use serde::Serialize;

use super::paint::{Paint, line};
use crate::domain::{OutboxCounts, Policy, pluralize};

/// The document of `status --json`. It holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct SettingsDocument {
    pub(crate) project: String,
    pub(crate) prod_url: Option<String>,
    pub(crate) repo_path: String,
    pub(crate) config_file: Option<String>,
    /// Whether the permissions in the file count for agents. Absent when the file holds none.
    pub(crate) trusted: Option<bool>,
    pub(crate) state_folder: String,
    pub(crate) test_users: Vec<String>,
    pub(crate) gatekeeper_id: String,
    pub(crate) fail_fast_on_drift: bool,
    pub(crate) auto_remember: bool,
    pub(crate) policy: Policy,
    pub(crate) health_paths: Option<Vec<String>>,
    pub(crate) settle_seconds: u64,
    pub(crate) api_key_set: bool,
    /// The backend of memories, context, htasks and swarms: `embedded`, or `hosted at` an origin.
    pub(crate) snipara: String,
    /// The messages that wait to be sent to the hosted service. Absent when the embedded store answers.
    pub(crate) outbox: Option<OutboxCounts>,
    pub(crate) config_digest: String,
    pub(crate) warnings: Vec<String>,
}

fn snipara(document: &SettingsDocument) -> String {
    let mut told = line(&document.snipara);
    for (count, what) in document
        .outbox
        .iter()
        .flat_map(|outbox| [(outbox.waiting, "waiting to be sent"), (outbox.unknown, "perhaps lost")])
    {
        if count > 0 {
            told.push_str(&format!(", {count} {what}"));
        }
    }
    told
}

/// Shows the settings, one a line.
pub(crate) fn settings(document: &SettingsDocument, paint: Paint, quiet: bool) -> String {
    let prod_url = document.prod_url.as_deref().unwrap_or("not configured");
    if quiet {
        return format!("{} {}\n", line(&document.project), line(prod_url));
    }
    let yes = |flag| if flag { "yes" } else { "no" }.to_owned();
    let list = |items: &[String]| if items.is_empty() { "none".to_owned() } else { line(&items.join(", ")) };
    let rows = [
        ("Project", line(&document.project)),
        ("Prod URL", line(prod_url)),
        ("Repo path", line(&document.repo_path)),
        ("Config file", document.config_file.as_deref().map_or_else(|| "none".into(), line)),
        (
            "Trusted",
            document.trusted.map_or_else(
                || "nothing in the file needs it".into(),
                |trusted| match trusted {
                    true => "yes".into(),
                    false => "no (run `snipara-orchestrator trust`)".into(),
                },
            ),
        ),
        ("State folder", line(&document.state_folder)),
        ("Test users", list(&document.test_users)),
        ("Gatekeeper", line(&document.gatekeeper_id)),
        ("Fail fast", yes(document.fail_fast_on_drift)),
        ("Auto remember", yes(document.auto_remember)),
        (
            "Policy",
            format!(
                "{} at least, {} of the task's own; {}, {}",
                pluralize(document.policy.required_proofs, "proof", "proofs"),
                document.policy.min_task_proofs,
                pluralize(document.policy.local_tests.len(), "local test", "local tests"),
                pluralize(document.policy.live_checks.len(), "live check", "live checks")
            ),
        ),
        ("Health paths", document.health_paths.as_deref().map_or_else(|| "the well-known four".into(), list)),
        ("API key", if document.api_key_set { "set".into() } else { "not set".into() }),
        ("Snipara", snipara(document)),
    ];
    let mut text = String::new();
    for (name, value) in rows {
        text.push_str(&format!("{} {value}\n", paint.strong(format!("{name:<14}"))));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_are_shown_without_the_key() {
        let document = SettingsDocument {
            project: "my-project".into(),
            prod_url: None,
            repo_path: "/repo".into(),
            config_file: Some("/repo/.snipara-orchestrator.json".into()),
            trusted: Some(false),
            state_folder: "/state".into(),
            test_users: vec!["test@example.com".into()],
            gatekeeper_id: "gatekeeper".into(),
            fail_fast_on_drift: true,
            auto_remember: true,
            policy: Policy::default(),
            health_paths: None,
            settle_seconds: 0,
            api_key_set: true,
            snipara: "hosted at https://api.snipara.com".into(),
            outbox: Some(OutboxCounts { waiting: 2, unknown: 1, ..OutboxCounts::default() }),
            config_digest: "sha256:abcd".into(),
            warnings: Vec::new(),
        };
        insta::assert_snapshot!(settings(&document, Paint::new(false), false), @"
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
        Health paths   the well-known four
        API key        set
        Snipara        hosted at https://api.snipara.com, 2 waiting to be sent, 1 perhaps lost
        ");
        assert_eq!(settings(&document, Paint::new(false), true), "my-project not configured\n");
    }
}
