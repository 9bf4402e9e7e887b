//! What is done with a project's store as a whole: looked at, and replaced by a backup.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::{admit, open_store};
use crate::config::Config;
use crate::domain::{Actor, BackupReport, RepairReport, SharedClock, StoreCheck, StorePart, StoreProblem, SystemClock};
use crate::ledger::{Ledger, Restoration};
use crate::orchestrator::{Orchestrator, OrchestratorError, UnavailableError};
use crate::store::{Depth, STORE_FILE, StoreError};

const REPAIR: &str = "run `snipara-orchestrator store repair`: it carries over into a new file what can be read";
const RESTORE: &str = "bring a backup back with `snipara-orchestrator restore FILE`";

/// Looks at the whole store of a project: pages, references, schema, ledger.
///
/// # Errors
/// When the store cannot be looked at: it is newer than this program, in use, or not this user's. Damage is an answer.
pub async fn check_store(config: &Config) -> Result<StoreCheck, OrchestratorError> {
    let file = config.state_folder.join(STORE_FILE);
    let store = match open_store(config).await {
        Ok(store) => store,
        Err(OrchestratorError::Unavailable(UnavailableError::Opening(error))) if is_damage(&error) => {
            let fix = if matches!(*error, StoreError::Emptied { .. }) { RESTORE } else { REPAIR };
            return Ok(StoreCheck {
                ok: false,
                file,
                read_only: false,
                finished: true,
                entries: None,
                problems: vec![StoreProblem { part: StorePart::File, what: error.to_string() }],
                fix: Some(fix.to_owned()),
            });
        }
        Err(error) => return Err(error),
    };
    let checked = check_ledger(&Ledger::new(store.clone(), Arc::new(SystemClock)), Depth::Whole).await;
    store.close().await;
    checked
}

/// Looks shortly at the store of an orchestrator: at its pages for at most `patience`, then at its ledger.
///
/// # Errors
/// When the store cannot be read. Damage is an answer.
pub async fn look_at_store(orchestrator: &Orchestrator, patience: Duration) -> Result<StoreCheck, OrchestratorError> {
    check_ledger(orchestrator.ledger(), Depth::Quick(patience)).await
}

async fn check_ledger(ledger: &Ledger, depth: Depth) -> Result<StoreCheck, OrchestratorError> {
    let found = ledger.store().check_file(depth).await?;
    let file_is_clean = found.is_clean();
    let problems = |part, lines: Vec<String>| lines.into_iter().map(move |what| StoreProblem { part, what });
    let mut told: Vec<StoreProblem> = problems(StorePart::Pages, found.pages)
        .chain(problems(StorePart::References, found.references))
        .chain(problems(StorePart::Schema, found.schema))
        .collect();
    let (entries, broken) = match ledger.verify().await {
        Ok(report) => (Some(report.entries), report.problem.map(|problem| problem.what)),
        Err(error) => (None, Some(error.to_string())),
    };
    let fix = match &broken {
        _ if !file_is_clean => Some(REPAIR),
        None => None,
        Some(_) if ledger.head_is_lost().await? => {
            Some("a person accepts the chain as it is with `snipara-orchestrator proofs accept-head`")
        }
        Some(_) => Some(RESTORE),
    };
    told.extend(problems(StorePart::Ledger, broken.into_iter().collect()));
    Ok(StoreCheck {
        ok: told.is_empty(),
        file: ledger.store().file().to_owned(),
        read_only: ledger.store().is_read_only(),
        finished: found.finished,
        entries,
        problems: told,
        fix: fix.map(str::to_owned),
    })
}

/// Checks a backup and compares it with the store in whose place it would be.
///
/// # Errors
/// When the backup is not whole, not of this project, or does not verify. Nothing was touched.
pub async fn prepare_restore(config: &Config, backup: &Path) -> Result<Restoration, OrchestratorError> {
    if config.state_folder.join(STORE_FILE).is_file()
        && let Ok(store) = open_store(config).await
    {
        let admitted = admit(config, Actor::Person, &store, &(Arc::new(SystemClock) as SharedClock)).await;
        store.close().await;
        // Of a damaged store nobody can tell whose it is.
        if let Err(error) = admitted
            && error.is_refusal()
        {
            return Err(error);
        }
    }
    Ok(Restoration::of(backup, &config.state_folder, &config.project, Arc::new(SystemClock)).await?)
}

/// Carries over into a new file beside the store what can be read of it; the store is only read.
///
/// # Errors
/// When other processes have the store open, or when the new file cannot be written.
pub async fn repair_store(config: &Config) -> Result<RepairReport, OrchestratorError> {
    let clock: SharedClock = Arc::new(SystemClock);
    let file = config.state_folder.join(format!("{STORE_FILE}.repaired-{}", clock.now().for_file_name()));
    let (written, repaired) = Ledger::repair(&config.state_folder, &config.project, &file, clock).await?;
    let BackupReport { file, sha256, problem, .. } = written;
    Ok(RepairReport { file, sha256, repaired, problem, kept: None, replaced: false })
}

fn is_damage(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Corrupt { .. }
            | StoreError::NotADatabase { .. }
            | StoreError::NotAStore { .. }
            | StoreError::Emptied { .. }
            | StoreError::Row { .. }
    )
}
