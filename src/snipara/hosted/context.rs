//! Context from the service.

use crate::domain::{ContextAnswer, ContextQuery};
use crate::snipara::hosted::HostedClient;
use crate::snipara::payload::read;
use crate::snipara::{Answer, ContextSearch};

impl ContextSearch for HostedClient {
    fn query_context(&self, query: ContextQuery) -> Answer<'_, ContextAnswer> {
        self.asked("context_query", query, |payload, query| read::context_answer(payload, query.max_tokens))
    }
}
