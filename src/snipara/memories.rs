//! The trait for memories.

use std::fmt::Debug;

use super::Answer;
use crate::domain::{
    ForgetQuery, Memory, MemoryFilter, MemoryId, MemoryPage, NewMemory, RecallQuery, Recalled, Remembered,
};

/// Keeps memories and finds them again.
pub trait Memories: Send + Sync + Debug {
    /// Keeps a memory; tells near-duplicates and what it replaced.
    fn remember(&self, memory: NewMemory) -> Answer<'_, Remembered>;
    /// Finds memories by relevance; expired ones never.
    fn recall(&self, query: RecallQuery) -> Answer<'_, Recalled>;
    /// Lists memories.
    fn list(&self, filter: MemoryFilter) -> Answer<'_, MemoryPage>;
    /// Removes memories for good; answers how many.
    fn forget(&self, query: ForgetQuery) -> Answer<'_, u64>;
    /// Marks a memory as not valid any more; it is kept.
    fn invalidate(&self, memory_id: MemoryId, reason: Option<String>) -> Answer<'_, Memory>;
    /// Marks a memory as replaced by another; both are kept. Answers the old one.
    fn supersede(&self, old: MemoryId, new: MemoryId, reason: Option<String>) -> Answer<'_, Memory>;
}
