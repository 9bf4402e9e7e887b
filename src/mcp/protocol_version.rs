//! The two forms of the protocol: with sessions, and without them from 2026-07-28 on.

use rmcp::RoleServer;
use rmcp::model::ProtocolVersion;
use rmcp::service::RequestContext;

/// Tells whether a request is of 2026-07-28 or later: without a session and without requests to the client.
pub(super) fn is_stateless_era(request: &RequestContext<RoleServer>) -> bool {
    request.protocol_version().is_some_and(|version| version >= ProtocolVersion::V_2026_07_28)
}
