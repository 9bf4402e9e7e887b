//! Removing a body: a leaked secret must go, the chain must stay.

use serde_json::json;

use super::append::Ledger;
use super::{EntryKind, EntryRef, LedgerError};

impl Ledger {
    /// Removes the body of an entry and records that; the chain still holds.
    ///
    /// A body that several entries share is removed for all of them: the record names the digest, which explains
    /// each. The same body never comes back, and its text is overwritten in the file and emptied from the log.
    ///
    /// # Errors
    /// [`LedgerError::NoEntry`], [`LedgerError::NoBody`], [`LedgerError::BodyGone`], or when the store cannot be
    /// written.
    pub async fn redact(&self, seq: u64) -> Result<EntryRef, LedgerError> {
        let number = i64::try_from(seq).map_err(|_| LedgerError::NoEntry { seq })?;
        let mut writing = self.begin(None).await?;
        let digest = writing.transaction.body_digest_at(number).await?.ok_or(LedgerError::NoEntry { seq })?;
        let digest = digest.ok_or(LedgerError::NoBody { seq })?;
        let payload = json!({ "seq": seq.to_string(), "body_digest": digest });
        let written = writing.write(EntryKind::Redaction, None, None, &payload).await?;
        let by = i64::try_from(written.seq).unwrap_or(i64::MAX);
        if !writing.transaction.remove_body(&digest, by).await? {
            return Err(LedgerError::BodyGone { seq });
        }
        self.finish(writing).await?;
        self.store().empty_log().await?;
        Ok(written)
    }
}
