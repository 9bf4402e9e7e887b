//! The outbox: what could not be sent is sent later, at most once each.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use snipara_orchestrator::domain::{OutboxCounts, TaskReport, TaskStatus};
use snipara_orchestrator::snipara::SniparaKind;

use crate::support::neighbour::{FakeNeighbour, Fault};
use crate::support::patience::until_asked;
use crate::support::world::{PATHS, Settings, World};

async fn world() -> (World, FakeNeighbour) {
    let neighbour = FakeNeighbour::new();
    let snipara = Some(neighbour.snipara(SniparaKind::Hosted));
    (World::with(Settings { snipara, auto_remember: true, ..Settings::default() }).await, neighbour)
}

async fn counts(world: &World) -> OutboxCounts {
    world.orchestrator.outbox().await.expect("counts")
}

fn said(report: &TaskReport, what: &str) -> bool {
    report.warnings.iter().any(|warning| warning.starts_with("Snipara ") && warning.contains(what))
}

/// How often each memory was handed over.
fn remembered(neighbour: &FakeNeighbour) -> BTreeMap<String, usize> {
    let mut times = BTreeMap::new();
    for memory in neighbour.asked("remember") {
        *times.entry(memory["content"].as_str().expect("a content").to_owned()).or_default() += 1;
    }
    times
}

#[tokio::test]
async fn what_certainly_was_not_delivered_waits_and_is_sent_later_once() {
    for fault in [Fault::Down, Fault::Status(401), Fault::Status(403), Fault::Status(429), Fault::Status(503)] {
        let (world, neighbour) = world().await;
        neighbour.misbehave_everywhere(fault);
        let done = world.run(world.request(&PATHS)).await;
        assert_eq!(done.status, TaskStatus::Done, "{fault:?}");
        assert!(said(&done, "2 messages wait in the outbox"), "{fault:?}: {:#?}", done.warnings);
        assert_eq!(counts(&world).await, OutboxCounts { waiting: 2, ..OutboxCounts::default() }, "{fault:?}");
        neighbour.behave();
        let tried = neighbour.asked("remember").len();
        // Its time has not come: nobody asks again at once who just said no.
        let second = world.another().run_task(world.request(&PATHS)).await.expect("carried through");
        assert!(
            !neighbour.asked("remember")[tried..]
                .iter()
                .any(|memory| memory.to_string().contains(done.task_id.as_str()))
        );
        world.sqlite3("UPDATE outbox SET next_try_at = 0 WHERE state = 'waiting'");
        let third = world.another().run_task(world.request(&PATHS)).await.expect("carried through");
        assert!(!said(&third, "outbox"), "{fault:?}: {:#?}", third.warnings);
        assert_eq!(counts(&world).await, OutboxCounts { sent: 6, ..OutboxCounts::default() }, "{fault:?}");
        let after: Vec<_> = neighbour.asked("remember").split_off(tried);
        for report in [&done, &second, &third] {
            let times = after.iter().filter(|memory| memory.to_string().contains(report.task_id.as_str())).count();
            assert_eq!(times, 1, "{fault:?}: {after:#?}");
        }
    }
}

#[tokio::test]
async fn what_may_have_been_delivered_is_never_sent_again_and_told_once() {
    for fault in [Fault::Lost, Fault::Status(500), Fault::Malformed, Fault::Panics] {
        let (world, neighbour) = world().await;
        neighbour.misbehave("remember", fault);
        let done = world.run(world.request(&PATHS)).await;
        assert!(said(&done, "may not have got the memory of"), "{fault:?}: {:#?}", done.warnings);
        assert!(said(&done, done.task_id.as_str()), "{fault:?}: {:#?}", done.warnings);
        neighbour.behave();
        world.sqlite3("UPDATE outbox SET next_try_at = 0");
        let second = world.another().run_task(world.request(&PATHS)).await.expect("carried through");
        assert!(!said(&second, "may not have got"), "{fault:?}: {:#?}", second.warnings);
        let expected = OutboxCounts { unknown: 1, sent: 3, ..OutboxCounts::default() };
        assert_eq!(counts(&world).await, expected, "{fault:?}");
        assert!(remembered(&neighbour).values().all(|times| *times == 1), "{fault:?}");
    }
}

#[tokio::test]
async fn what_is_refused_is_told_and_not_sent_again() {
    let (world, neighbour) = world().await;
    neighbour.misbehave("remember", Fault::Refuses);
    let done = world.run(world.request(&PATHS)).await;
    assert!(said(&done, "not on this plan"), "{:#?}", done.warnings);
    assert_eq!(counts(&world).await, OutboxCounts { refused: 1, sent: 1, ..OutboxCounts::default() });
}

#[tokio::test]
async fn what_a_process_was_sending_when_it_died_is_never_sent_again() {
    let (world, neighbour) = world().await;
    neighbour.misbehave_everywhere(Fault::Down);
    world.run(world.request(&PATHS)).await;
    neighbour.behave();
    // As a process leaves it that is killed while it sends.
    world.sqlite3(
        "UPDATE outbox SET state = 'sending', process_id = 4194304, start_ticks = 1, boot_id = 'before the reboot',
            sending_at = (SELECT max(created_at) FROM outbox) WHERE kind = 'memory'",
    );
    world.sqlite3("UPDATE outbox SET next_try_at = 0");
    let second = world.run(world.request(&PATHS)).await;
    assert!(said(&second, "may not have got the memory of"), "{:#?}", second.warnings);
    assert_eq!(counts(&world).await, OutboxCounts { unknown: 1, sent: 3, ..OutboxCounts::default() });
    assert!(remembered(&neighbour).values().all(|times| *times == 1));
}

#[tokio::test]
async fn while_another_process_sends_nobody_else_does() {
    let (world, neighbour) = world().await;
    neighbour.misbehave_everywhere(Fault::Down);
    world.run(world.request(&PATHS)).await;
    neighbour.behave();
    let tried = neighbour.asked("remember").len();
    let process = snipara_orchestrator::executor::current_process();
    world.sqlite3(&format!(
        "UPDATE outbox SET state = 'sending', process_id = {}, start_ticks = {}, boot_id = '{}', next_try_at = 0,
            sending_at = 1000000 * unixepoch() WHERE kind = 'final_state'",
        process.process_id, process.start_ticks, process.boot_id
    ));
    let second = world.run(world.request(&PATHS)).await;
    assert_eq!(second.status, TaskStatus::Done);
    assert_eq!(neighbour.asked("remember").len(), tried, "one process sends at a time");
    assert_eq!(counts(&world).await, OutboxCounts { waiting: 3, sending: 1, ..OutboxCounts::default() });
}

#[tokio::test]
async fn many_processes_send_each_message_once() {
    let (world, neighbour) = world().await;
    let processes: Vec<_> = (0..8).map(|_| world.another()).collect();
    let runs = join_all(processes.iter().map(|process| process.run_task(world.request(&PATHS)))).await;
    assert!(runs.iter().all(|run| run.as_ref().is_ok_and(|report| report.status == TaskStatus::Done)), "{runs:#?}");
    // Who had no time left to wait for the others left it to them.
    until_asked("16 messages are sent", async || (counts(&world).await.sent >= 16).then_some(())).await;
    let times = remembered(&neighbour);
    assert_eq!(times.len(), 8);
    assert!(times.values().all(|times| *times == 1), "{times:#?}");
    let mut keys: Vec<_> = neighbour.asked("set_state").iter().map(|state| state["key"].to_string()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!((keys.len(), neighbour.asked("set_state").len()), (8, 8));
}

#[tokio::test]
async fn nothing_waits_when_the_embedded_store_answers() {
    let neighbour = FakeNeighbour::new();
    neighbour.misbehave_everywhere(Fault::Down);
    let snipara = Some(neighbour.snipara(SniparaKind::Embedded));
    let world = World::with(Settings { snipara, auto_remember: true, ..Settings::default() }).await;
    let done = world.run(world.request(&PATHS)).await;
    assert!(said(&done, "did not take the memory"), "{:#?}", done.warnings);
    assert_eq!(counts(&world).await, OutboxCounts::default());
}
