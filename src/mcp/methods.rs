//! The answer to a request that rmcp could not read.

use std::borrow::Cow;

use rmcp::ErrorData;
use rmcp::model::{CustomRequest, ErrorCode, ServerCapabilities};
use serde_json::Value;

use crate::domain::one_line;

/// The method that stands for a request that could not be read.
pub(super) const UNREADABLE: &str = "unreadable";

/// The methods of every version.
const EVERYWHERE: [&str; 9] = [
    "server/discover",
    "tools/list",
    "tools/call",
    "resources/list",
    "resources/templates/list",
    "resources/read",
    "prompts/list",
    "prompts/get",
    "completion/complete",
];
/// The methods of the Skills extension.
const OF_SKILLS: [&str; 3] = ["skills/list", "skills/get", "resources/directory/read"];
/// The methods of the Tasks extension.
const OF_TASKS: [&str; 3] = ["tasks/get", "tasks/update", "tasks/cancel"];
/// The methods that 2026-07-28 removed.
const REMOVED: [&str; 4] = ["initialize", "ping", "resources/subscribe", "resources/unsubscribe"];
/// The methods of versions with logging.
const REMOVED_LOGGING: &str = "logging/setLevel";
/// The methods that 2026-07-28 added.
const BROUGHT: &str = "subscriptions/listen";

/// Returns the error of a request that rmcp takes for one with an unknown method. rmcp does so, too, when the method is
/// known and its parameters have another form. `modern` means 2026-07-28 or later.
pub(super) fn refusal(request: &CustomRequest, modern: bool, offered: &ServerCapabilities) -> ErrorData {
    let method = request.method.as_str();
    if method == UNREADABLE {
        let reason = request.params.as_ref().and_then(|params| params.get("reason")).and_then(Value::as_str);
        let message = format!("the request is not valid JSON: {}", reason.unwrap_or("no reason"));
        return ErrorData::parse_error(one_line(&message, 200), None);
    }
    if is_known(method, modern, offered) {
        let message = format!("the parameters of {method} do not have the form that the protocol asks for");
        return ErrorData::invalid_params(message, None);
    }
    ErrorData::new(ErrorCode::METHOD_NOT_FOUND, Cow::Owned(one_line(method, 80)), None)
}

fn is_known(method: &str, modern: bool, offered: &ServerCapabilities) -> bool {
    EVERYWHERE.contains(&method)
        || (OF_SKILLS.contains(&method) && offered.supports_skills())
        || (OF_TASKS.contains(&method) && offered.supports_tasks())
        || (modern && method == BROUGHT)
        || (!modern && REMOVED.contains(&method))
        || (!modern && method == REMOVED_LOGGING && offered.logging.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(method: &str, modern: bool) -> i32 {
        let offered = ServerCapabilities::builder().enable_resources().enable_skills_with_directory_read().build();
        refusal(&CustomRequest::new(method, None), modern, &offered).code.0
    }

    #[test]
    fn a_known_method_with_wrong_parameters_is_invalid_and_a_removed_one_unknown() {
        for (method, before, after) in [
            ("prompts/get", -32602, -32602),
            ("completion/complete", -32602, -32602),
            ("skills/get", -32602, -32602),
            ("resources/subscribe", -32602, -32601),
            ("initialize", -32602, -32601),
            ("subscriptions/listen", -32601, -32602),
            ("tasks/get", -32601, -32601),
            ("logging/setLevel", -32601, -32601),
            ("tools/destroy", -32601, -32601),
            (UNREADABLE, -32700, -32700),
        ] {
            assert_eq!((code(method, false), code(method, true)), (before, after), "{method}");
        }
    }
}
