//! The two eras of the protocol.

use rmcp::RoleServer;
use rmcp::model::ProtocolVersion;
use rmcp::service::RequestContext;

/// Tells whether a request is of 2026-07-28 or later: no session, no request from the server to the client.
pub(super) fn is_stateless_era(request: &RequestContext<RoleServer>) -> bool {
    request.protocol_version().is_some_and(|version| version >= ProtocolVersion::V_2026_07_28)
}
