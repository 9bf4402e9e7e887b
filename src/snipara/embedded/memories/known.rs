//! Memories that are named by id: whether they exist, and whether one may replace another.

use crate::domain::{Memory, MemoryId, MemoryStatus, nearest, one_line};
use crate::snipara::SniparaError;
use crate::store::StoreTransaction;

/// The most ids that are looked through for the one that was meant.
const MAX_IDS: i64 = 1_000;
/// The most letters in which an id that was meant differs.
const MAX_ERRORS: usize = 2;
/// The fewest letters of which the beginning of an id is taken for it.
const LEAST_BEGINNING: usize = 8;

/// Reads a memory.
///
/// # Errors
/// When there is none; the error names the id that was probably meant.
pub(super) async fn known(transaction: &mut StoreTransaction, id: &MemoryId) -> Result<Memory, SniparaError> {
    if let Some(memory) = transaction.memory(id).await? {
        return Ok(memory);
    }
    let ids = transaction.memory_ids(MAX_IDS).await?;
    let nearest = meant(id.as_str(), &ids).map(str::to_owned);
    Err(SniparaError::NotFound { what: "memory", id: one_line(id.as_str(), 80), nearest })
}

/// Returns the id that was meant: with a typing error, or cut off. Ids are random, so that any two are somewhat alike.
fn meant<'a>(given: &str, ids: &'a [String]) -> Option<&'a str> {
    let near = |id: &&str| {
        (given.len() >= LEAST_BEGINNING && id.starts_with(given)) || strsim::levenshtein(given, id) <= MAX_ERRORS
    };
    nearest(given, ids.iter().map(String::as_str).filter(near))
}

/// Refuses to replace a memory by itself, or by one that it replaced, directly or through others.
///
/// # Errors
/// When the chain of replacements would be a circle.
pub(super) async fn refuse_circle(
    transaction: &mut StoreTransaction,
    old: &MemoryId,
    new: &Memory,
) -> Result<(), SniparaError> {
    let mut step = Some(new.memory_id.clone());
    let mut seen = std::collections::HashSet::new();
    while let Some(id) = step {
        if id == *old {
            return Err(SniparaError::NotAllowed {
                code: "cycle",
                message: if new.memory_id == *old {
                    format!("memory {old} cannot replace itself")
                } else {
                    format!("memory {} was itself replaced by {old}, directly or through others", new.memory_id)
                },
                hint: "give the memory that holds now as the new one".to_owned(),
            });
        }
        if !seen.insert(id.clone()) {
            break;
        }
        step = transaction.memory(&id).await?.and_then(|memory| memory.superseded_by);
    }
    Ok(())
}

/// Returns a memory as it is after another one replaced it.
pub(super) fn replaced(old: Memory, by: &MemoryId, reason: Option<String>) -> Memory {
    Memory { status: MemoryStatus::Superseded, status_reason: reason, superseded_by: Some(by.clone()), ..old }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_typing_error_or_a_beginning_names_an_id() {
        let ids = ["mem_0123456789abcdef".to_owned(), "mem_fedcba9876543210".to_owned()];
        assert_eq!(meant("mem_0123456789abcdeg", &ids), Some("mem_0123456789abcdef"));
        assert_eq!(meant("mem_0123456", &ids), Some("mem_0123456789abcdef"));
        assert_eq!(meant("mem_0", &ids), None);
        assert_eq!(meant("mem_8888888888888888", &ids), None);
    }
}
