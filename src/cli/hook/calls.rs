//! When a project's hooks were called, and for which tasks they sent an agent back.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::config::{self, ConfigError};
use crate::domain::{TaskId, Timestamp};

/// The file in a project's state folder.
const FILE: &str = "hooks.json";
const MAX_BYTES: u64 = 1024 * 1024;
/// How many tasks are remembered. A session that ends after so many others may be sent back once more.
const MOST_SENT_BACK: usize = 200;

/// What hooks did in a project.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct HookCalls {
    /// When each hook was called last, by client and hook: `codex stop`.
    called: BTreeMap<String, Timestamp>,
    /// The tasks for which an agent was sent back, the latest last.
    sent_back: Vec<TaskId>,
}

impl HookCalls {
    /// Reads what was noted; nothing where nothing can be read, since a hook holds nobody up.
    pub(crate) fn read(state_folder: &Path) -> Self {
        let text = config::read_private(&state_folder.join(FILE), MAX_BYTES).ok().flatten();
        text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    /// Returns when a client called a hook last.
    pub(crate) fn last(&self, client: &str, hook: &str) -> Option<Timestamp> {
        self.called.get(&format!("{client} {hook}")).copied()
    }

    /// Tells whether an agent was sent back for a task.
    pub(crate) fn sent_back(&self, task: &TaskId) -> bool {
        self.sent_back.contains(task)
    }

    /// Notes a call, and the task for which it sends the agent back.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn note(
        mut self,
        state_folder: &Path,
        call: (&str, &str, Timestamp),
        sent_back: Option<&TaskId>,
    ) -> Result<(), ConfigError> {
        let (client, hook, now) = call;
        self.called.insert(format!("{client} {hook}"), now);
        self.sent_back.extend(sent_back.cloned());
        let too_many = self.sent_back.len().saturating_sub(MOST_SENT_BACK);
        self.sent_back.drain(..too_many);
        let text = serde_json::to_string(&self).unwrap_or_default();
        config::write_private(&state_folder.join(FILE), &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_read_again_and_a_broken_file_is_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let (task, other) = (TaskId::parse(&format!("task_{}", "a".repeat(32))).expect("an id"), Timestamp::UNKNOWN);
        HookCalls::read(folder.path()).note(folder.path(), ("codex", "stop", other), Some(&task)).expect("noted");
        let noted = HookCalls::read(folder.path());
        assert!(noted.sent_back(&task));
        assert_eq!((noted.last("codex", "stop"), noted.last("claude", "stop")), (Some(other), None));
        std::fs::write(folder.path().join(FILE), "{").expect("written");
        assert_eq!(HookCalls::read(folder.path()), HookCalls::default());
    }
}
