//! The stories of the traits, unchanged: our proxy here, the real `serve` there.

use std::os::unix::fs::PermissionsExt;

use snipara_orchestrator::domain::SecretText;
use snipara_orchestrator::snipara::hosted::{HostedClient, HostedSettings};
use url::Url;

use crate::snipara::{context, htasks, memories, swarms};
use crate::support::http_process::{HttpProcess, Site};
use crate::support::snipara_host::settings_for;
use crate::support::sqlite::sqlite3;
use crate::support::world::{Settings, World};

const TOKEN: &str = "planted-token-of-the-proxy";

/// A server in a process of its own, and a world that has it as its neighbour.
struct Remote {
    site: Site,
    here: World,
    _server: HttpProcess,
}

impl Remote {
    async fn new() -> Self {
        let site = Site::new().await;
        let tokens = site.path().join("tokens");
        std::fs::write(&tokens, format!("proxy read,write {TOKEN} it\n")).expect("written");
        std::fs::set_permissions(&tokens, std::fs::Permissions::from_mode(0o600)).expect("private");
        let server = site.serve(&["--token-file", tokens.to_str().expect("text")]).await;
        let settings = settings_for(Url::parse(&format!("http://{}", server.authority())).expect("a URL"));
        let (project, api_key) = ("it".to_owned(), SecretText::new(TOKEN));
        let client = HostedClient::new(HostedSettings { project, api_key, ..settings });
        let here = World::with(Settings { snipara: Some(client.into_snipara()), ..Settings::default() }).await;
        Self { site, here, _server: server }
    }

    /// Asks the server's store.
    fn there(&self, sql: &str) -> String {
        let store = self.site.home().join("projects/it/store.sqlite3");
        sqlite3(&store, sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }
}

#[tokio::test]
async fn the_story_of_memories_holds_on_another_server_of_ours() {
    let remote = Remote::new().await;
    memories::story(&remote.here.orchestrator).await;
    assert_eq!(remote.here.sqlite3("SELECT count(*) FROM memories").trim(), "0", "nothing is kept here");
    assert_eq!(remote.there("SELECT count(*) FROM memories WHERE status='SUPERSEDED'").trim(), "1");
}

#[tokio::test]
async fn the_story_of_context_holds_on_another_server_of_ours() {
    let remote = Remote::new().await;
    for (path, text) in context::DOCUMENTS {
        let path = remote.site.path().join("repository").join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("written");
    }
    context::story(&remote.here.orchestrator).await;
}

#[tokio::test]
async fn the_story_of_swarms_holds_on_another_server_of_ours() {
    let remote = Remote::new().await;
    swarms::story(&remote.here.orchestrator).await;
    assert_eq!(remote.here.sqlite3("SELECT count(*) FROM swarms").trim(), "0", "nothing is kept here");
    assert_eq!(remote.there("SELECT count(*) FROM swarms").trim(), "1");
}

#[tokio::test]
async fn the_story_of_htasks_holds_on_another_server_of_ours() {
    let remote = Remote::new().await;
    htasks::story(&remote.here.orchestrator).await;
    assert_eq!(remote.here.sqlite3("SELECT count(*) FROM htasks").trim(), "0", "nothing is kept here");
    assert_eq!(remote.there("SELECT count(*) FROM htasks WHERE status='COMPLETED'").trim(), "3");
}
