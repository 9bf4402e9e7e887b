//! Which calls of the Snipara service need a person, as our own tools do.

use super::catalog::forms;
use super::spec::JsonObject;

/// Returns the name of our own tool that asks a person, when a call of a tool of the service does something that needs
/// a person's consent.
pub(super) fn needs_a_person(name: &str, arguments: &JsonObject) -> Option<&'static str> {
    let name = name.trim().to_ascii_lowercase();
    let bare = name.strip_prefix("snipara_").or_else(|| name.strip_prefix("rlm_")).unwrap_or(&name);
    let (tool, form) = forms().find(|(_, form)| form.name == bare)?;
    (form.asks_person)(arguments).then_some(tool.name)
}
