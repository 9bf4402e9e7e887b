//! Where the real binary serves.

use std::path::PathBuf;

use tempfile::TempDir;

use crate::support::mcp_process::McpProcess;
use crate::support::production::Production;
use crate::support::world::git;

/// A repository, a state folder and a production for one server.
pub(super) struct Place {
    pub(super) folder: TempDir,
    pub(super) production: Production,
}

impl Place {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let repository = folder.path().join("repository");
        std::fs::create_dir(&repository).expect("a repository");
        std::fs::create_dir(folder.path().join("home")).expect("a home");
        git(&repository, &["init", "--quiet", "--initial-branch=main"]);
        std::fs::write(repository.join("README.md"), "# A service\n").expect("a file");
        git(&repository, &["add", "."]);
        git(&repository, &["commit", "--quiet", "--message", "first"]);
        Self { folder, production: Production::healthy().await }
    }

    pub(super) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub(super) fn repository(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    pub(super) fn arguments(&self, more: &[&str]) -> Vec<String> {
        let repository = self.repository();
        let known = [
            "mcp",
            "--prod-url",
            &self.production.url(),
            "--repo",
            repository.to_str().expect("a path of text"),
            "--project",
            "it",
        ];
        known.iter().chain(more).map(|word| (*word).to_owned()).collect()
    }

    pub(super) async fn serve(&self, more: &[&str]) -> McpProcess {
        self.serve_as(&[], more).await
    }

    /// Starts a server and opens no session with it.
    pub(super) fn start(&self, more: &[&str]) -> McpProcess {
        let arguments = self.arguments(more);
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        McpProcess::start_as(&[], &self.home(), &words)
    }

    pub(super) async fn serve_as(&self, launcher: &[&str], more: &[&str]) -> McpProcess {
        let arguments = self.arguments(more);
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut server = McpProcess::start_as(launcher, &self.home(), &words);
        server.initialize().await;
        server
    }
}
