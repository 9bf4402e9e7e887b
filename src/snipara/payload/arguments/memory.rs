//! Arguments of the memory tools.

use super::given::Given;
use crate::domain::{
    FieldError, ForgetQuery, MemoryFilter, MemoryId, MemoryOrder, MemoryScope, MemoryType, NewMemory, RecallQuery,
    Reconciliation,
};
use crate::snipara::payload::Payload;

/// Reads `remember`; the default type is the contract's (snipara-wire.md §4.2).
///
/// # Errors
/// Names the argument.
pub fn new_memory(arguments: &Payload) -> Result<NewMemory, FieldError> {
    let given = Given(arguments);
    Ok(NewMemory {
        content: given.needed(&["text", "content"])?,
        memory_type: given.word("type")?.unwrap_or(MemoryType::Fact),
        scope: given.word("scope")?.unwrap_or(MemoryScope::Project),
        agent_id: given.text(&["agent_id"])?,
        category: given.text(&["category"])?,
        ttl_days: given.integer(&["ttl_days"])?,
        source: given.text(&["source"])?,
        supersedes: given.id("supersedes", MemoryId::parse)?,
        reconciliation: given.word("memory_reconciliation_mode")?.unwrap_or(Reconciliation::Recommend),
    })
}

/// Reads `recall`.
///
/// # Errors
/// Names the argument.
pub fn recall_query(arguments: &Payload) -> Result<RecallQuery, FieldError> {
    let given = Given(arguments);
    let default = RecallQuery::new(given.needed(&["query"])?);
    let share = |name| given.get::<f64>(&[name], "a number from 0 to 1");
    Ok(RecallQuery {
        limit: given.integer(&["limit"])?.unwrap_or(default.limit),
        memory_type: given.word("type")?,
        category: given.text(&["category"])?,
        scope: given.word("scope")?,
        agent_id: given.text(&["agent_id"])?,
        min_relevance: share("min_relevance")?.unwrap_or(default.min_relevance),
        include_inactive: given.flag("include_inactive", false)?,
        warning_threshold: share("warning_threshold")?.unwrap_or(default.warning_threshold),
        ..default
    })
}

/// Reads `memories`.
///
/// # Errors
/// Names the argument.
pub fn memory_filter(arguments: &Payload) -> Result<MemoryFilter, FieldError> {
    let given = Given(arguments);
    let default = MemoryFilter::default();
    let order = given.text(&["sort_order"])?.unwrap_or_default();
    Ok(MemoryFilter {
        memory_type: given.word("type")?,
        scope: given.word("scope")?,
        category: given.text(&["category"])?,
        status: given.word("status")?,
        search: given.text(&["search"])?,
        limit: given.integer(&["limit"])?.unwrap_or(default.limit),
        offset: given.integer(&["offset"])?.unwrap_or(default.offset),
        include_inactive: given.flag("include_inactive", false)?,
        sort_by: given.word("sort_by")?.unwrap_or(MemoryOrder::CreatedAt),
        ascending: order.eq_ignore_ascii_case("asc"),
    })
}

/// Reads `forget`.
///
/// # Errors
/// Names the argument.
pub fn forget(arguments: &Payload) -> Result<ForgetQuery, FieldError> {
    let given = Given(arguments);
    Ok(ForgetQuery {
        memory_id: given.id("memory_id", MemoryId::parse)?,
        memory_type: given.word("type")?,
        category: given.text(&["category"])?,
        older_than_days: given.integer(&["older_than_days"])?,
    })
}

/// Reads `memory_invalidate`: the memory and why.
///
/// # Errors
/// Names the argument.
pub fn invalidate(arguments: &Payload) -> Result<(MemoryId, Option<String>), FieldError> {
    let given = Given(arguments);
    Ok((given.needed_id("memory_id", MemoryId::parse)?, given.text(&["reason"])?))
}

/// Reads `memory_supersede`: the old memory, the new one, and why.
///
/// # Errors
/// Names the argument.
pub fn supersede(arguments: &Payload) -> Result<(MemoryId, MemoryId, Option<String>), FieldError> {
    let given = Given(arguments);
    let id = |name| given.needed_id(name, MemoryId::parse);
    Ok((id("old_memory_id")?, id("new_memory_id")?, given.text(&["reason"])?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nulls_are_absent_unknown_arguments_ignored_and_both_spellings_taken() {
        let older = json!({"content": "x", "text": null, "type": "LEARNING", "ttl_days": null, "strange": [1]});
        let memory = new_memory(older.as_object().expect("an object")).expect("reads");
        assert_eq!((memory.content.as_str(), memory.memory_type), ("x", MemoryType::Learning));
        assert_eq!(memory.ttl_days, None);
    }

    #[test]
    fn a_wrong_argument_is_named() {
        for (arguments, field) in [
            (json!({}), "text"),
            (json!({"text": 7}), "text"),
            (json!({"text": "x", "type": "desicion"}), "type"),
            (json!({"text": "x", "ttl_days": "soon"}), "ttl_days"),
            (json!({"text": "x", "supersedes": "a b"}), "supersedes"),
        ] {
            let error = new_memory(arguments.as_object().expect("an object")).expect_err("refused");
            assert_eq!(error.field, field, "{error}");
        }
    }
}
