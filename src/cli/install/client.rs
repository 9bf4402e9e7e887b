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
}

impl ClientPaths {
    /// Returns the file of a client's hooks. Returns nothing for a client whose hooks are not known, or when the
    /// person's home is not.
    pub(super) fn hooks_file(&self, client: Client, scope: InstallScope) -> Option<ConfigFile> {
        let (folder, file, moved) = match client {
            Client::Claude => (".claude", "settings.json", self.claude_folder.as_ref()),
            Client::Codex => (".codex", "hooks.json", self.codex_folder.as_ref()),
            Client::Gemini => (".gemini", "settings.json", None),
            _ => return None,
        };
        let root = match scope {
            InstallScope::Project => &self.repository,
            InstallScope::User => self.home.as_ref()?,
        };
        match moved.filter(|_| scope == InstallScope::User) {
            Some(moved) => Some(inside(moved, file)),
            None => Some(ConfigFile { file: root.join(folder).join(file), boundary: root.clone() }),
        }
    }
}

fn inside(folder: &Path, file: &str) -> ConfigFile {
    ConfigFile { file: folder.join(file), boundary: folder.to_owned() }
}

impl Client {
    /// Its name as people write it, its word on the command line, the key under which its servers stand, its file in a
    /// repository, and its file below a person's folder.
    const fn row(self) -> (&'static str, &'static str, &'static str, Option<&'static str>, &'static str) {
        match self {
            Self::Claude => ("Claude Code", "claude", "mcpServers", Some(".mcp.json"), ".claude.json"),
            Self::Codex => ("Codex", "codex", "mcp_servers", Some(".codex/config.toml"), ".codex/config.toml"),
            Self::Cursor => ("Cursor", "cursor", "mcpServers", Some(".cursor/mcp.json"), ".cursor/mcp.json"),
            Self::VsCode => ("VS Code", "vscode", "servers", Some(".vscode/mcp.json"), "Code/User/mcp.json"),
            Self::Gemini => {
                ("Gemini CLI", "gemini", "mcpServers", Some(".gemini/settings.json"), ".gemini/settings.json")
            }
            Self::Windsurf => ("Windsurf", "windsurf", "mcpServers", None, ".codeium/windsurf/mcp_config.json"),
        }
    }

    /// Returns its name as people write it.
    pub(crate) const fn title(self) -> &'static str {
        self.row().0
    }

    /// Returns the word that names it on the command line.
    pub(crate) const fn word(self) -> &'static str {
        self.row().1
    }

    /// Returns the key under which its servers stand.
    pub(crate) const fn section(self) -> &'static str {
        self.row().2
    }

    /// Returns how it writes its settings.
    pub(crate) const fn format(self) -> Format {
        match self {
            Self::Codex => Format::Toml,
            _ => Format::Json,
        }
    }

    /// Tells whether it has settings for one repository.
    pub(crate) const fn knows_projects(self) -> bool {
        self.row().3.is_some()
    }

    /// Returns its file. Returns nothing when it has none for this scope, or when the person's home is not known.
    pub(crate) fn config_file(self, scope: InstallScope, paths: &ClientPaths) -> Option<ConfigFile> {
        let (_, _, _, in_repository, own) = self.row();
        if scope == InstallScope::Project {
            return Some(inside(&paths.repository, in_repository?));
        }
        match (self, &paths.claude_folder, &paths.codex_folder) {
            (Self::Claude, Some(folder), _) => Some(inside(folder, own)),
            (Self::Codex, _, Some(folder)) => Some(inside(folder, "config.toml")),
            (Self::VsCode, ..) => {
                let settings = paths.editor_settings.as_ref()?;
                let boundary = paths.home.clone().filter(|home| settings.starts_with(home));
                Some(ConfigFile { file: settings.join(own), boundary: boundary.unwrap_or_else(|| settings.clone()) })
            }
            _ => Some(inside(paths.home.as_ref()?, own)),
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
            ..Environment::default()
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
