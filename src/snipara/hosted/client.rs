//! The client: one call of one tool.

use std::sync::Arc;

use serde_json::{Map, Value};
use url::Url;

use crate::domain::SecretText;
use crate::outbound::HttpClient;
use crate::snipara::{Snipara, SniparaError, SniparaKind};

/// What a client needs to know.
#[derive(Debug, Clone)]
pub struct HostedSettings {
    /// Sends to the service's origin and nowhere else.
    pub http: HttpClient,
    /// The service's address without `/mcp`.
    pub api_url: Url,
    /// The project: a slug or an id.
    pub project: String,
    /// The key; sent as `X-API-Key` to the service's origin only.
    pub api_key: SecretText,
}

/// Calls tools of the Snipara service. Cheap to clone.
#[derive(Debug, Clone)]
pub struct HostedClient {
    settings: Arc<HostedSettings>,
}

impl HostedClient {
    /// Makes a client; nothing is sent.
    pub fn new(settings: HostedSettings) -> Self {
        Self { settings: Arc::new(settings) }
    }

    /// Returns this client as a neighbour.
    pub fn into_snipara(self) -> Snipara {
        let client = Arc::new(self.clone());
        Snipara {
            kind: SniparaKind::Hosted,
            context: client.clone(),
            memories: client.clone(),
            htasks: client.clone(),
            swarms: client,
            forward: Some(self),
        }
    }

    /// Calls a tool by its name without prefix (`recall`) and returns its payload.
    ///
    /// # Errors
    /// When the service does not answer, refuses, or cannot be understood.
    pub async fn call(&self, tool: &str, arguments: Map<String, Value>) -> Result<Map<String, Value>, SniparaError> {
        todo!("{} {tool} {arguments:?}", self.settings.project)
    }
}
