//! What `doctor` says of clients' hooks and of the system that it runs on.

use std::path::Path;

use super::{missing, works};
use crate::cli::hook::HookCalls;
use crate::cli::install::{
    Client, ClientPaths, HookClient, HookPlace, HookTrust, InstallScope, codex_trust, our_hooks,
};
use crate::cli::render::Finding;
use crate::config::{Config, Environment};
use crate::domain::{Timestamp, shown_path};

/// Says of each client's hooks where they are, whether the client runs them, and when it called one last here.
pub(super) fn hooks(environment: &Environment, config: &Config) -> Vec<Finding> {
    let Ok(paths) = ClientPaths::of(environment, Some(&config.repository)) else { return Vec::new() };
    let calls = HookCalls::read(&config.state_folder);
    let mut findings = Vec::new();
    for client in [HookClient::Claude, HookClient::Codex, HookClient::Gemini] {
        let name = format!("{} hooks", client.client().title().to_lowercase());
        let called = client.events().iter().filter_map(|(_, word)| calls.last(client.word(), word)).max();
        let before = findings.len();
        for scope in [InstallScope::Project, InstallScope::User] {
            let Some(file) = client.config_file(scope, &paths).map(|it| it.file) else { continue };
            let Ok(ours) = our_hooks(client, &text(&file)) else { continue };
            if !ours.is_empty() {
                findings.push(of_file(&name, client, scope, &file, &ours, &paths, called));
            }
        }
        // A plugin's hooks stand in no file of the person's.
        if let Some(called) = called.filter(|_| findings.len() == before) {
            findings.push(works(name, false, format!("in no settings of yours (a plugin's?); last called {called}")));
        }
    }
    findings
}

fn of_file(
    name: &str,
    client: HookClient,
    scope: InstallScope,
    file: &Path,
    ours: &[(&'static str, &'static str, HookPlace)],
    paths: &ClientPaths,
    called: Option<Timestamp>,
) -> Finding {
    let events: Vec<&str> = ours.iter().map(|(event, ..)| *event).collect();
    let called = called.map_or_else(|| "never called here".to_owned(), |time| format!("last called {time}"));
    let place = format!("{} in {}", events.join(", "), shown_path(file));
    match (client, scope) {
        (HookClient::Codex, _) => {
            let own = Client::Codex.config_file(InstallScope::User, paths).map(|it| text(&it.file)).unwrap_or_default();
            let trust =
                |event: &str, place: &HookPlace| codex_trust(&own, file, event, place).unwrap_or(HookTrust::Unknown);
            let refused: Vec<String> = ours
                .iter()
                .filter_map(|(event, _, place)| match trust(event, place) {
                    HookTrust::Trusted => None,
                    HookTrust::Changed => Some(format!("{event} changed since it was trusted")),
                    HookTrust::Unknown => Some(format!("{event} is not trusted yet")),
                })
                .collect();
            if refused.is_empty() {
                return works(name, false, format!("{place}; Codex trusts them; {called}"));
            }
            let detail = format!("{place}; Codex does not run them: {}; {called}", refused.join(", "));
            missing(name, false, detail, "open `codex` here and trust them with `/hooks`")
        }
        (HookClient::Claude, InstallScope::Project) if !claude_trusts(paths) => missing(
            name,
            false,
            format!("{place}; Claude Code was not told to trust this folder yet; {called}"),
            "open `claude` here and accept the folder",
        ),
        (_, InstallScope::User) => works(name, false, format!("{place}; trusted, as your own settings are; {called}")),
        (HookClient::Claude, InstallScope::Project) => {
            works(name, false, format!("{place}; Claude Code trusts this folder; {called}"))
        }
        (HookClient::Gemini, InstallScope::Project) => {
            works(name, false, format!("{place}; Gemini CLI warns once of a repository's hooks; {called}"))
        }
    }
}

/// Claude Code notes the folders that a person accepted beside its servers.
fn claude_trusts(paths: &ClientPaths) -> bool {
    let Some(file) = Client::Claude.config_file(InstallScope::User, paths) else { return false };
    let document: serde_json::Value = serde_json::from_str(&text(&file.file)).unwrap_or_default();
    let repository = paths.repository.display().to_string();
    document["projects"][repository.as_str()]["hasTrustDialogAccepted"] == true
}

fn text(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_default()
}

/// Says what does not hold on this system; nothing on Linux.
pub(super) fn system() -> Option<Finding> {
    limits(cfg!(target_os = "linux"), cfg!(unix))
}

fn limits(is_linux: bool, is_unix: bool) -> Option<Finding> {
    const ALWAYS: &str = "commands that a killed server leaves running are neither ended with it nor swept later, and \
                          its memory can be read by what it starts";
    let detail = match (is_linux, is_unix) {
        (true, _) => return None,
        (false, true) => format!("not Linux: {ALWAYS}"),
        (false, false) => {
            format!("not Linux: {ALWAYS}; files of state and keys have the rights of their folder, not 0600")
        }
    };
    Some(missing("system", false, detail, "use the image or a Linux where that matters"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_linux_has_no_limits_to_tell_and_windows_has_one_more() {
        assert_eq!(limits(true, true), None);
        let told = |is_unix| limits(false, is_unix).expect("a finding");
        assert!(!told(true).needed && told(true).detail.contains("swept") && !told(true).detail.contains("0600"));
        assert!(told(false).detail.contains("0600"));
    }
}
