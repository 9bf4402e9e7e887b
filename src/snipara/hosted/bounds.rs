//! How long a call may take.

/// How long a call may take, tries and waits included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallBounds {
    /// The time for the whole call, in milliseconds.
    pub call_ms: u64,
    /// Until when after its beginning another try may begin, in milliseconds; 0 is one try.
    pub retry_ms: u64,
}

impl Default for CallBounds {
    fn default() -> Self {
        Self { call_ms: 30_000, retry_ms: 10_000 }
    }
}
