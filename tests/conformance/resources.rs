//! Resources of text and of bytes, and those of a template.

use rmcp::ErrorData;
use rmcp::model::{ListResourceTemplatesResult, ListResourcesResult, ReadResourceResponse, ReadResourceResult};
use serde_json::json;

use crate::json::{PNG, result};

/// The resources.
pub(crate) fn list() -> Result<ListResourcesResult, ErrorData> {
    result(json!({ "resources": [
        {
            "uri": "test://static-text", "name": "static-text", "description": "A text", "mimeType": "text/plain"
        },
        {
            "uri": "test://static-binary", "name": "static-binary", "description": "A picture", "mimeType": "image/png"
        },
        {
            "uri": "test://watched-resource", "name": "watched-resource", "description": "To be watched",
            "mimeType": "text/plain"
        }
    ] }))
}

/// The forms of addresses.
pub(crate) fn templates() -> Result<ListResourceTemplatesResult, ErrorData> {
    result(json!({ "resourceTemplates": [{
        "uriTemplate": "test://template/{id}/data",
        "name": "template",
        "description": "Data by its id",
        "mimeType": "application/json"
    }] }))
}

/// Reads a resource.
pub(crate) fn read(uri: &str) -> Result<ReadResourceResponse, ErrorData> {
    let contents = match uri {
        "test://static-text" => {
            json!({ "uri": uri, "mimeType": "text/plain", "text": "This is the content of the static text resource." })
        }
        "test://static-binary" => json!({ "uri": uri, "mimeType": "image/png", "blob": PNG }),
        "test://watched-resource" => json!({ "uri": uri, "mimeType": "text/plain", "text": "Nothing changed." }),
        _ => {
            let id = uri.strip_prefix("test://template/").and_then(|rest| rest.strip_suffix("/data"));
            let Some(id) = id.filter(|id| !id.contains('/')) else {
                return Err(ErrorData::resource_not_found("resource not found", Some(json!({ "uri": uri }))));
            };
            let data = json!({ "id": id, "templateTest": true, "data": format!("Data for ID: {id}") });
            json!({ "uri": uri, "mimeType": "application/json", "text": data.to_string() })
        }
    };
    Ok(result::<ReadResourceResult>(json!({ "contents": [contents] }))?.into())
}
