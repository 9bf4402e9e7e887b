//! Removing texts: a leaked secret must go, the chain must stay.

use super::append::Ledger;
use super::{EntryRef, Fact, LedgerError, Redaction};

impl Ledger {
    /// Removes the texts of an entry that lie beside the chain, and records that; the chain still holds.
    ///
    /// Texts that several entries share are removed for all of them: the record names the digest, which explains
    /// each. The same texts never come back, and they are overwritten in the file and emptied from the log. With the
    /// texts of the entry that created a task, title and description go from its row; its criteria stay there, so that
    /// it can run again.
    ///
    /// # Errors
    /// [`LedgerError::NoEntry`], [`LedgerError::NoBody`], [`LedgerError::BodyGone`], or when the store cannot be
    /// written.
    pub async fn redact(&self, seq: u64) -> Result<EntryRef, LedgerError> {
        let number = i64::try_from(seq).map_err(|_| LedgerError::NoEntry(seq))?;
        let mut append = self.begin(None).await?;
        let digest = append.transaction.body_digest_at(number).await?.ok_or(LedgerError::NoEntry(seq))?;
        let body_digest = digest.ok_or(LedgerError::NoBody(seq))?;
        let redaction = Redaction { seq, body_digest: body_digest.clone() };
        let written = append.write(None, None, &Fact::Redaction(redaction)).await?;
        let by = i64::try_from(written.seq).unwrap_or(i64::MAX);
        if !append.transaction.remove_body(&body_digest, by).await? {
            return Err(LedgerError::BodyGone(seq));
        }
        append.transaction.remove_task_texts(&body_digest, super::fact::REMOVED).await?;
        self.finish(append).await?;
        self.store().empty_log().await?;
        Ok(written)
    }
}
