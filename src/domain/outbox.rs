//! What waits to be told to the hosted service, in numbers.

use serde::Serialize;

/// How many messages to the hosted service there are in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct OutboxCounts {
    /// Certainly not delivered yet; sent later.
    pub waiting: u64,
    /// On their way.
    pub sending: u64,
    /// Delivered, in the last 30 days.
    pub sent: u64,
    /// Perhaps delivered; never sent again.
    pub unknown: u64,
    /// Refused by the service; never sent again.
    pub refused: u64,
}
