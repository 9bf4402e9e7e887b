//! Context from the service.

use crate::domain::{ContextAnswer, ContextQuery};
use crate::snipara::hosted::HostedClient;
use crate::snipara::{Answer, Context};

impl Context for HostedClient {
    fn query_context(&self, _query: ContextQuery) -> Answer<'_, ContextAnswer> {
        todo!()
    }
}
