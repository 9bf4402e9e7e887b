//! A damaged ledger, carried over into a new one that says what is lost.

use std::collections::BTreeMap;
use std::path::Path;

use super::append::Ledger;
use super::chain::ChainVerifier;
use super::head::{self, HeadState};
use super::{Entry, Fact, LedgerError, Redaction, RunStarted, TaskCreated, Transition};
use crate::domain::{
    BackupReport, Criteria, Fence, LostRows, ProjectId, Repaired, SharedClock, Task, TaskId, TaskStatus, Timestamp,
};
use crate::store::{NewRun, Salvage, StoreTransaction};

/// How many entries are looked at together.
const PAGE: u32 = 500;

/// What the kept entries say of a task.
#[derive(Debug, Default)]
struct Told {
    created: Option<(Box<TaskCreated>, Timestamp)>,
    last: Option<(Transition, Timestamp)>,
    runs: Vec<(RunStarted, Timestamp)>,
    redactions: Vec<Redaction>,
}

impl Ledger {
    /// Carries over what can be read of the store in `folder` into `target`, one file that can be restored. Of the
    /// chain, all entries before the first that cannot be read are kept, and a new entry says what is lost.
    ///
    /// The store in the folder is only read.
    ///
    /// # Errors
    /// When other processes have the store open, or when the new file cannot be written.
    pub async fn repair(
        folder: &Path,
        project: &ProjectId,
        target: &Path,
        clock: SharedClock,
    ) -> Result<(BackupReport, Repaired), LedgerError> {
        let known = head::beside(folder.to_owned()).await?;
        let salvage = Salvage::of(folder, project).await?;
        let ledger = Self::new(salvage.store().clone(), clock);
        let carried = async {
            let repaired = ledger.carry(&salvage, &known).await?;
            Ok((ledger.backup(target).await?, repaired))
        };
        let carried = carried.await;
        salvage.end().await;
        carried
    }

    async fn carry(&self, salvage: &Salvage, known: &HeadState) -> Result<Repaired, LedgerError> {
        let mut transaction = self.store().begin_write().await?;
        let mut chain = ChainVerifier::new(self.project());
        transaction.show_salvaged_entries(true).await?;
        let gap = self.verify_chain(&mut transaction, &mut chain, None).await?;
        transaction.show_salvaged_entries(false).await?;
        // A tombstone is worth nothing without the entry that says what was removed.
        let (held, gap) = (chain.held(), gap.or_else(|| chain.unexplained()));
        let last = i64::try_from(held).unwrap_or(i64::MAX);
        let entries_cut_off = transaction.carry_entries(last).await?;
        transaction.commit().await?;

        let mut lost_criteria = Vec::new();
        let (tasks, decisions) = self.tell_tasks().await?;
        let mut transaction = self.store().begin_write().await?;
        for (fence, seq, hash, passed) in &decisions {
            transaction.insert_decision(fence, *seq, hash, *passed).await?;
        }
        for (id, told) in tasks {
            if !rebuild(&mut transaction, &id, told).await? {
                lost_criteria.push(id.to_string());
            }
        }
        transaction.settle_runs().await?;
        let mut rows = transaction.carry_others().await?;
        if salvage.rows > 0 {
            let why = "they are not whole, or have lost their table".to_owned();
            rows.push(LostRows { table: "any".to_owned(), rows: salvage.rows, why });
        }
        if salvage.log_is_lost {
            let why = "the log of what was written last could not be read".to_owned();
            rows.push(LostRows { table: "any".to_owned(), rows: 0, why });
        }
        if let Some(gap) = gap {
            rows.push(LostRows { table: "ledger_entries".to_owned(), rows: entries_cut_off, why: gap.what });
        }
        let lost_bodies = transaction.lost_bodies().await?;
        transaction.commit().await?;

        let repaired = Repaired {
            entries: held,
            entries_cut_off,
            entries_known: match known {
                HeadState::Present(head) => Some(head.seq),
                HeadState::Missing | HeadState::Unreadable(_) => None,
            },
            pages: salvage.pages,
            rows,
            lost_bodies,
            lost_criteria,
        };
        let mut append = self.begin(None).await?;
        let written = append.write(None, None, &Fact::Repaired(Box::new(repaired.clone()))).await?;
        for digest in &repaired.lost_bodies {
            append.transaction.mark_lost_body(digest, i64::try_from(written.seq).unwrap_or(i64::MAX)).await?;
        }
        self.finish(append).await?;
        self.write_head(&written).await?;
        Ok(repaired)
    }

    /// Reads what the kept entries say: of tasks, and which decisions there were.
    async fn tell_tasks(&self) -> Result<(BTreeMap<TaskId, Told>, Vec<(Fence, i64, String, bool)>), LedgerError> {
        let (mut tasks, mut decisions) = (BTreeMap::<TaskId, Told>::new(), Vec::new());
        let mut after = 0;
        loop {
            let entries = self.entries_since(after, PAGE).await?;
            let Some(last) = entries.last() else { return Ok((tasks, decisions)) };
            after = last.seq;
            for Entry { seq, hash, task_id, attempt, at, fact, .. } in entries {
                let Some(id) = task_id else { continue };
                match (fact, attempt) {
                    (Fact::TaskCreated(created), _) => {
                        tasks.entry(id).or_default().created.get_or_insert((created, at));
                    }
                    (Fact::Redaction(redaction), _) => tasks.entry(id).or_default().redactions.push(redaction),
                    (Fact::Transition(transition), _) => tasks.entry(id).or_default().last = Some((transition, at)),
                    (Fact::RunStarted(started), _) => tasks.entry(id).or_default().runs.push((*started, at)),
                    (Fact::Decision(decision), Some(attempt)) => {
                        let fence = Fence { task_id: id, attempt, token: 0 };
                        let seq = i64::try_from(seq).unwrap_or(i64::MAX);
                        decisions.push((fence, seq, hash, decision.verdict.passed));
                    }
                    _ => {}
                }
            }
        }
    }
}

/// Writes a task's row and those of its attempts as the chain has them; tells whether its criteria could be read.
async fn rebuild(transaction: &mut StoreTransaction, id: &TaskId, told: Told) -> Result<bool, LedgerError> {
    let Some((created, created_at)) = told.created else { return Ok(true) };
    let row = transaction.salvaged_task(id).await?;
    // What is left of criteria that were redacted is right, too, as the last redaction of them says.
    let redacted = told.redactions.iter().rev().find(|it| it.body_digest == created.criteria_digest);
    let criteria_digest = redacted.and_then(|it| it.tombstone.clone()).unwrap_or(created.criteria_digest.clone());
    let right = |criteria: &Criteria| criteria.digest().is_ok_and(|digest| digest == criteria_digest);
    let salvaged: Option<Criteria> = row.as_ref().and_then(|(criteria, ..)| serde_json::from_str(criteria).ok());
    let whole = salvaged.filter(right).or_else(|| created.criteria.clone().filter(right));
    let is_whole = whole.is_some();
    let (status, cause, changed_at) = match told.last {
        None => (TaskStatus::Pending, None, created_at),
        Some((Transition { to, cause, .. }, at)) => (to, cause, at),
    };
    let task = Task {
        id: id.clone(),
        title: created.title.clone(),
        description: created.description.clone(),
        criteria: whole.or_else(|| created.criteria.clone()).unwrap_or_else(Criteria::nothing),
        criteria_digest,
        status,
        cause,
        attempt: u32::try_from(told.runs.len()).unwrap_or(u32::MAX),
        created_at: row.as_ref().map_or(created_at, |(_, at, _)| Timestamp::from_micros(*at)),
        updated_at: row.as_ref().map_or(changed_at, |(.., at)| Timestamp::from_micros(*at)),
    };
    transaction.insert_task(&task).await?;
    for (RunStarted { attempt, token, conditions }, at) in told.runs {
        if transaction.carry_run(id, attempt, token).await? {
            continue;
        }
        let run = NewRun {
            fence: &Fence { task_id: id.clone(), attempt, token },
            holder: &conditions.holder,
            cookie: "",
            started_at: at,
            lease_expires_at: at,
            config_digest: &conditions.config_digest,
            production_origin: &conditions.production_origin,
        };
        transaction.insert_run(&run).await?;
        // One run of a task at a time.
        transaction.settle_runs().await?;
    }
    Ok(is_whole)
}
