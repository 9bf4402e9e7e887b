//! Many writers at once: stores, tasks, processes, and some that are killed or dropped.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use snipara_orchestrator::domain::SystemClock;
use snipara_orchestrator::ledger::LedgerError;
use snipara_orchestrator::store::StoreError;

use crate::support::book::{self, Book, drift, proof, run_start, task};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_stores_and_tasks_append_to_one_chain() {
    let book = Book::new().await;
    let mut writers = tokio::task::JoinSet::new();
    for store in 0..4 {
        let ledger = book::open(&book.folder, book.clock.clone()).await;
        for number in 0..4 {
            let ledger = ledger.clone();
            writers.spawn(async move {
                for turn in 0..5 {
                    let fact = drift(&format!("store {store} writer {number} turn {turn}"), "missing");
                    ledger.append(None, vec![fact]).await.expect("appended");
                }
            });
        }
    }
    while let Some(done) = writers.join_next().await {
        done.expect("a writer ends well");
    }
    assert_eq!(book.edit("SELECT count(*), max(seq) FROM ledger_entries"), "80|80");
    assert_eq!(book.problem().await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_callers_starts_a_run() {
    let book = Book::new().await;
    let task = task("One");
    book.ledger.create_task(&task).await.expect("created");
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let ledger = book::open(&book.folder, book.clock.clone()).await;
        let id = task.id.clone();
        callers.spawn(async move { ledger.start_run(&id, run_start("caller")).await });
    }
    let answers = callers.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert!(answers.iter().filter_map(|it| it.as_ref().err()).all(|error| matches!(error, LedgerError::Held(_))));
    assert_eq!(book.edit("SELECT count(*) FROM runs"), "1");
}

/// The name of a variable that turns a test of this binary into a worker process.
const WORKER: &str = "SNIPARA_TEST_LEDGER_WORKER";

/// Does nothing unless it was started by [`worker`].
#[tokio::test]
async fn worker_process() {
    let Some(folder) = std::env::var_os(WORKER) else { return };
    let ledger = book::open(Path::new(&folder), Arc::new(SystemClock)).await;
    for turn in 0..10 {
        let fact = drift(&format!("process {} turn {turn}", std::process::id()), "missing");
        ledger.append(None, vec![fact]).await.expect("appended");
    }
}

fn worker(folder: &Path) -> std::process::Child {
    Command::new(std::env::current_exe().expect("this binary"))
        .args(["ledger::writers::worker_process", "--exact", "--nocapture"])
        .env(WORKER, folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a worker starts")
}

#[tokio::test]
async fn many_processes_append_to_one_chain() {
    let book = Book::new().await;
    let workers: Vec<_> = (0..8).map(|_| worker(&book.folder)).collect();
    for worker in workers {
        let output = worker.wait_with_output().expect("a worker ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
    assert_eq!(book.edit("SELECT count(*), max(seq) FROM ledger_entries"), "80|80");
    assert_eq!(book.problem().await, None);
}

#[tokio::test]
async fn a24_killed_writers_leave_a_chain_that_verifies() {
    let book = Book::new().await;
    for round in 1..=6_u64 {
        let mut worker = worker(&book.folder);
        // Killed as soon as it wrote something more, wherever it then is.
        let before = book.ledger.head().await.expect("read").entries;
        let limit = std::time::Instant::now() + crate::support::patience::PATIENCE;
        while book.ledger.head().await.expect("read").entries < before + round.min(5)
            && worker.try_wait().expect("asked").is_none()
            && std::time::Instant::now() < limit
        {
            tokio::task::yield_now().await;
        }
        worker.kill().expect("killed");
        worker.wait().expect("ended");
        assert_eq!(book.problem().await, None, "round {round}");
    }
    assert!(book.ledger.head().await.expect("read").entries >= 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn appends_at_one_moment_share_a_transaction_and_only_the_stale_one_is_refused() {
    let book = Book::new().await;
    let task = task("One");
    book.ledger.create_task(&task).await.expect("created");
    let fence = book.start(&task.id).await;
    let stale = snipara_orchestrator::domain::Fence { token: fence.token + 1, ..fence.clone() };
    let appends = (0..40).map(|number| {
        let (ledger, fence) = (book.ledger.clone(), if number == 7 { stale.clone() } else { fence.clone() });
        async move { ledger.append(Some(&fence), vec![proof(&fence, number), proof(&fence, number + 100)]).await }
    });
    let answers = futures_util::future::join_all(appends).await;
    for (number, answer) in answers.iter().enumerate() {
        match answer {
            Ok(refs) => {
                let first = book.ledger.entry(refs[0].seq).await.expect("read");
                assert_eq!(first.proof().expect("a proof").check, format!("task_check_{number}"));
                assert_eq!(refs[1].seq, refs[0].seq + 1);
            }
            Err(error) => {
                assert!(number == 7 && matches!(error, LedgerError::Store(StoreError::StaleFence)), "{error}")
            }
        }
    }
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 39);
    assert_eq!(book.edit("SELECT count(*) FROM ledger_entries WHERE kind = 'proof'"), "78");
    assert_eq!(
        book.edit("SELECT count(DISTINCT json_extract(canonical, '$.token')) FROM ledger_entries WHERE kind = 'proof'"),
        "1"
    );
    assert_eq!(book.problem().await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_is_dropped_takes_nobody_elses_entries_with_it() {
    let book = Book::new().await;
    let mut appends: Vec<_> = (0..20)
        .map(|number| {
            let ledger = book.ledger.clone();
            Box::pin(async move { ledger.append(None, vec![drift(&format!("route {number}"), "missing")]).await })
        })
        .collect();
    // The first to be polled writes for all; it is dropped in the middle of that.
    let mut first = appends.remove(0);
    assert!(futures_util::poll!(&mut first).is_pending());
    let rest: Vec<_> = appends.into_iter().map(tokio::spawn).collect();
    drop(first);
    for append in rest {
        append.await.expect("ends").expect("appended");
    }
    let written: u32 = book.edit("SELECT count(DISTINCT canonical) FROM ledger_entries").parse().expect("a number");
    assert!((19..=20).contains(&written), "{written}");
    assert_eq!(book.problem().await, None);
}
