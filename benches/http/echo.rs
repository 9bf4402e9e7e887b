//! The peers' tool on our transport: guards, sessions, streams and all, but nothing of the product behind them.

use std::net::SocketAddr;

use rmcp::model::{CallToolRequestParams, CallToolResponse, CallToolResult, ServerCapabilities, ServerConfig};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::Value;
use snipara_orchestrator::http::{HttpServer, HttpSettings};

/// The word that makes this program the server.
pub(crate) const WORD: &str = "echo-server";

#[derive(Clone)]
struct Echo;

impl ServerHandler for Echo {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let arguments = request.arguments.unwrap_or_default();
        if request.name != "echo" || !arguments.get("text").is_some_and(Value::is_string) {
            return Err(ErrorData::invalid_params("echo needs a text", None));
        }
        Ok(CallToolResult::structured(Value::Object(arguments)).into())
    }
}

/// Serves until the process is killed.
pub(crate) fn serve(address: &str) -> anyhow::Result<()> {
    let bind: SocketAddr = address.parse()?;
    // As many workers as the product has.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let server = HttpServer::bind(HttpSettings { bind, ..HttpSettings::default() }).await?;
        server.serve(Echo, std::future::pending()).await;
        Ok(())
    })
}
