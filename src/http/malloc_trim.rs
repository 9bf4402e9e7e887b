//! After a rush: the memory that it took is given back to the system.
//!
//! glibc keeps what is freed, in an arena for each thread, for as long as the newest of it is in use: an idle server
//! would hold the most that it ever needed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

/// How long nothing must happen for a rush to be over.
const QUIET: Duration = Duration::from_secs(1);
/// How many requests and connections make a rush.
const MANY: u64 = 64;

/// What happens at a server: requests that were answered, connections that ended.
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

    /// Gives memory back whenever much has happened and then nothing for a while; never ends by itself.
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

/// Gives what is free in the allocator's arenas back; other allocators than glibc's do so by themselves.
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
