//! The stories of the traits, unchanged, through the hosted client in every envelope.

use crate::snipara::{context, memories, swarms};
use crate::support::snipara_host::{Envelope, SniparaHost};
use crate::support::world::{Settings, World};

/// A world whose neighbour is the host, and a host that speaks one envelope.
async fn world(envelope: Envelope) -> (SniparaHost, World) {
    let host = SniparaHost::speaking(envelope).await;
    let snipara = Some(host.client().into_snipara());
    let world = World::with(Settings { snipara, ..Settings::default() }).await;
    (host, world)
}

#[tokio::test]
async fn the_story_of_memories_holds_through_the_hosted_client_in_every_envelope() {
    for envelope in Envelope::ALL {
        let (host, world) = world(envelope).await;
        memories::story(&world.orchestrator).await;
        assert!(!host.calls().is_empty(), "{envelope:?}: the host did it");
        assert_eq!(world.sqlite3("SELECT count(*) FROM memories").trim(), "0", "nothing is kept here");
    }
}

#[tokio::test]
async fn the_story_of_context_holds_through_the_hosted_client_in_every_envelope() {
    for envelope in Envelope::ALL {
        let (host, world) = world(envelope).await;
        for (path, text) in context::DOCUMENTS {
            host.document(path, text);
        }
        context::story(&world.orchestrator).await;
        assert!(host.calls().iter().all(|(name, _)| name == "snipara_context_query"), "{envelope:?}");
    }
}

#[tokio::test]
async fn the_story_of_swarms_holds_through_the_hosted_client_in_every_envelope() {
    for envelope in Envelope::ALL {
        let (host, world) = world(envelope).await;
        swarms::story(&world.orchestrator).await;
        assert!(!host.calls().is_empty(), "{envelope:?}: the host did it");
        assert_eq!(world.sqlite3("SELECT count(*) FROM swarms").trim(), "0", "nothing is kept here");
    }
}

#[tokio::test]
async fn the_stories_hold_on_a_server_that_knows_only_rlm_names() {
    let (host, world) = world(Envelope::Text).await;
    host.knows_only_rlm(true);
    memories::story(&world.orchestrator).await;
    swarms::story(&world.orchestrator).await;
    let published = host.calls().iter().filter(|(name, _)| name.starts_with("snipara_")).count();
    assert_eq!(published, 1, "only the first call tries the published name");
}
