//! Backups of a ledger with its store, and the way back.

use std::path::{Path, PathBuf};

use super::append::Ledger;
use super::head::{self, HeadFile, HeadState};
use super::{EntryRef, Fact, LedgerError, Restored, VerifyReport};
use crate::domain::{BackupReport, Head, ProjectId, ReplacedLedger, RestoreReport, SharedClock};
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
    project: ProjectId,
    verified: VerifyReport,
    /// What is in its place now; `None` when nothing is lost by replacing it.
    pub replaces: Option<ReplacedLedger>,
    clock: SharedClock,
}

impl Restoration {
    /// Checks a backup: its digest, its pages, references and schema, its chain; then compares it with the ledger in
    /// whose place it would be, and with the head beside that.
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
        let beside = head::beside(folder.to_owned()).await?;
        let copy = Ledger::new(replacement.open().await?, clock.clone());
        let looked = look(&copy, &replacement, &beside).await;
        copy.store().close().await;
        let (verified, replaces) = looked?;
        if let Some(problem) = verified.problem {
            let what = format!("its ledger does not verify: {}", problem.what);
            return Err(StoreError::BackupUnusable { path: backup.to_owned(), what }.into());
        }
        let (backup, project) = (backup.to_owned(), project.clone());
        Ok(Self { replacement, backup, project, verified, replaces, clock })
    }

    /// Puts the backup in the store's place. The store that was there stays beside it as a copy. When something is lost
    /// by that, an entry of the chain says so.
    ///
    /// # Errors
    /// When other processes have the store open, or when a file cannot be written; the store is then as it was.
    pub async fn finish(self) -> Result<RestoreReport, LedgerError> {
        let sha256 = self.replacement.digest().to_owned();
        let digest_compared = self.replacement.digest_compared;
        let mut end = self.verified.head.unwrap_or_else(|| Head { entries: 0, hash: String::new() });
        if let Some(replaced) = self.replaces {
            // Written before the backup takes the store's place, so that no crash leaves one without the other.
            let ledger = Ledger::new(self.replacement.open_to_write().await?, self.clock.clone());
            let written = record(&ledger, replaced, end.entries, sha256.clone()).await;
            ledger.store().close().await;
            let EntryRef { seq, hash } = written?;
            end = Head { entries: seq, hash };
        }
        let head = HeadFile::new(self.project.as_str(), end.entries, &end.hash).text();
        let head = head.map_err(|source| LedgerError::Head { path: self.backup.clone(), source })?;
        let replaced = self.replacement.finish(&head, self.clock.now()).await?;
        Ok(RestoreReport {
            file: self.backup,
            sha256,
            digest_compared,
            entries: end.entries,
            head: Some(end),
            kept: replaced.kept,
        })
    }
}

/// Appends to the backup's ledger what is lost. Its head is not written yet.
async fn record(
    ledger: &Ledger,
    replaced: ReplacedLedger,
    entries_now: u64,
    backup_digest: String,
) -> Result<EntryRef, LedgerError> {
    // What a system says of a file that cannot be read names its place, which is no part of the chain.
    let what = if replaced.hash.is_some() { replaced.what } else { "it or its head cannot be read".to_owned() };
    let restored = Restored { entries: replaced.entries, hash: replaced.hash, entries_now, what, backup_digest };
    let mut append = ledger.begin(None).await?;
    let written = append.write(None, None, &Fact::Restored(restored)).await?;
    append.transaction.commit().await?;
    Ok(written)
}

async fn look(
    copy: &Ledger,
    replacement: &Replacement,
    beside: &HeadState,
) -> Result<(VerifyReport, Option<ReplacedLedger>), LedgerError> {
    let head = replacement.head().map(head::of_text);
    let verified = copy.verify_against(head.as_ref()).await?;
    let replaces = match replacement.open_present().await {
        Ok(None) => by_head(copy, beside, false).await,
        Ok(Some(present)) => {
            let compared = compare(copy, &present).await;
            let is_empty = matches!(present.last_entry().await, Ok(None));
            present.close().await;
            match compared {
                None => by_head(copy, beside, !is_empty).await,
                compared => compared,
            }
        }
        Err(error) => {
            let entries = if let HeadState::Present(head) = beside { Some(head.seq) } else { None };
            Some(ReplacedLedger { entries, hash: None, what: error.to_string() })
        }
    };
    Ok((verified, replaces))
}

/// Says what would be lost by what the head knows: the chain may have been cut off before.
async fn by_head(copy: &Ledger, beside: &HeadState, has_entries: bool) -> Option<ReplacedLedger> {
    let HeadState::Present(head) = beside else {
        let what = beside.loss()?;
        return has_entries.then_some(ReplacedLedger { entries: None, hash: None, what });
    };
    let seq = i64::try_from(head.seq).unwrap_or(i64::MAX);
    let known = copy.store().hash_at(seq).await.ok().flatten();
    if head.seq == 0 || known.as_ref() == Some(&head.hash) {
        return None;
    }
    let what = format!("its head knows {} entries, of which the backup does not have the last", head.seq);
    Some(ReplacedLedger { entries: Some(head.seq), hash: Some(head.hash.clone()), what })
}

/// Says what would be lost of the chain that is in the backup's place.
async fn compare(copy: &Ledger, present: &Store) -> Option<ReplacedLedger> {
    let (seq, hash) = match present.last_entry().await {
        Ok(None) => return None,
        Ok(Some(end)) => end,
        Err(error) => return Some(ReplacedLedger { entries: None, hash: None, what: error.to_string() }),
    };
    let what = match copy.store().hash_at(seq).await {
        Ok(Some(same)) if same == hash => return None,
        Ok(None) => match copy.store().last_entry().await {
            Ok(None) => "the backup's ledger is empty".to_owned(),
            Ok(Some((end, end_hash))) if present.hash_at(end).await.ok().flatten().as_ref() == Some(&end_hash) => {
                format!("{} entries are newer than the backup", seq.saturating_sub(end))
            }
            _ => "it is another ledger".to_owned(),
        },
        _ => "it is another ledger".to_owned(),
    };
    Some(ReplacedLedger { entries: u64::try_from(seq).ok(), hash: Some(hash), what })
}
