//! The tools as `tools/list` shows them: a function over their specs.

use std::borrow::Cow;
use std::sync::Arc;

use rmcp::model::{Tool, ToolAnnotations};
use serde_json::Value;

use crate::tools::{ToolSpec, tools};

/// Returns a tool as clients are shown it.
pub(super) fn listed(spec: &ToolSpec) -> Tool {
    let annotations = ToolAnnotations::new()
        .read_only(spec.read_only())
        .destructive(spec.destructive)
        .idempotent(spec.idempotent)
        .open_world(spec.open_world);
    Tool::new(Cow::Borrowed(spec.name), spec.description, Arc::new(spec.call.input_schema().clone()))
        .with_title(spec.title)
        .with_raw_output_schema(Arc::new(spec.call.output_schema().clone()))
        .with_annotations(annotations)
}

/// Returns a tool as clients since 2026-07-28 are shown it: the parameter that they repeat in a header is marked
/// (SEP-2243). Older ones have no use for the mark.
pub(super) fn with_parameter_header(spec: &ToolSpec) -> Tool {
    let mut tool = listed(spec);
    if let Some(header) = spec.header {
        let schema = Arc::make_mut(&mut tool.input_schema);
        let property = schema.get_mut("properties").and_then(|properties| properties.get_mut(header.parameter));
        if let Some(Value::Object(property)) = property {
            property.insert("x-mcp-header".to_owned(), header.header.into());
        }
    }
    tool
}

/// Returns every tool as `tools/list` shows it, by name, in order: what `schemas` prints and tool-schemas/ holds.
pub fn tool_definitions() -> Vec<(String, Value)> {
    tools().iter().filter_map(|spec| Some((spec.name.to_owned(), serde_json::to_value(listed(spec)).ok()?))).collect()
}
