//! Subscriptions, through real clients of both eras.

#![expect(deprecated, reason = "resources/subscribe is how clients until 2025-11-25 watch a resource")]

use rmcp::model::{
    ResourceUpdatedNotificationParam, ServerNotification, SubscribeRequestParams, SubscriptionFilter,
    UnsubscribeRequestParams,
};
use rmcp::service::{ClientServiceExt, NotificationContext, RunningService, Subscription, SubscriptionEnd};
use rmcp::{ClientHandler, RoleClient, ServiceExt};
use serde_json::json;
use snipara_orchestrator::domain::TaskId;
use snipara_orchestrator::mcp::{Opener, Server, ServerOptions};
use tokio::sync::mpsc;

use crate::support::mcp_client::{Client, Era, every_tool, opener, panicking_opener};
use crate::support::patience::PATIENCE;
use crate::support::production::Answer;
use crate::support::world::{PATHS, World};

/// Hands on which resources were updated.
struct Updates(mpsc::UnboundedSender<String>);

impl ClientHandler for Updates {
    async fn on_resource_updated(
        &self,
        update: ResourceUpdatedNotificationParam,
        _context: NotificationContext<RoleClient>,
    ) {
        let _ = self.0.send(update.uri);
    }
}

/// A session until 2025-11-25 that hears of updates.
struct Session {
    session: RunningService<RoleClient, Updates>,
    updates: mpsc::UnboundedReceiver<String>,
}

impl Session {
    async fn of(server: &Server) -> Self {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let server = server.clone();
        tokio::spawn(async move {
            let running = server.serve(theirs).await.expect("a session");
            let _ = running.waiting().await;
        });
        let (sender, updates) = mpsc::unbounded_channel();
        let session = Updates(sender).serve_with_lifecycle(ours, rmcp::service::ClientLifecycleMode::Initialize);
        Self { session: session.await.expect("a session"), updates }
    }

    async fn subscribe(&self, uri: &str) {
        self.session.subscribe(SubscribeRequestParams::new(uri)).await.unwrap_or_else(|error| panic!("{uri}: {error}"));
    }

    async fn unsubscribe(&self, uri: &str) {
        let asked = UnsubscribeRequestParams::new(uri);
        self.session.unsubscribe(asked).await.unwrap_or_else(|error| panic!("{uri}: {error}"));
    }

    /// Waits for an update of this resource; returns the others that came before.
    async fn hears_of(&mut self, uri: &str) -> Vec<String> {
        let mut others = Vec::new();
        let heard = async {
            loop {
                let updated = self.updates.recv().await.expect("a session");
                if updated == uri {
                    return;
                }
                others.push(updated);
            }
        };
        tokio::time::timeout(PATIENCE, heard).await.unwrap_or_else(|_| panic!("no update of {uri}"));
        others
    }
}

fn server(opener: Opener) -> Server {
    Server::new(&every_tool(), opener).expect("options")
}

/// A task of which one attempt failed.
async fn failed_task(world: &World) -> TaskId {
    world.production.answer("/api/cart", Answer::text(500, "no"));
    let id = world.run(world.request(&PATHS)).await.task_id;
    world.production.answer("/api/cart", Answer::text(200, "yes"));
    id
}

fn again(id: &TaskId) -> snipara_orchestrator::orchestrator::RunRequest {
    snipara_orchestrator::orchestrator::RunRequest { task_id: Some(id.to_string()), ..Default::default() }
}

#[tokio::test]
async fn a_watched_task_and_the_ledgers_head_are_updated_when_another_process_runs_the_task() {
    let world = World::new().await;
    let id = failed_task(&world).await;
    let mut session = Session::of(&server(opener(&world))).await;
    let uri = format!("task://{id}");
    session.subscribe(&uri).await;
    session.subscribe("ledger://head").await;
    let report = world.another().run_task(again(&id)).await.expect("a run");
    assert_eq!(report.status.as_str(), "done");
    if !session.hears_of(&uri).await.contains(&"ledger://head".to_owned()) {
        session.hears_of("ledger://head").await;
    }
}

#[tokio::test]
async fn a_watched_proof_is_updated_when_its_body_is_removed() {
    let world = World::new().await;
    world.run(world.request(&PATHS)).await;
    let proofs = world.another().proofs(None, 20).await.expect("read");
    let proof = proofs.into_iter().find(|proof| proof.response_body.is_some()).expect("a proof with a body");
    let uri = format!("proof://{}", proof.seq.expect("a number"));
    let mut session = Session::of(&server(opener(&world))).await;
    session.subscribe(&uri).await;
    world.another().redact(proof.seq.expect("a number")).await.expect("redacted");
    session.hears_of(&uri).await;
}

#[tokio::test]
async fn a_session_hears_only_of_what_it_watches_and_no_more_after_it_unsubscribed() {
    let world = World::new().await;
    let (left, right) = (failed_task(&world).await, failed_task(&world).await);
    let server = server(opener(&world));
    let (mut one, mut two) = (Session::of(&server).await, Session::of(&server).await);
    one.subscribe(&format!("task://{left}")).await;
    one.subscribe(&format!("task://{right}")).await;
    one.unsubscribe(&format!("task://{left}")).await;
    two.subscribe(&format!("task://{left}")).await;
    world.run(again(&left)).await;
    assert_eq!(two.hears_of(&format!("task://{left}")).await, [""; 0]);
    world.run(again(&right)).await;
    // What happened to the other task was looked at before, so it would have been told before.
    assert_eq!(one.hears_of(&format!("task://{right}")).await, [""; 0]);
}

#[tokio::test]
async fn a_watched_htask_is_updated_when_it_changes() {
    let world = World::new().await;
    let server = server(opener(&world));
    let mut session = Session::of(&server).await;
    let other = Client::of(&world, Era::Initialize).await;
    let made = other.told("htask_create", json!({"title": "Migrate", "description": "d", "owner": "ada"})).await;
    let (swarm, id) = (made["swarm_id"].as_str().expect("text"), made["task_id"].as_str().expect("text"));
    let uri = format!("htask://{swarm}/{id}");
    session.subscribe(&uri).await;
    other.told("htask_next", json!({"claim_for_agent": "ada"})).await;
    session.hears_of(&uri).await;
}

#[tokio::test]
async fn addresses_of_no_known_form_are_accepted_and_open_nothing_and_huge_ones_are_refused() {
    let session = Session::of(&server(panicking_opener())).await;
    for uri in ["test://watched-resource", "file:///etc/passwd", "task://../x", ""] {
        session.subscribe(uri).await;
        session.unsubscribe(uri).await;
    }
    let huge = SubscribeRequestParams::new(format!("test://{}", "a".repeat(5_000)));
    let error = session.session.subscribe(huge).await.expect_err("refused").to_string();
    assert!(error.contains("at most 600"), "{error}");
}

#[tokio::test]
async fn what_nobody_has_is_accepted_and_never_updated() {
    let world = World::new().await;
    let id = failed_task(&world).await;
    let mut session = Session::of(&server(opener(&world))).await;
    session.subscribe("task://task_00000000000070008000000000000001").await;
    session.subscribe("proof://99999").await;
    session.subscribe(&format!("task://{id}")).await;
    world.run(again(&id)).await;
    session.hears_of(&format!("task://{id}")).await;
}

async fn next(subscription: &mut Subscription) -> Option<String> {
    let next = tokio::time::timeout(PATIENCE, subscription.next()).await.expect("in time");
    match next.expect("a notification")? {
        ServerNotification::ResourceUpdatedNotification(update) => Some(update.params.uri),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn who_listens_is_told_when_another_process_runs_the_task() {
    let world = World::new().await;
    let id = failed_task(&world).await;
    let client = Client::of(&world, Era::Discover).await;
    let uri = format!("task://{id}");
    let filter = SubscriptionFilter::builder()
        .resource_subscriptions([uri.as_str(), "file:///etc/passwd", "task://../x"])
        .tools_list_changed()
        .build();
    let mut subscription = client.session.listen(filter).await.expect("a subscription");
    let accepted = SubscriptionFilter::builder().resource_subscription(uri.as_str()).build();
    assert_eq!(subscription.acknowledged(), &accepted);
    let report = world.another().run_task(again(&id)).await.expect("a run");
    assert_eq!(report.status.as_str(), "done");
    assert_eq!(next(&mut subscription).await, Some(uri));
    subscription.cancel().await.expect("cancelled");
    assert_eq!(subscription.end(), Some(&SubscriptionEnd::Cancelled));
    assert!(client.session.list_tools(None).await.is_ok(), "the session goes on");
}

#[tokio::test]
async fn listening_to_nothing_opens_nothing_and_lasts_until_it_is_cancelled() {
    let client = Client::open(Era::Discover, ServerOptions::default(), panicking_opener()).await;
    let mut subscription = client.session.listen(SubscriptionFilter::new()).await.expect("a subscription");
    assert_eq!(subscription.acknowledged(), &SubscriptionFilter::new());
    assert_eq!(subscription.end(), None);
    subscription.cancel().await.expect("cancelled");
}

#[tokio::test]
async fn a_server_that_stops_ends_what_listens() {
    let world = World::new().await;
    let server = server(opener(&world));
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let serving = server.clone();
    tokio::spawn(async move {
        let running = serving.serve(theirs).await.expect("a session");
        let _ = running.waiting().await;
    });
    let modern = rmcp::service::ClientLifecycleMode::Discover {
        preferred_versions: vec![rmcp::model::ProtocolVersion::V_2026_07_28],
    };
    let session = ().serve_with_lifecycle(ours, modern).await.expect("a session");
    let filter = SubscriptionFilter::builder().resource_subscription("ledger://head").build();
    let mut subscription = session.listen(filter).await.expect("a subscription");
    server.shut_down().await;
    while next(&mut subscription).await.is_some() {}
    assert!(matches!(subscription.end(), Some(SubscriptionEnd::Graceful(_))), "{:?}", subscription.end());
}

#[tokio::test]
async fn each_era_has_its_own_way_to_subscribe() {
    let world = World::new().await;
    let modern = Client::of(&world, Era::Discover).await;
    let error = modern.session.subscribe(SubscribeRequestParams::new("ledger://head")).await.expect_err("removed");
    assert!(error.to_string().contains("resources/subscribe"), "{error}");
    let legacy = Client::of(&world, Era::Initialize).await;
    let filter = SubscriptionFilter::builder().resource_subscription("ledger://head").build();
    assert!(legacy.session.listen(filter).await.is_err());
}
