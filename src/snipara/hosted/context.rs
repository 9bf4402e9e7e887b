//! Context from the service.

use serde_json::json;

use crate::domain::{ContextAnswer, ContextQuery};
use crate::snipara::hosted::HostedClient;
use crate::snipara::payload::{object, read};
use crate::snipara::{Answer, ContextSearch};

impl ContextSearch for HostedClient {
    fn query_context(&self, query: ContextQuery) -> Answer<'_, ContextAnswer> {
        Box::pin(async move {
            let arguments = object(&json!({ "query": query.query, "max_tokens": query.max_tokens }));
            self.ask("context_query", arguments, |payload| read::context_answer(payload, query.max_tokens)).await
        })
    }
}
