//! Where clients look for the skill.

use clap::ValueEnum;

use super::client::{ClientPaths, ConfigFile, InstallScope};
use crate::skill::SKILL_NAME;

/// A client that reads skills from a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SkillClient {
    /// Claude Code.
    Claude,
    /// Codex, and other clients that read `.agents/skills`.
    Codex,
}

impl SkillClient {
    /// Returns the place of a file of the skill. Returns nothing when the person's home is not known.
    pub(crate) fn config_file(self, file: &str, scope: InstallScope, paths: &ClientPaths) -> Option<ConfigFile> {
        let folder = match self {
            Self::Claude => ".claude",
            Self::Codex => ".agents",
        };
        let root = match scope {
            InstallScope::Project => &paths.repository,
            InstallScope::User => paths.home.as_ref()?,
        };
        let file = root.join(folder).join("skills").join(SKILL_NAME).join(file);
        Some(ConfigFile { file, boundary: root.clone() })
    }

    /// Returns its name as people write it.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Claude => "Claude Code",
            Self::Codex => "Codex",
        }
    }
}
