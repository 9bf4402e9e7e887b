//! Which scope a tool of the Snipara service needs.

use crate::domain::Scope;
use crate::snipara::catalog;

/// Returns the scope that a tool of the Snipara service needs, by its name with or without prefix.
///
/// As its catalog says: what changes nothing is `read`, the rest `write`; what it does not know is `admin`.
pub(super) fn needed_for_snipara_tool(name: &str) -> Scope {
    let bare = name.strip_prefix("snipara_").or_else(|| name.strip_prefix("rlm_")).unwrap_or(name);
    match (catalog::find(name), bare) {
        // They only read, though the contract does not mark them so.
        (_, "settings" | "state_poll") => Scope::Read,
        (Some(tool), _) if tool.read_only => Scope::Read,
        // The flat tasks of 0.1.5 are in no catalog.
        (Some(_), _) | (None, "task_create" | "task_claim" | "task_complete") => Scope::Write,
        (None, _) => Scope::Admin,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_of_the_service_need_what_its_catalog_says_under_every_name() {
        for (name, scope) in [
            ("rlm_recall", Scope::Read),
            ("snipara_settings", Scope::Read),
            ("remember", Scope::Write),
            ("snipara_htask_complete", Scope::Write),
            ("rlm_task_create", Scope::Write),
            ("snipara_nothing_known", Scope::Admin),
        ] {
            assert_eq!(needed_for_snipara_tool(name), scope, "{name}");
        }
    }
}
