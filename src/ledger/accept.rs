//! A person accepts a chain whose head is lost or does not fit.

use super::append::{Ledger, blocking};
use super::head::{self, HeadFile, HeadLock, HeadState};
use super::{EntryRef, Fact, HEAD_FILE, HeadAccepted, LedgerError};

impl Ledger {
    /// Tells whether the head is missing or cannot be read.
    ///
    /// # Errors
    /// When the work was stopped.
    pub async fn head_is_lost(&self) -> Result<bool, LedgerError> {
        let folder = self.store().folder().to_owned();
        let head = head::beside(folder).await?;
        Ok(matches!(head, HeadState::Missing | HeadState::Unreadable(_)))
    }

    /// Accepts the chain as it is, records that, and writes its head anew. Answers `None` when the head fits.
    ///
    /// Only a person decides that: without the old head nobody can tell whether entries were cut off.
    ///
    /// # Errors
    /// [`LedgerError::Broken`] when the chain itself does not hold, or when the store or the head cannot be written.
    pub async fn accept_head(&self) -> Result<Option<EntryRef>, LedgerError> {
        let Some(problem) = self.verify().await?.problem else { return Ok(None) };
        let chain = self.verify_against(None).await?;
        if let Some(broken) = chain.problem {
            return Err(LedgerError::Broken { what: broken.what });
        }
        let (entries, hash) = chain.head.map(|head| (head.entries, head.hash)).unwrap_or_default();
        let accepted = HeadAccepted { entries, hash, problem: problem.what };
        let mut append = self.begin(None).await?;
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
