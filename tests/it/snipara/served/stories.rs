//! The stories of the traits, unchanged: our proxy here, our server there.

use crate::snipara::{context, htasks, memories, swarms};
use crate::support::served::Served;
use crate::support::world::{Settings, World};

/// The server's world, the server, and a world that has it as its neighbour.
async fn remote() -> (World, Served, World) {
    let there = World::new().await;
    let served = Served::over(&there).await;
    let snipara = Some(served.client("any-key-will-do-here").into_snipara());
    let here = World::with(Settings { snipara, ..Settings::default() }).await;
    (there, served, here)
}

#[tokio::test]
async fn the_story_of_memories_holds_on_another_server_of_ours() {
    let (there, _served, here) = remote().await;
    memories::story(&here.orchestrator).await;
    assert_eq!(here.sqlite3("SELECT count(*) FROM memories").trim(), "0", "nothing is kept here");
    assert_eq!(there.sqlite3("SELECT count(*) FROM memories WHERE status='SUPERSEDED'").trim(), "1");
}

#[tokio::test]
async fn the_story_of_context_holds_on_another_server_of_ours() {
    let (there, _served, here) = remote().await;
    for (path, text) in context::DOCUMENTS {
        let path = there.repository().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("written");
    }
    context::story(&here.orchestrator).await;
}

#[tokio::test]
async fn the_story_of_swarms_holds_on_another_server_of_ours() {
    let (there, _served, here) = remote().await;
    swarms::story(&here.orchestrator).await;
    assert_eq!(here.sqlite3("SELECT count(*) FROM swarms").trim(), "0", "nothing is kept here");
    assert_eq!(there.sqlite3("SELECT count(*) FROM swarms").trim(), "1");
}

#[tokio::test]
async fn the_story_of_htasks_holds_on_another_server_of_ours() {
    let (there, _served, here) = remote().await;
    htasks::story(&here.orchestrator).await;
    assert_eq!(here.sqlite3("SELECT count(*) FROM htasks").trim(), "0", "nothing is kept here");
    assert_eq!(there.sqlite3("SELECT count(*) FROM htasks WHERE status='COMPLETED'").trim(), "3");
}
