//! A piece of work, done once for every call that it makes and every way in which the call may end.

use std::fs;
use std::path::{Path, PathBuf};

use snipara_orchestrator::domain::SystemClock;
use snipara_orchestrator::ledger::Ledger;
use snipara_orchestrator::store::Store;
use tempfile::TempDir;

use super::fault::{Change, ERRORS, did_fail, fail_at, is_loaded, record, recorded};
use crate::support::book::{drift, project};

/// With which errors a call fails.
#[derive(Debug, Clone, Copy)]
pub(super) enum Errors {
    /// Each call with every error.
    All,
    /// Each call with one of them, in turn from here on.
    InTurn(usize),
}

/// Runs a test of this folder in a process with `faults.c` in it.
pub(super) fn in_rounds(test: impl AsyncFnOnce()) {
    if is_loaded() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(test());
    }
}

/// Where a project's state was prepared, and the places where it is tried.
pub(super) struct Rounds {
    folder: TempDir,
}

impl Rounds {
    pub(super) fn new() -> Self {
        // Syncs cost nothing in memory.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let rounds = Self { folder: folder.expect("a folder") };
        fs::create_dir(rounds.prepared()).expect("a folder");
        rounds
    }

    /// The state in which each round begins: filled by the test.
    pub(super) fn prepared(&self) -> PathBuf {
        self.folder.path().join("prepared")
    }

    fn place(&self, name: &str) -> PathBuf {
        let place = self.folder.path().join(name);
        fs::create_dir(&place).expect("a place");
        for file in fs::read_dir(self.prepared()).expect("listed") {
            let file = file.expect("a file");
            fs::copy(file.path(), place.join(file.file_name())).expect("copied");
        }
        place
    }

    /// Crashes and fails `work` at each call. Afterwards the work is done again and succeeds, the ledger verifies and
    /// goes on, and `holds` says nothing. Prints how many rounds there were.
    pub(super) async fn run(
        &self,
        errors: Errors,
        work: impl AsyncFn(&Path) -> Result<(), String>,
        holds: impl AsyncFn(&Path) -> Result<(), String>,
    ) {
        self.run_leaving(errors, work, async |_| Ok(()), holds).await;
    }

    /// The same, and `left` looks at what the fault left before anything is done again.
    pub(super) async fn run_leaving(
        &self,
        errors: Errors,
        work: impl AsyncFn(&Path) -> Result<(), String>,
        left: impl AsyncFn(&Path) -> Result<(), String>,
        holds: impl AsyncFn(&Path) -> Result<(), String>,
    ) {
        let place = self.place("recorded");
        record(&place);
        let done = work(&place).await;
        let changes = recorded(&place);
        done.expect("the work succeeds without a fault");

        let tried = tried_calls(&changes);
        let mut rounds = 0;
        for &(_, number) in &tried {
            let place = self.place(&format!("kill-{number}"));
            changes[..number].iter().for_each(|change| change.apply(&place));
            self.goes_on(&place, &format!("a crash before {:?}", changes[number]), &work, &left, &holds).await;
            rounds += 1;
        }
        assert!(rounds > 0, "no call was recorded");
        let crashes = rounds;
        let first = match errors {
            Errors::All => 0,
            Errors::InTurn(first) => first,
        };
        for turn in first..first + ERRORS.len() {
            for &(number, _) in &tried {
                let error = ERRORS[(turn + number) % ERRORS.len()];
                let place = self.place(&format!("{}-{number}", error.name));
                fail_at(&place, number, error);
                let done = work(&place).await;
                if !did_fail(&place) {
                    done.expect("the work succeeds without a fault");
                    break;
                }
                let after = format!("{} at call {number}, which said {done:?}", error.name);
                self.goes_on(&place, &after, &work, &left, &holds).await;
                rounds += 1;
            }
            if matches!(errors, Errors::InTurn(_)) {
                break;
            }
        }
        assert!(rounds >= 2 * crashes, "{crashes} calls were recorded, and {} failed", rounds - crashes);
        let calls = changes.iter().filter(|change| change.is_a_call()).count();
        println!("{rounds} rounds; {} of {calls} calls were tried", tried.len());
    }

    async fn goes_on(
        &self,
        place: &Path,
        after: &str,
        work: &impl AsyncFn(&Path) -> Result<(), String>,
        left: &impl AsyncFn(&Path) -> Result<(), String>,
        holds: &impl AsyncFn(&Path) -> Result<(), String>,
    ) {
        let told = async {
            left(place).await?;
            work(place).await?;
            let ledger = opened(place).await?;
            append(&ledger).await?;
            let report = ledger.verify().await.map_err(|error| error.to_string())?;
            ledger.store().close().await;
            if let Some(problem) = report.problem {
                return Err(problem.what);
            }
            holds(place).await
        };
        if let Err(error) = told.await {
            panic!("after {after}: {error}");
        }
        fs::remove_dir_all(place).expect("removed");
    }
}

/// Of pages that are written into one file one after the other, the n-th to be lost or to fail differs from its
/// neighbours in a number alone: of a long row the first and the last are tried, and of those between every fifth.
const LONG_ROW: usize = 12;
const STEP: usize = 5;

/// The calls that are tried: the how manieth call each is, counted from 1, and where it stands among the changes.
/// All of them where `SNIPARA_TEST_EVERY_WRITE` is set.
fn tried_calls(changes: &[Change]) -> Vec<(usize, usize)> {
    let every = std::env::var_os("SNIPARA_TEST_EVERY_WRITE").is_some();
    let calls: Vec<(usize, usize)> = (1..).zip((0..changes.len()).filter(|&at| changes[at].is_a_call())).collect();
    let rows = calls.chunk_by(|&(_, before), &(_, at)| changes[before].goes_on_in(&changes[at]));
    let tried = rows.flat_map(|row| {
        let last = row.len() - 1;
        let is_tried = move |place: usize| every || row.len() < LONG_ROW || place.is_multiple_of(STEP) || place == last;
        row.iter().enumerate().filter(move |&(place, _)| is_tried(place)).map(|(_, &call)| call)
    });
    tried.collect()
}

pub(super) async fn opened(folder: &Path) -> Result<Ledger, String> {
    let store = Store::open(folder, &project()).await.map_err(|error| error.to_string())?;
    Ok(Ledger::new(store, std::sync::Arc::new(SystemClock)))
}

pub(super) async fn append(ledger: &Ledger) -> Result<(), String> {
    let appended = ledger.append(None, vec![drift("GET /api/users", "404")]).await;
    appended.map(drop).map_err(|error| error.to_string())
}
