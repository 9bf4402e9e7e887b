//! Gives memory back to the system after a rush of requests.
//!
//! glibc keeps freed memory in an arena for each thread as long as the newest block of the arena is in use. So an idle
//! server would hold the most memory that it ever needed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

/// A rush is over when nothing has happened for so long.
const QUIET: Duration = Duration::from_secs(1);
/// How many requests and connections make a rush.
const MANY: u64 = 64;

/// Counts answered requests and ended connections, and gives memory back when many of them are over.
#[derive(Debug, Clone, Default)]
pub(super) struct MemoryRelease {
    happened: Arc<AtomicU64>,
    waking: Arc<Notify>,
}

impl MemoryRelease {
    /// Notes that something happened.
    pub(super) fn note(&self) {
        self.happened.fetch_add(1, Ordering::Relaxed);
        self.waking.notify_one();
    }

    /// Gives memory back whenever much has happened and then nothing for a while. Never ends by itself.
    pub(super) async fn release_when_quiet(self) {
        let mut given_back_at = 0;
        loop {
            self.waking.notified().await;
            let mut seen = 0;
            while seen != self.count() {
                seen = self.count();
                tokio::time::sleep(QUIET).await;
            }
            if seen.saturating_sub(given_back_at) >= MANY {
                given_back_at = seen;
                if let Err(error) = tokio::task::spawn_blocking(trim_heap).await {
                    tracing::debug!(%error, "memory could not be given back");
                }
            }
        }
    }

    fn count(&self) -> u64 {
        self.happened.load(Ordering::Relaxed)
    }
}

/// Gives the free memory of glibc's arenas back. Other allocators do so by themselves.
fn trim_heap() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        #[expect(
            unsafe_code,
            reason = "malloc_trim(3) takes no pointer and is safe in every thread; no crate wraps it"
        )]
        // SAFETY: no argument can be wrong, and memory that is in use is not touched.
        let released = unsafe { libc::malloc_trim(0) };
        tracing::debug!(released, "memory is given back after a rush");
    }
}
