//! Context from the service.

use crate::domain::{ContextAnswer, ContextQuery};
use crate::snipara::hosted::HostedClient;
use crate::snipara::payload::{object, read};
use crate::snipara::{Answer, ContextSearch};

impl ContextSearch for HostedClient {
    fn query_context(&self, query: ContextQuery) -> Answer<'_, ContextAnswer> {
        Box::pin(async move {
            self.ask("context_query", object(&query), |payload| read::context_answer(payload, query.max_tokens)).await
        })
    }
}
