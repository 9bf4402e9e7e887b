//! Parameters that clients since 2026-07-28 repeat in a header of their HTTP request, so that what stands in front of
//! several servers can route by them without reading bodies (SEP-2243).

use std::sync::Arc;

use rmcp::model::Tool;
use serde_json::Value;

/// Which parameter of which tool is repeated, and in which header (`Mcp-Param-Swarm`).
///
/// It is optional and seldom given: a client that never listed the tools does not know that it must repeat it, and is
/// refused when it gives it.
const REPEATED: (&str, &str, &str) = ("htask_tree", "swarm_id", "Swarm");

/// Returns a tool as clients since 2026-07-28 are shown it; older ones have no use for the mark.
pub(super) fn marked(mut tool: Tool) -> Tool {
    let (name, parameter, header) = REPEATED;
    if tool.name == name {
        let schema = Arc::make_mut(&mut tool.input_schema);
        let property = schema.get_mut("properties").and_then(|properties| properties.get_mut(parameter));
        if let Some(Value::Object(property)) = property {
            property.insert("x-mcp-header".to_owned(), header.into());
        }
    }
    tool
}
