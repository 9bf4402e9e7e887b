//! Watches the ledger's head, with one reader for all subscribers.

use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::{Mutex, watch};
use tokio::time::{MissedTickBehavior, interval};

use crate::orchestrator::{Orchestrator, OrchestratorError};

use super::watcher::LOOK;

/// Reads how many entries there are.
type ReadHead = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<u64, OrchestratorError>> + Send>> + Send + Sync>;

/// Reads the head again and again, as long as a subscriber watches.
#[derive(Debug, Clone, Default)]
pub(super) struct Heads {
    /// Reading and sending are one step under this lock, so that no older head is sent after a newer one.
    told: Arc<Mutex<Option<watch::Sender<u64>>>>,
}

impl Heads {
    /// Watches an orchestrator's ledger from its present head on.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub(super) async fn of(&self, orchestrator: &Orchestrator) -> Result<watch::Receiver<u64>, OrchestratorError> {
        let ledger = orchestrator.ledger().clone();
        self.watch(Arc::new(move || {
            let ledger = ledger.clone();
            Box::pin(async move { Ok(ledger.head().await?.entries) })
        }))
        .await
    }

    async fn watch(&self, read: ReadHead) -> Result<watch::Receiver<u64>, OrchestratorError> {
        let mut told = self.told.lock().await;
        let head = read().await?;
        if let Some(sender) = told.as_ref() {
            sender.send_replace(head);
            return Ok(sender.subscribe());
        }
        let (sender, receiver) = watch::channel(head);
        *told = Some(sender);
        tokio::spawn(self.clone().follow(read));
        Ok(receiver)
    }

    async fn follow(self, read: ReadHead) {
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            let mut told = self.told.lock().await;
            let Some(sender) = told.as_ref() else { return };
            if sender.receiver_count() == 0 {
                *told = None;
                return;
            }
            match read().await {
                Ok(head) => drop(sender.send_replace(head)),
                Err(error) => tracing::debug!(%error, "the ledger could not be looked at"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use super::*;

    /// Counts how often it is read; the head is that count.
    fn counted(reads: &Arc<AtomicU64>) -> ReadHead {
        let reads = reads.clone();
        Arc::new(move || {
            let head = reads.fetch_add(1, Ordering::SeqCst) + 1;
            Box::pin(std::future::ready(Ok(head)))
        })
    }

    async fn moved(watching: &mut watch::Receiver<u64>) -> u64 {
        let moved = tokio::time::timeout(Duration::from_secs(60), watching.changed());
        moved.await.expect("in time").expect("it is looked at");
        *watching.borrow_and_update()
    }

    #[tokio::test]
    async fn one_look_is_told_to_all_that_watch_and_nobody_looks_when_nobody_watches() {
        let (heads, reads) = (Heads::default(), Arc::new(AtomicU64::new(0)));
        let mut watching = Vec::new();
        for begun in 1..=50 {
            let one = heads.watch(counted(&reads)).await.expect("watched");
            assert!(*one.borrow() >= begun, "each begins at the head of its time");
            watching.push(one);
        }
        let mut last = watching.pop().expect("one");
        last.mark_unchanged();
        let first = moved(&mut last).await;
        let second = moved(&mut last).await;
        assert!(second - first < 50, "not once for each that watches: {first}, {second}");
        assert!(watching.iter().all(|one| *one.borrow() >= second));
        drop((watching, last));
        let stopped = async {
            while heads.told.lock().await.is_some() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), stopped).await.expect("in time");
        let again = heads.watch(counted(&reads)).await.expect("watched");
        assert_eq!(*again.borrow(), reads.load(Ordering::SeqCst));
    }
}
