//! How long tests wait, and how.

use std::time::{Duration, Instant};

/// The longest that anything is waited for: far longer than needed, for machines that are slow and busy.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Waits until something holds, and says what did not when it never does.
pub async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    until_asked(what, async || holds().then_some(())).await;
}

/// Asks until there is an answer, and says what has none when there never is.
pub async fn until_asked<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < end, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
