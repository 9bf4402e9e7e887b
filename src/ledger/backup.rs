//! Backups of a ledger with its store, and the way back.

use std::path::{Path, PathBuf};

use super::append::Ledger;
use super::head::{self, HeadFile, HeadState};
use super::{LedgerError, VerifyReport};
use crate::domain::{BackupReport, ProjectId, ReplacedLedger, RestoreReport, SharedClock};
use crate::store::{Backup, Replacement, Store, StoreError};

impl Ledger {
    /// Writes everything that was committed into one file, whose chain is verified; others may write meanwhile. A file
    /// of that name is replaced.
    ///
    /// A chain that does not hold is written all the same, and the report says so.
    ///
    /// # Errors
    /// When the store cannot be read, or the file cannot be written; then no file of that name was made.
    pub async fn backup(&self, target: &Path) -> Result<BackupReport, LedgerError> {
        let folder = self.store().folder().to_owned();
        // Read before the copy is made: what is appended meanwhile makes the chain longer than its head, never shorter.
        let beside = head::beside(folder).await?;
        let backup = Backup::copy(self.store(), target).await?;
        let copy = Self::new(backup.open(self.store().project()).await?, self.clock());
        let verified = copy.verify_against(Some(&beside)).await;
        copy.store().close().await;
        let verified = verified?;
        let kept = match (&beside, &verified.head) {
            (_, Some(end)) if verified.verified => Some(HeadFile::new(self.project(), end.entries, &end.hash)),
            (HeadState::Present(head), _) => Some(head.clone()),
            _ => None,
        };
        let failed = |source| LedgerError::Head { path: target.to_owned(), source };
        let kept = kept.map(|head| head.text()).transpose().map_err(failed)?;
        let sha256 = backup.finish(kept.as_deref()).await?;
        Ok(BackupReport {
            file: target.to_owned(),
            sha256,
            entries: verified.entries,
            head: verified.head,
            verified: verified.verified,
            problem: verified.problem,
        })
    }
}

/// A backup that was checked and is about to take the place of a store.
#[derive(Debug)]
pub struct Restoration {
    replacement: Replacement,
    backup: PathBuf,
    head: String,
    verified: VerifyReport,
    /// What is in its place now; `None` when nothing is lost by replacing it.
    pub replaces: Option<ReplacedLedger>,
    clock: SharedClock,
}

impl Restoration {
    /// Checks a backup: its digest, its pages, references and schema, its chain; then compares it with the ledger in
    /// whose place it would be.
    ///
    /// # Errors
    /// When the backup is not whole, not of this project, or does not verify. Nothing was touched.
    pub async fn of(
        backup: &Path,
        folder: &Path,
        project: &ProjectId,
        clock: SharedClock,
    ) -> Result<Self, LedgerError> {
        let replacement = Replacement::of(backup, folder, project).await?;
        let copy = Ledger::new(replacement.open().await?, clock.clone());
        let looked = look(&copy, &replacement).await;
        copy.store().close().await;
        let (verified, replaces) = looked?;
        if let Some(problem) = verified.problem {
            let what = format!("its ledger does not verify: {}", problem.what);
            return Err(StoreError::BackupUnusable { path: backup.to_owned(), what }.into());
        }
        let (entries, hash) = verified.head.clone().map(|head| (head.entries, head.hash)).unwrap_or_default();
        let head = HeadFile::new(project.as_str(), entries, &hash).text();
        let head = head.map_err(|source| LedgerError::Head { path: backup.to_owned(), source })?;
        Ok(Self { replacement, backup: backup.to_owned(), head, verified, replaces, clock })
    }

    /// Puts the backup in the store's place. The store that was there stays beside it as a copy.
    ///
    /// # Errors
    /// When other processes have the store open, or when a file cannot be written; the store is then as it was.
    pub async fn finish(self) -> Result<RestoreReport, LedgerError> {
        let sha256 = self.replacement.digest().to_owned();
        let digest_compared = self.replacement.digest_compared;
        let replaced = self.replacement.finish(&self.head, self.clock.now()).await?;
        Ok(RestoreReport {
            file: self.backup,
            sha256,
            digest_compared,
            entries: self.verified.entries,
            head: self.verified.head,
            kept: replaced.kept,
        })
    }
}

async fn look(copy: &Ledger, replacement: &Replacement) -> Result<(VerifyReport, Option<ReplacedLedger>), LedgerError> {
    let head = replacement.head().map(head::of_text);
    let verified = copy.verify_against(head.as_ref()).await?;
    let replaces = match replacement.open_present().await {
        Ok(None) => None,
        Ok(Some(present)) => {
            let compared = compare(copy, &present).await;
            present.close().await;
            compared
        }
        Err(error) => Some(ReplacedLedger { entries: None, what: error.to_string() }),
    };
    Ok((verified, replaces))
}

/// Says what would be lost of the chain that is in the backup's place.
async fn compare(copy: &Ledger, present: &Store) -> Option<ReplacedLedger> {
    let lost = |entries, what: &str| Some(ReplacedLedger { entries, what: what.to_owned() });
    let (seq, hash) = match present.last_entry().await {
        Ok(None) => return None,
        Ok(Some(end)) => end,
        Err(error) => return lost(None, &error.to_string()),
    };
    let entries = u64::try_from(seq).ok();
    match copy.store().hash_at(seq).await {
        Ok(Some(same)) if same == hash => None,
        Ok(None) => match copy.store().last_entry().await {
            Ok(None) => lost(entries, "the backup's ledger is empty"),
            Ok(Some((end, end_hash))) if present.hash_at(end).await.ok().flatten().as_ref() == Some(&end_hash) => {
                lost(entries, &format!("{} entries are newer than the backup", seq.saturating_sub(end)))
            }
            _ => lost(entries, "it is another ledger"),
        },
        _ => lost(entries, "it is another ledger"),
    }
}
