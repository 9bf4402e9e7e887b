//! What the ledger writes: an entry, a run from its start to its end, a redaction.

use std::fs;
use std::path::Path;

use snipara_orchestrator::domain::{Cause, TaskStatus};
use snipara_orchestrator::ledger::{Fact, Ledger, LedgerError};

use super::rounds::{Errors, Rounds, append, in_rounds, opened};
use crate::support::book::{Book, decision, live_proof, proof, report, run_start, task, transition};

/// Lies in a body that is to be removed.
const SECRET: &str = "correct horse battery staple";

/// Prepares what a book holds.
fn keep(book: &Book, rounds: &Rounds) {
    for file in fs::read_dir(&book.folder).expect("listed") {
        let file = file.expect("a file");
        fs::copy(file.path(), rounds.prepared().join(file.file_name())).expect("copied");
    }
}

async fn closing<T>(folder: &Path, work: impl AsyncFnOnce(&Ledger) -> Result<T, LedgerError>) -> Result<T, String> {
    let ledger = opened(folder).await?;
    let done = work(&ledger).await;
    ledger.store().close().await;
    done.map_err(|error| error.to_string())
}

#[test]
fn an_append_that_fails_at_any_call_leaves_a_ledger_that_goes_on() {
    in_rounds(async || {
        let rounds = Rounds::new();
        let (book, _) = Book::with_a_done_task().await;
        book.ledger.store().close().await;
        keep(&book, &rounds);
        let work = async |folder: &Path| {
            let ledger = opened(folder).await?;
            let appended = append(&ledger).await;
            ledger.store().close().await;
            appended
        };
        rounds.run(Errors::All, work, async |_| Ok(())).await;
    });
}

/// Runs the only task until it is done; a run that was left in the middle is interrupted first.
async fn run_to_the_end(ledger: &Ledger) -> Result<(), LedgerError> {
    use TaskStatus::{Done, InProgress, LocalFail, LocalOk, ProdFail, ProdOk, Validating};

    let task = ledger.store().tasks(1).await?.pop().expect("the task");
    if let Some(run) = ledger.store().running().await?.pop() {
        let (status, cause) = match task.status {
            InProgress => (LocalFail, Some(Cause::Interrupted)),
            LocalOk | Validating => (ProdFail, Some(Cause::Interrupted)),
            other => (other, None),
        };
        let mut report = report(&run.fence, status);
        report.cause = cause;
        ledger.interrupt(&run, status, &report).await?;
    }
    let task = ledger.store().task(&task.id).await?;
    if task.status == Done {
        return Ok(());
    }
    let (fence, _) = ledger.start_run(&task.id, run_start("test")).await?;
    let facts = vec![transition(InProgress, LocalOk, None), transition(LocalOk, Validating, None)];
    ledger.append(Some(&fence), facts).await?;
    ledger.append(Some(&fence), (1..=3).map(|number| proof(&fence, number)).collect()).await?;
    let facts = vec![decision(true), transition(Validating, ProdOk, None), transition(ProdOk, Done, None)];
    ledger.append(Some(&fence), facts).await?;
    ledger.end_run(&fence, &report(&fence, Done)).await
}

#[test]
fn a_run_whose_writes_fail_at_any_call_is_interrupted_or_done() {
    in_rounds(async || {
        let rounds = Rounds::new();
        let book = Book::new().await;
        book.ledger.create_task(&task("Deploy auth")).await.expect("created");
        book.ledger.store().close().await;
        keep(&book, &rounds);
        let work = async |folder: &Path| closing(folder, run_to_the_end).await;
        let holds = async |folder: &Path| {
            let done = closing(folder, async |ledger| Ok(ledger.store().tasks(2).await?)).await?;
            let statuses: Vec<_> = done.iter().map(|task| task.status).collect();
            if statuses == [TaskStatus::Done] { Ok(()) } else { Err(format!("the tasks are {statuses:?}")) }
        };
        rounds.run(Errors::InTurn(0), work, holds).await;
    });
}

#[test]
fn a_redaction_that_fails_at_any_call_removes_the_text_when_it_is_done_again() {
    in_rounds(async || {
        let rounds = Rounds::new();
        let book = Book::new().await;
        let mut told = live_proof("task_check_1");
        told.response_body = Some(SECRET.into());
        let written = book.ledger.append(None, vec![Fact::Proof(Box::new(told))]).await.expect("written");
        book.ledger.store().close().await;
        keep(&book, &rounds);
        let seq = written[0].seq;
        let work = async |folder: &Path| {
            closing(folder, async |ledger| match ledger.redact(seq).await {
                Ok(_) | Err(LedgerError::BodyGone { .. }) => Ok(()),
                Err(error) => Err(error),
            })
            .await
        };
        let holds = async |folder: &Path| {
            for file in fs::read_dir(folder).expect("listed") {
                let path = file.expect("a file").path();
                let bytes = fs::read(&path).expect("read");
                if bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()) {
                    return Err(format!("{} still holds the text", path.display()));
                }
            }
            Ok(())
        };
        rounds.run(Errors::All, work, holds).await;
    });
}
