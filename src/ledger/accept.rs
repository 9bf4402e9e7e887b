//! A person accepts a chain whose head is lost.

use super::append::{Ledger, blocking};
use super::head::{self, HeadFile, HeadLock};
use super::{ChainProblem, EntryRef, Fact, HEAD_FILE, HeadAccepted, LedgerError};

impl Ledger {
    /// Tells whether the head is missing or cannot be read.
    ///
    /// # Errors
    /// When the work was stopped.
    pub async fn head_is_lost(&self) -> Result<bool, LedgerError> {
        Ok(self.lost_head().await?.is_some())
    }

    /// Says what is wrong with a head that is lost.
    async fn lost_head(&self) -> Result<Option<String>, LedgerError> {
        let head = head::beside(self.store().folder().to_owned()).await?;
        Ok(head.loss())
    }

    /// Returns what a person would accept: that the head is lost. Answers `None` when it fits.
    ///
    /// # Errors
    /// [`LedgerError::Broken`] when the head is there and tells of another chain, or the chain itself does not hold.
    pub async fn head_to_accept(&self) -> Result<Option<ChainProblem>, LedgerError> {
        let Some(problem) = self.verify().await?.problem else { return Ok(None) };
        // A head that can be read is right: it is the chain that was changed or cut off.
        if !self.head_is_lost().await? {
            return Err(LedgerError::Broken { what: problem.what });
        }
        match self.verify_against(None).await?.problem {
            Some(broken) => Err(LedgerError::Broken { what: broken.what }),
            None => Ok(Some(problem)),
        }
    }

    /// Accepts the chain as it is when its head is lost, records that, and writes its head anew. Answers `None` when the
    /// head fits.
    ///
    /// Only a person decides that: without the old head nobody can tell whether entries were cut off.
    ///
    /// # Errors
    /// As [`Ledger::head_to_accept`], or when the store or the head cannot be written.
    pub async fn accept_head(&self) -> Result<Option<EntryRef>, LedgerError> {
        if self.head_to_accept().await?.is_none() {
            return Ok(None);
        }
        let mut append = self.begin(None).await?;
        // Asked again while nobody else writes.
        let Some(problem) = self.lost_head().await? else { return Ok(None) };
        let (entries, hash) = append.end();
        let accepted = HeadAccepted { entries, hash, problem };
        let written = append.write(None, None, &Fact::HeadAccepted(accepted)).await?;
        self.finish(append).await?;
        self.write_head(&written).await?;
        Ok(Some(written))
    }

    /// Writes the head anew, whatever it says.
    pub(super) async fn write_head(&self, end: &EntryRef) -> Result<(), LedgerError> {
        let folder = self.store().folder().to_owned();
        let path = folder.join(HEAD_FILE);
        let head = HeadFile::new(self.project(), end.seq, &end.hash);
        let written = blocking(move || HeadLock::take(&folder)?.write(&head)).await?;
        written.map_err(|source| LedgerError::Head { path, source })
    }
}
