//! Memories of the service.

use serde_json::{Value, json};

use crate::domain::{
    ForgetQuery, Memory, MemoryFilter, MemoryId, MemoryPage, MemoryStatus, NewMemory, RecallQuery, Recalled,
    Remembered, with_causes,
};
use crate::snipara::hosted::HostedClient;
use crate::snipara::payload::{Payload, object, read};
use crate::snipara::{Answer, Memories};

impl Memories for HostedClient {
    fn remember(&self, memory: NewMemory) -> Answer<'_, Remembered> {
        Box::pin(async move {
            let arguments = remember_arguments(&memory);
            let mut remembered = self.ask("remember", arguments, |payload| read::remembered(payload, &memory)).await?;
            // The contract has no argument for it (snipara-wire.md §4.2): a second call, whose failure must not
            // hide that the memory is kept.
            if let Some(old) = memory.supersedes {
                let new = remembered.memory.memory_id.clone();
                match self.supersede(old.clone(), new, None).await {
                    Ok(_) => remembered.superseded.push(old),
                    Err(error) => {
                        remembered.warnings.push(format!("{old} was not superseded: {}", with_causes(&error)));
                    }
                }
            }
            Ok(remembered)
        })
    }

    fn recall(&self, query: RecallQuery) -> Answer<'_, Recalled> {
        Box::pin(async move {
            let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
            let mut recalled = self.ask("recall", recall_arguments(&query), read::recalled).await?;
            recalled.memories.truncate(limit);
            Ok(recalled)
        })
    }

    fn list(&self, filter: MemoryFilter) -> Answer<'_, MemoryPage> {
        Box::pin(async move {
            let order = if filter.ascending { "asc" } else { "desc" };
            let arguments = object(&json!({
                "type": filter.memory_type, "scope": filter.scope, "category": filter.category,
                "status": filter.status, "search": filter.search, "limit": filter.limit, "offset": filter.offset,
                "include_inactive": filter.include_inactive, "sort_by": filter.sort_by, "sort_order": order,
            }));
            self.ask("memories", arguments, read::memory_page).await
        })
    }

    fn forget(&self, query: ForgetQuery) -> Answer<'_, u64> {
        Box::pin(async move {
            let arguments = object(&json!({
                "memory_id": query.memory_id, "type": query.memory_type, "category": query.category,
                "older_than_days": query.older_than_days,
            }));
            self.ask("forget", arguments, read::forgotten).await
        })
    }

    fn invalidate(&self, memory_id: MemoryId, reason: Option<String>) -> Answer<'_, Memory> {
        Box::pin(async move {
            let arguments = object(&json!({ "memory_id": memory_id, "reason": reason }));
            let read = |payload: &Payload| read::memory_changed(payload, MemoryStatus::Invalidated, reason);
            self.ask("memory_invalidate", arguments, read).await
        })
    }

    fn supersede(&self, old: MemoryId, new: MemoryId, reason: Option<String>) -> Answer<'_, Memory> {
        Box::pin(async move {
            let arguments = object(&json!({ "old_memory_id": old, "new_memory_id": new, "reason": reason }));
            let read = |payload: &Payload| read::memory_changed(payload, MemoryStatus::Superseded, reason);
            self.ask("memory_supersede", arguments, read).await
        })
    }
}

fn remember_arguments(memory: &NewMemory) -> Payload {
    object(&json!({
        "text": memory.content, "type": memory.memory_type, "scope": memory.scope, "agent_id": memory.agent_id,
        "category": memory.category, "ttl_days": memory.ttl_days, "source": memory.source,
        "memory_reconciliation_mode": memory.reconciliation,
    }))
}

/// Warnings are asked for only where the caller wants others than usual: older servers know no such argument.
fn recall_arguments(query: &RecallQuery) -> Payload {
    let usual = RecallQuery::new("");
    let unusual =
        |value: f64, usual: f64| if (value - usual).abs() < f64::EPSILON { Value::Null } else { json!(value) };
    object(&json!({
        "query": query.query, "limit": query.limit, "type": query.memory_type, "category": query.category,
        "scope": query.scope, "agent_id": query.agent_id, "min_relevance": query.min_relevance,
        "include_inactive": query.include_inactive.then_some(true),
        "warning_threshold": unusual(query.warning_threshold, usual.warning_threshold),
    }))
}
