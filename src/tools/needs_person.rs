//! Which calls of the Snipara service need a person, as our own tools do.

use super::catalog::forms;
use super::spec::JsonObject;

/// Tells whether a call of a tool of the service does what needs a person's word at our own tools, and returns our
/// tool's name, which asks for it.
pub(super) fn needs_a_person(name: &str, arguments: &JsonObject) -> Option<&'static str> {
    let name = name.trim().to_ascii_lowercase();
    let bare = name.strip_prefix("snipara_").or_else(|| name.strip_prefix("rlm_")).unwrap_or(&name);
    let (tool, form) = forms().find(|(_, form)| form.name == bare)?;
    (form.asks_person)(arguments).then_some(tool.name)
}
