//! The clients, and where each keeps its settings.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::config::{self, ConfigError, Environment};

/// A program that starts or calls MCP servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Client {
    /// Claude Code.
    Claude,
    /// Codex.
    Codex,
    /// Cursor.
    Cursor,
    /// VS Code.
    #[value(name = "vscode")]
    VsCode,
    /// Gemini CLI.
    Gemini,
    /// Windsurf.
    Windsurf,
}

/// The people for whom the settings count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InstallScope {
    /// Everybody who works on this repository.
    Project,
    /// This person, in every repository.
    User,
}

impl InstallScope {
    /// Returns the word for it, which is also Claude Code's.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::User => "user",
        }
    }
}

/// How a client writes its settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// JSON; comments and trailing commas are read and kept.
    Json,
    /// TOML.
    Toml,
}

/// A file, and the folder that a link of it must not lead out of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConfigFile {
    /// The file.
    pub(crate) file: PathBuf,
    /// The folder.
    pub(crate) boundary: PathBuf,
}

/// The folders that clients look into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClientPaths {
    /// The person's own folder; not needed for what a repository holds.
    pub(crate) home: Option<PathBuf>,
    /// The root of the repository.
    pub(crate) repository: PathBuf,
    claude_folder: Option<PathBuf>,
    codex_folder: Option<PathBuf>,
    editor_settings: Option<PathBuf>,
}

impl ClientPaths {
    /// Reads them from the environment. A named repository goes before that of the current folder.
    ///
    /// # Errors
    /// When the current folder, or the named one, is not there.
    pub(crate) fn of(environment: &Environment, named: Option<&Path>) -> Result<Self, ConfigError> {
        let absolute = |name: &str| environment.value(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = absolute("HOME").or_else(|| absolute("USERPROFILE"));
        let editor_settings = if cfg!(target_os = "macos") {
            home.as_ref().map(|home| home.join("Library/Application Support"))
        } else if cfg!(windows) {
            absolute("APPDATA")
        } else {
            absolute("XDG_CONFIG_HOME").or_else(|| home.as_ref().map(|home| home.join(".config")))
        };
        Ok(Self {
            repository: config::repository_root(environment, named)?,
            claude_folder: absolute("CLAUDE_CONFIG_DIR"),
            codex_folder: absolute("CODEX_HOME"),
            editor_settings,
            home,
        })
    }

    fn in_repository(&self, file: &str) -> Option<ConfigFile> {
        Some(ConfigFile { file: self.repository.join(file), boundary: self.repository.clone() })
    }

    fn at_home(&self, file: &str) -> Option<ConfigFile> {
        let home = self.home.as_ref()?;
        Some(ConfigFile { file: home.join(file), boundary: home.clone() })
    }
}

fn inside(folder: &Path, file: &str) -> Option<ConfigFile> {
    Some(ConfigFile { file: folder.join(file), boundary: folder.to_owned() })
}

impl Client {
    /// Returns its name as people write it.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Claude => "Claude Code",
            Self::Codex => "Codex",
            Self::Cursor => "Cursor",
            Self::VsCode => "VS Code",
            Self::Gemini => "Gemini CLI",
            Self::Windsurf => "Windsurf",
        }
    }

    /// Returns the word that names it on the command line.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Claude => "claude",
            Self::Codex => "codex",
            Self::Cursor => "cursor",
            Self::VsCode => "vscode",
            Self::Gemini => "gemini",
            Self::Windsurf => "windsurf",
        }
    }

    /// Returns how it writes its settings.
    pub(crate) const fn format(self) -> Format {
        match self {
            Self::Codex => Format::Toml,
            _ => Format::Json,
        }
    }

    /// Returns the key under which its servers stand.
    pub(crate) const fn section(self) -> &'static str {
        match self {
            Self::Codex => "mcp_servers",
            Self::VsCode => "servers",
            _ => "mcpServers",
        }
    }

    /// Tells whether it has settings for one repository.
    pub(crate) const fn knows_projects(self) -> bool {
        !matches!(self, Self::Windsurf)
    }

    /// Returns its file. Returns nothing when it has none for this scope, or when the person's home is not known.
    pub(crate) fn config_file(self, scope: InstallScope, paths: &ClientPaths) -> Option<ConfigFile> {
        match (self, scope) {
            (Self::Claude, InstallScope::Project) => paths.in_repository(".mcp.json"),
            (Self::Claude, InstallScope::User) => match &paths.claude_folder {
                Some(folder) => inside(folder, ".claude.json"),
                None => paths.at_home(".claude.json"),
            },
            (Self::Codex, InstallScope::Project) => paths.in_repository(".codex/config.toml"),
            (Self::Codex, InstallScope::User) => match &paths.codex_folder {
                Some(folder) => inside(folder, "config.toml"),
                None => paths.at_home(".codex/config.toml"),
            },
            (Self::Cursor, InstallScope::Project) => paths.in_repository(".cursor/mcp.json"),
            (Self::Cursor, InstallScope::User) => paths.at_home(".cursor/mcp.json"),
            (Self::VsCode, InstallScope::Project) => paths.in_repository(".vscode/mcp.json"),
            (Self::VsCode, InstallScope::User) => {
                let settings = paths.editor_settings.as_ref()?;
                let boundary = paths.home.clone().filter(|home| settings.starts_with(home));
                let file = settings.join("Code/User/mcp.json");
                Some(ConfigFile { file, boundary: boundary.unwrap_or_else(|| settings.clone()) })
            }
            (Self::Gemini, InstallScope::Project) => paths.in_repository(".gemini/settings.json"),
            (Self::Gemini, InstallScope::User) => paths.at_home(".gemini/settings.json"),
            (Self::Windsurf, InstallScope::Project) => None,
            (Self::Windsurf, InstallScope::User) => paths.at_home(".codeium/windsurf/mcp_config.json"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client_paths(variables: &[(&str, &str)]) -> ClientPaths {
        let folder = tempfile::tempdir().expect("a folder");
        let environment = Environment {
            variables: variables.iter().map(|(name, value)| (name.into(), value.into())).collect(),
            current_folder: folder.path().to_owned(),
        };
        ClientPaths::of(&environment, None).expect("paths")
    }

    fn file(client: Client, scope: InstallScope, paths: &ClientPaths) -> String {
        client.config_file(scope, paths).expect("a file").file.display().to_string()
    }

    #[test]
    fn folders_that_the_clients_own_variables_name_go_before_the_home() {
        let usual = client_paths(&[("HOME", "/home/ada")]);
        assert_eq!(file(Client::Claude, InstallScope::User, &usual), "/home/ada/.claude.json");
        assert_eq!(file(Client::Codex, InstallScope::User, &usual), "/home/ada/.codex/config.toml");
        let moved = client_paths(&[("HOME", "/home/ada"), ("CLAUDE_CONFIG_DIR", "/c"), ("CODEX_HOME", "/x")]);
        assert_eq!(file(Client::Claude, InstallScope::User, &moved), "/c/.claude.json");
        assert_eq!(file(Client::Codex, InstallScope::User, &moved), "/x/config.toml");
    }

    #[test]
    fn without_a_home_a_repository_still_has_its_files() {
        let paths = client_paths(&[]);
        assert!(Client::Gemini.config_file(InstallScope::Project, &paths).is_some());
        assert_eq!(Client::Gemini.config_file(InstallScope::User, &paths), None);
        assert_eq!(Client::Windsurf.config_file(InstallScope::Project, &paths), None);
    }
}
