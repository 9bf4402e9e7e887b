//! The product as an agent has it: the real MCP server in this process, over a pipe in memory, as its caller.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use rmcp::model::CallToolRequestParams;
use rmcp::service::RunningService;
use rmcp::{RoleClient, ServiceExt};
use serde_json::{Map, Value};
use snipara_orchestrator::app;
use snipara_orchestrator::config::{Environment, Overrides};
use snipara_orchestrator::domain::Actor;
use snipara_orchestrator::mcp::{Opener, Server, ServerOptions};
use snipara_orchestrator::orchestrator::Orchestrator;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use super::case::{Accomplice, Case, Step};
use super::checks::ACCOMPLICE;
use super::production::Production;

/// No call of this bench takes longer, unless something hangs.
const PATIENCE: Duration = Duration::from_secs(90);

/// The file that only a command makes which nobody trusted.
pub(super) const PLANTED: &str = "planted-by-a-command";
/// The password of the test user.
pub(super) const PASSWORD: &str = "correct-horse-battery";
/// Who commits.
const IDENTITY: [(&str, &str); 4] = [
    ("GIT_AUTHOR_NAME", "bench"),
    ("GIT_AUTHOR_EMAIL", "bench@example.com"),
    ("GIT_COMMITTER_NAME", "bench"),
    ("GIT_COMMITTER_EMAIL", "bench@example.com"),
];

/// What a call was answered.
pub(super) enum Answered {
    /// The tool's document.
    Told(Value),
    /// It was refused: code, message and hint.
    Refused(String, String, String),
}

/// A project with its production, and a session with the server that judges it.
pub(super) struct Session {
    client: RunningService<RoleClient, ()>,
    serving: JoinHandle<()>,
    orchestrator: Orchestrator,
    /// The agent's own server, where it has one.
    accomplice: Option<Production>,
    production: Production,
    repository: PathBuf,
    _folder: TempDir,
}

impl Session {
    /// Starts everything that a case needs; `repository` is a clean one that others read, too.
    pub(super) async fn open(case: &Case, repository: &Path) -> anyhow::Result<Self> {
        let production = Production::start(case.hosting, case.rules.clone()).await?;
        let settings = case.settings.iter().map(|(key, text)| ((*key).to_owned(), vec![text.clone()])).collect();
        let accomplice = match case.accomplice {
            Accomplice::None => None,
            _ => Some(Production::start(super::production::Hosting::Address, super::app::shop()).await?),
        };
        let folder = tempfile::tempdir()?;
        let own = folder.path().join("repository");
        let changes = case.before.iter().any(|step| !matches!(step, Step::Call(..)));
        let repository = if case.files.is_empty() && case.uncommitted.is_empty() && !changes {
            repository
        } else {
            make_repository(&own, &case.files)?;
            write(&own, case.uncommitted)?;
            &own
        };
        let allowed = accomplice.iter().filter(|_| case.accomplice == Accomplice::Allowed);
        let overrides = Overrides {
            prod_url: Some(production.url()),
            project: Some("liars".to_owned()),
            repo_path: Some(repository.to_owned()),
            resolve: production.resolve(),
            allow_hosts: allowed.map(Production::host).collect(),
            settings,
            ..Overrides::default()
        };
        let path = std::env::var_os("PATH").unwrap_or_default();
        let home = folder.path().join("state").into();
        let variables = BTreeMap::from([
            ("SNIPARA_ORCHESTRATOR_HOME".into(), home),
            ("PATH".into(), path),
            ("SNIPARA_TEST_ADA".into(), PASSWORD.into()),
        ]);
        let environment = Environment { variables, current_folder: repository.to_owned(), supervisor: None };
        let orchestrator = app::open(Actor::Caller, &overrides, &environment, "liars").await?;
        let (client, serving) = connect(orchestrator.clone()).await?;
        let repository = repository.to_owned();
        let session = Self { client, serving, orchestrator, accomplice, production, repository, _folder: folder };
        session.see_head()?;
        Ok(session)
    }

    fn see_head(&self) -> anyhow::Result<()> {
        let head = Command::new("git").args(["rev-parse", "HEAD"]).current_dir(&self.repository).output()?;
        self.production.see_head(String::from_utf8_lossy(&head.stdout).trim());
        Ok(())
    }

    /// Runs a command of the agent's own shell in the repository.
    pub(super) fn shell(&self, command: &str) -> anyhow::Result<()> {
        let status = Command::new("sh").args(["-c", command]).envs(IDENTITY).current_dir(&self.repository).status()?;
        anyhow::ensure!(status.success(), "{command} failed");
        self.see_head()
    }

    /// Puts production's next build in place.
    pub(super) fn deploy(&self) {
        self.production.deploy();
    }

    /// Tells whether a command ran that nobody trusted.
    pub(super) fn was_broken_into(&self) -> bool {
        self.repository.join(PLANTED).exists()
    }

    /// Calls a tool. `{{accomplice}}` in the arguments is the address of the agent's own server.
    pub(super) async fn call(&self, tool: &'static str, arguments: &Map<String, Value>) -> anyhow::Result<Answered> {
        let text = serde_json::to_string(arguments)?;
        let own = self.accomplice.as_ref().map(Production::url).unwrap_or_default();
        let mut parameters = CallToolRequestParams::new(tool);
        parameters.arguments = Some(serde_json::from_str(&text.replace(ACCOMPLICE, &own))?);
        let calling = tokio::time::timeout(PATIENCE, self.client.call_tool(parameters));
        let result = calling.await.context("no answer in time")??;
        if result.is_error != Some(true) {
            return Ok(Answered::Told(result.structured_content.context("no structured content")?));
        }
        let text = result.content.first().and_then(|block| block.as_text()).context("no text")?;
        let document: Value = serde_json::from_str(&text.text)?;
        let part = |name: &str| document[name].as_str().unwrap_or_default().to_owned();
        Ok(Answered::Refused(part("code"), part("message"), part("hint")))
    }

    /// Ends the session; the production stops when this is dropped.
    pub(super) async fn close(self) {
        let _ = self.client.cancel().await;
        self.serving.abort();
        self.orchestrator.shut_down().await;
    }
}

async fn connect(orchestrator: Orchestrator) -> anyhow::Result<(RunningService<RoleClient, ()>, JoinHandle<()>)> {
    let opener: Opener = Arc::new(move || {
        let orchestrator = orchestrator.clone();
        Box::pin(async move { Ok(orchestrator) })
    });
    let options = ServerOptions { toolsets: Some(vec!["all".to_owned()]), ..ServerOptions::default() };
    let server = Server::new(&options, opener)?;
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let serving = tokio::spawn(async move {
        if let Ok(running) = server.serve(theirs).await {
            let _ = running.waiting().await;
        }
    });
    let client = tokio::time::timeout(PATIENCE, ().serve(ours)).await.context("no session in time")??;
    Ok((client, serving))
}

/// Makes a repository with one commit of these files.
pub(super) fn make_repository(folder: &Path, files: &[(&str, &str)]) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    write(folder, &[("README.md", "# A shop\n")])?;
    write(folder, files)?;
    for arguments in [&["init", "-q"][..], &["add", "."], &["commit", "-q", "-m", "a commit"]] {
        let status = Command::new("git").args(arguments).envs(IDENTITY).current_dir(folder).status();
        anyhow::ensure!(status.context("git is missing")?.success(), "git {arguments:?} failed");
    }
    Ok(())
}

fn write(folder: &Path, files: &[(&str, &str)]) -> anyhow::Result<()> {
    for (name, content) in files {
        let file = folder.join(name);
        std::fs::create_dir_all(file.parent().context("a folder")?)?;
        std::fs::write(file, content)?;
    }
    Ok(())
}
