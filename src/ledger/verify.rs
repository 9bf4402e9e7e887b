//! Verification: the whole chain, page by page, then what lies beside it.

use super::append::{Ledger, blocking};
use super::chain::{self, ChainColumns, ChainVerifier};
use super::head::{self, HeadState};
use super::{HEAD_FILE, LedgerError};
use crate::domain::{ChainProblem, Head, VerifyReport, one_line};
use crate::store::{COLUMN_SEPARATOR, EntryPage, ROW_SEPARATOR, StoreTransaction};

/// How many entries are looked at together; bounds the memory, whatever the length of the chain.
const PAGE: i64 = 2000;

/// The way out when a head is lost.
const ACCEPT: &str = "a person can accept the chain as it is with `snipara-orchestrator proofs accept-head`";

impl Ledger {
    /// Verifies the whole chain, page by page, against the head beside it.
    ///
    /// Everything is read as it was at one moment. Hashes are computed from the stored bytes; columns, bodies,
    /// decisions, tasks and their reports are compared with the chain.
    ///
    /// # Errors
    /// When the store cannot be read. A broken chain is an answer and not an error.
    pub async fn verify(&self) -> Result<VerifyReport, LedgerError> {
        let folder = self.store().folder().to_owned();
        // Read before the chain: what another process appends meanwhile makes the chain longer, never shorter.
        let beside = head::beside(folder).await?;
        self.verify_against(Some(&beside)).await
    }

    /// Verifies the whole chain against a head, or by itself.
    pub(super) async fn verify_against(&self, beside: Option<&HeadState>) -> Result<VerifyReport, LedgerError> {
        let mut transaction = self.store().begin_read().await?;
        let mut chain = ChainVerifier::new(self.project());
        let mut problem = self.verify_chain(&mut transaction, &mut chain, beside).await?;
        let mut redacted_bodies = 0;
        if problem.is_none() {
            problem = super::audit::audit(&mut transaction, &mut redacted_bodies).await?;
        }
        Ok(VerifyReport {
            verified: problem.is_none(),
            entries: chain.entries,
            redacted_bodies: redacted_bodies + chain.tombstones(),
            notices: super::audit::notices(&mut transaction).await?,
            head: Some(Head { entries: chain.entries, hash: chain.hash }),
            problem,
        })
    }

    pub(super) async fn verify_chain(
        &self,
        transaction: &mut StoreTransaction,
        chain: &mut ChainVerifier,
        beside: Option<&HeadState>,
    ) -> Result<Option<ChainProblem>, LedgerError> {
        let path = self.store().folder().join(HEAD_FILE);
        let path = path.display();
        let named = match beside {
            Some(HeadState::Present(head)) => Some((head.seq, head.hash.clone())),
            _ => None,
        };
        let mut meets_head = named.as_ref().is_some_and(|(seq, hash)| *seq == 0 && *hash == chain.hash);
        let mut page = next_page(transaction, i64::MIN).await?;
        loop {
            let Some(current) = page else {
                let seq = chain.entries + 1;
                let what = format!("entry {seq} was changed: a column of it is not a text");
                return Ok(Some(ChainProblem { seq: Some(seq), what }));
            };
            if current.rows == 0 {
                break;
            }
            // The entries of a page that holds are numbered without a gap; one that does not hold ends the loop.
            let after = i64::try_from(chain.entries).unwrap_or(i64::MAX).saturating_add(current.rows);
            // Hashing a page takes milliseconds, so it is done on a thread for blocking work while the next is read.
            let (mut next, head) = (chain.clone(), named.clone());
            let verified = blocking(move || {
                let mut met = false;
                let result = verify_page(&mut next, &current, head.as_ref(), &mut met);
                (next, met, result)
            });
            let (verified, following) = tokio::join!(verified, next_page(transaction, after));
            let (stepped, met, result) = verified?;
            *chain = stepped;
            meets_head |= met;
            if let Err(problem) = result {
                return Ok(Some(problem));
            }
            page = following?;
        }
        let (rows, odd) = transaction.count_entries().await?;
        if let Some(seq) = odd {
            let what = format!("entry {seq} was changed: a column of it is of another type than was written");
            return Ok(Some(ChainProblem::at(seq, what)));
        }
        if let Some(problem) = chain.unexplained() {
            return Ok(Some(problem));
        }
        if u64::try_from(rows).ok() != Some(chain.entries) {
            let what = format!("the ledger has {rows} rows for {} entries: some stand in it twice", chain.entries);
            return Ok(Some(ChainProblem::beside(what)));
        }
        let Some(beside) = beside else { return Ok(None) };
        Ok(match beside {
            HeadState::Missing if chain.entries == 0 => None,
            HeadState::Missing => Some(ChainProblem::beside(format!(
                "the head is missing: without {path} nobody can tell whether entries were cut off at the end; {ACCEPT}"
            ))),
            HeadState::Unreadable(why) => {
                Some(ChainProblem::beside(format!("the head {path} cannot be read: {}; {ACCEPT}", one_line(why, 120))))
            }
            HeadState::Present(head) if head.project != self.project() => {
                Some(ChainProblem::beside(format!("the head {path} is of another project")))
            }
            HeadState::Present(head) if head.seq > chain.entries => {
                let first = chain.entries + 1;
                let what = if first == head.seq {
                    format!("entry {first} is missing: the ledger was cut off, its head knows {} entries", head.seq)
                } else {
                    format!("entries {first} to {} are missing: the ledger was cut off", head.seq)
                };
                Some(ChainProblem { seq: Some(first), what })
            }
            HeadState::Present(head) if !meets_head => Some(ChainProblem {
                seq: Some(head.seq),
                what: format!(
                    "entry {} is not the one that the head {path} names: one of the two was changed",
                    head.seq
                ),
            }),
            HeadState::Present(_) => None,
        })
    }
}

/// Reads the page after `after`, of one row where many do not fit in a text; `None` when a column is not a text.
async fn next_page(transaction: &mut StoreTransaction, after: i64) -> Result<Option<EntryPage>, LedgerError> {
    match transaction.entry_page(after, PAGE).await? {
        Some(page) => Ok(Some(page)),
        None => Ok(transaction.entry_page(after, 1).await?),
    }
}

fn verify_page(
    chain: &mut ChainVerifier,
    page: &EntryPage,
    head: Option<&(u64, String)>,
    met: &mut bool,
) -> Result<(), ChainProblem> {
    let mut rows = 0_i64;
    for row in page.text.split(ROW_SEPARATOR) {
        let seq = chain.entries + 1;
        let columns = ChainColumns::split(row, COLUMN_SEPARATOR).ok_or_else(|| ChainProblem {
            seq: Some(seq),
            what: format!("entry {seq} was changed: a column of it holds control characters"),
        })?;
        chain.step(columns)?;
        rows += 1;
        *met |= head.is_some_and(|(seq, hash)| *seq == chain.entries && *hash == chain.hash);
    }
    if rows == page.rows {
        return Ok(());
    }
    let seq = chain.entries + 1;
    Err(ChainProblem { seq: Some(seq), what: format!("{} after entry {}", chain::ODD_PAGE, chain.entries) })
}
