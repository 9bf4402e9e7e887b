//! How long tests wait, and how.

use std::time::{Duration, Instant};

/// The longest that anything is waited for: far longer than needed, for machines that are slow and busy.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Waits until something holds, and says what did not when it never does.
pub async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
