//! Reading the ledger.

use std::path::Path;

use futures_util::stream::{Stream, TryStreamExt};
use serde_json::Value;

use super::{InvalidError, Orchestrator, OrchestratorError};
use crate::domain::{BackupReport, Proof};
use crate::ledger::{ChainProblem, Entry, EntryRef, LedgerError, RedactionReport, VerifyReport};

impl Orchestrator {
    /// Lists the latest proofs, newest first; of one task, or of all.
    ///
    /// # Errors
    /// When there is no such task, or when the ledger cannot be read.
    pub async fn proofs(&self, task_id: Option<&str>, limit: u32) -> Result<Vec<Proof>, OrchestratorError> {
        let id = match task_id {
            Some(text) => Some(self.task_meant(text).await?),
            None => None,
        };
        if let Some(id) = &id {
            self.deps.ledger.store().task(id).await?;
        }
        let ledger = &self.deps.ledger;
        let entries = match (&id, self.only()) {
            (None, Some(name)) => ledger.proofs_for(name, limit).await?,
            _ => ledger.proofs(id.as_ref(), limit).await?,
        };
        // By what the entries say themselves: the columns that were asked are not what their hashes are of.
        let entries = self.seen_entries(entries).await?;
        entries.iter().map(|entry| entry.proof().ok_or_else(|| unreadable(entry))).collect()
    }

    /// Reads one ledger entry.
    ///
    /// # Errors
    /// When there is none with this number.
    pub async fn entry(&self, seq: u64) -> Result<Entry, OrchestratorError> {
        let entry = self.deps.ledger.entry(seq).await?;
        if self.sees_entry(&entry).await? { Ok(entry) } else { Err(LedgerError::NoEntry(seq).into()) }
    }

    /// Returns the number of the entry that has this hash, `sha256:…`.
    ///
    /// # Errors
    /// When none has it.
    pub async fn seq_of_hash(&self, hash: &str) -> Result<u64, OrchestratorError> {
        if let Some(entry) = self.deps.ledger.entry_of_hash(hash).await?
            && self.sees_entry(&entry).await?
        {
            return Ok(entry.seq);
        }
        Err(InvalidError::UnknownHash { hash: hash.to_owned() }.into())
    }

    /// Reads the ledger's entries after `seq`, in order, without those of tasks that the caller may not know of.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn entries_since(&self, seq: u64, limit: u32) -> Result<Vec<Entry>, OrchestratorError> {
        self.seen_entries(self.deps.ledger.entries_since(seq, limit).await?).await
    }

    /// Reads the whole chain as JSON lines, page by page; each holds the text that its hash is of.
    pub fn export_lines(&self) -> impl Stream<Item = Result<String, OrchestratorError>> + Send + use<> {
        self.deps.ledger.export_lines(1, None).map_err(OrchestratorError::from)
    }

    /// Verifies the whole ledger.
    ///
    /// # Errors
    /// When it cannot be read; a broken chain is an answer.
    pub async fn verify_proofs(&self) -> Result<VerifyReport, OrchestratorError> {
        Ok(self.deps.ledger.verify().await?)
    }

    /// Returns what a person would accept: that the head is lost; `None` when the head fits.
    ///
    /// # Errors
    /// When the head can be read and tells of another chain, or the chain itself does not hold.
    pub async fn head_to_accept(&self) -> Result<Option<ChainProblem>, OrchestratorError> {
        Ok(self.deps.ledger.head_to_accept().await?)
    }

    /// Accepts the chain as it is when its head is lost; answers `None` when the head fits. Only a person decides that.
    ///
    /// # Errors
    /// As [`Orchestrator::head_to_accept`], or when it cannot be written.
    pub async fn accept_head(&self) -> Result<Option<EntryRef>, OrchestratorError> {
        Ok(self.deps.ledger.accept_head().await?)
    }

    /// Writes a backup of the whole store into one file, while others may write.
    ///
    /// # Errors
    /// When a file of that name is there and is not to be overwritten, or when it cannot be written.
    pub async fn backup(&self, file: &Path, overwrite: bool) -> Result<BackupReport, OrchestratorError> {
        if !overwrite && file.symlink_metadata().is_ok() {
            return Err(OrchestratorError::invalid(
                format!("{} is there already", file.display()),
                "name another file, or replace it with `--force`; nothing was written",
            ));
        }
        Ok(self.deps.ledger.backup(file).await?)
    }

    /// Exports an attempt as an unsigned in-toto Statement v1.
    ///
    /// # Errors
    /// When there is no such attempt.
    pub async fn export_receipt(&self, task_id: &str, attempt: Option<u32>) -> Result<Value, OrchestratorError> {
        let id = self.task_meant(task_id).await?;
        self.recover().await?;
        Ok(self.deps.ledger.receipt(&id, attempt).await?)
    }

    /// Removes the texts of an entry, and what its run told of them.
    ///
    /// # Errors
    /// When there are none.
    pub async fn redact(&self, seq: u64) -> Result<RedactionReport, OrchestratorError> {
        Ok(self.deps.ledger.redact(seq).await?)
    }

    /// Removes a text wherever it stands.
    ///
    /// # Errors
    /// When it is short, or stands nowhere.
    pub async fn redact_text(&self, text: &str) -> Result<RedactionReport, OrchestratorError> {
        Ok(self.deps.ledger.redact_text(text).await?)
    }
}

/// A proof that is not in the form of proofs, which this program never writes.
fn unreadable(entry: &Entry) -> OrchestratorError {
    OrchestratorError::internal(format!("the {} in entry {} cannot be read", entry.kind(), entry.seq))
}
