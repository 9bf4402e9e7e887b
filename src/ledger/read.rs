//! Reading the ledger: every entry's hash is computed anew from its stored bytes.

use super::append::Ledger;
use super::{Entry, Fact, Head, LedgerError, chain};
use crate::domain::TaskId;
use crate::store::StoredEntry;

impl Ledger {
    /// Reads the entries after `seq`, in order, at most `limit`.
    ///
    /// # Errors
    /// When an entry's stored bytes do not have its hash, or when the store cannot be read.
    pub async fn entries_since(&self, seq: u64, limit: u32) -> Result<Vec<Entry>, LedgerError> {
        let after = i64::try_from(seq).unwrap_or(i64::MAX);
        self.read_back(self.store().entries_since(after, i64::from(limit)).await?)
    }

    /// Reads the entries of a task, of one attempt or of all, in order, with hashes recomputed from the stored bytes.
    ///
    /// # Errors
    /// When an entry's stored bytes do not have its hash, or when the store cannot be read.
    pub async fn task_entries(&self, id: &TaskId, attempt: Option<u32>) -> Result<Vec<Entry>, LedgerError> {
        let entries = self.read_back(self.store().task_entries(id, attempt).await?)?;
        // The columns chose the rows; the content must agree with them.
        match entries.iter().find(|entry| {
            entry.task_id.as_ref() != Some(id) || attempt.is_some_and(|attempt| entry.attempt != Some(attempt))
        }) {
            None => Ok(entries),
            Some(strange) => Err(LedgerError::Changed {
                seq: strange.seq,
                what: "its columns say another task than its content".to_owned(),
            }),
        }
    }

    /// Reads the latest proofs, newest first; of one task, or of all.
    ///
    /// # Errors
    /// When an entry's stored bytes do not have its hash, or when the store cannot be read.
    pub async fn proofs(&self, id: Option<&TaskId>, limit: u32) -> Result<Vec<Entry>, LedgerError> {
        self.read_back(self.store().latest_of_kind(Fact::PROOF, id, i64::from(limit)).await?)
    }

    /// Reads the latest proofs of an owner's tasks and of no task, newest first.
    ///
    /// # Errors
    /// As [`Ledger::proofs`].
    pub async fn proofs_for(&self, owner: &str, limit: u32) -> Result<Vec<Entry>, LedgerError> {
        self.read_back(self.store().latest_of_kind_for(Fact::PROOF, owner, i64::from(limit)).await?)
    }

    /// Reads one entry by its number.
    ///
    /// # Errors
    /// [`LedgerError::NoEntry`], or when its stored bytes do not have its hash, or when the store cannot be read.
    pub async fn entry(&self, seq: u64) -> Result<Entry, LedgerError> {
        let Some(after) = seq.checked_sub(1) else { return Err(LedgerError::NoEntry(seq)) };
        let found = self.entries_since(after, 1).await?.into_iter().next();
        found.filter(|entry| entry.seq == seq).ok_or(LedgerError::NoEntry(seq))
    }

    /// Reads one entry by its hash, `sha256:…`; `None` when no entry has it.
    ///
    /// # Errors
    /// When its stored bytes do not have its hash, or when the store cannot be read.
    pub async fn entry_of_hash(&self, hash: &str) -> Result<Option<Entry>, LedgerError> {
        let Some(seq) = self.store().seq_of(hash).await? else { return Ok(None) };
        self.entry(u64::try_from(seq).unwrap_or_default()).await.map(Some)
    }

    /// Returns where the chain ends.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn head(&self) -> Result<Head, LedgerError> {
        Ok(match self.store().last_entry().await? {
            None => Head { entries: 0, hash: chain::genesis(self.project()) },
            Some((seq, hash)) => Head { entries: u64::try_from(seq).unwrap_or_default(), hash },
        })
    }

    fn read_back(&self, stored: Vec<StoredEntry>) -> Result<Vec<Entry>, LedgerError> {
        stored.into_iter().map(|stored| Entry::from_stored(stored, self.project())).collect()
    }
}
