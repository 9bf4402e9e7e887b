//! What can be wrong with settings, in one line each, without any value.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

pub(crate) use crate::domain::shown_path as shown;
use crate::domain::{Redactor, one_line};

/// Where a setting was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingSource {
    /// In this file.
    File(PathBuf),
    /// In this environment variable.
    Variable(String),
    /// By this flag.
    Flag(&'static str),
    /// By the program that uses the library.
    Code,
}

impl fmt::Display for SettingSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => write!(formatter, "in {}", shown(file)),
            Self::Variable(name) => write!(formatter, "in the variable {name}"),
            Self::Flag(name) => write!(formatter, "given by {name}"),
            Self::Code => formatter.write_str("given by the program"),
        }
    }
}

/// The configuration cannot be used.
///
/// Messages name file, variable or flag, and the key. They never show a value: a value may be a secret that stands
/// in the wrong place (E06).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A file or folder cannot be read or written.
    #[error("cannot {action} {}", shown(.path))]
    Io {
        /// What was tried: `read`, `write`, `open`.
        action: &'static str,
        /// Which file or folder.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A file is larger than any configuration.
    #[error("{} is larger than {limit_bytes} bytes", shown(.file))]
    TooLarge {
        /// Which.
        file: PathBuf,
        /// The most that is read.
        limit_bytes: u64,
    },
    /// A file is not JSON.
    #[error("{} is not valid JSON: {reason} at line {line} column {column}", shown(.file))]
    NotJson {
        /// Which.
        file: PathBuf,
        /// What the parser expected.
        reason: String,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// An unknown key.
    #[error("unknown key `{}` in {}{}", safe_name(.key), shown(.file), suggested(.suggestion.as_deref()))]
    UnknownKey {
        /// Where.
        file: PathBuf,
        /// The key with the keys that lead to it, joined by dots.
        key: String,
        /// The known key that is nearest.
        suggestion: Option<String>,
    },
    /// A key's value is of another type.
    #[error("`{}` in {} is {found}; expected {expected}", safe_name(.key), shown(.file))]
    WrongType {
        /// Where.
        file: PathBuf,
        /// The key with the keys that lead to it, joined by dots.
        key: String,
        /// The type that is expected, in words.
        expected: String,
        /// The type that was found, in words.
        found: String,
    },
    /// A key stands twice in one object.
    #[error("a key stands twice in {} at line {line} column {column}", shown(.file))]
    TwiceGiven {
        /// Where.
        file: PathBuf,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// A value cannot be used.
    #[error("`{}` {given} cannot be used: {reason}", safe_name(.key))]
    Value {
        /// Where it was given.
        given: SettingSource,
        /// The key.
        key: String,
        /// Why not, as a fragment that does not show the value.
        reason: String,
    },
    /// A folder that is named is not there.
    #[error("`{key}` {given} cannot be used: there is no folder {}", Redactor::default().text(&shown(.path)))]
    NoFolder {
        /// Where it was given.
        given: SettingSource,
        /// The key.
        key: &'static str,
        /// The folder.
        path: PathBuf,
    },
    /// A credential would be read from a variable that is not meant for test users.
    #[error("`{}` {given} names the variable {}, which is not meant for test users", safe_name(.key), one_line(.variable, 60))]
    ForbiddenVariable {
        /// Where it was given.
        given: SettingSource,
        /// The key.
        key: String,
        /// The variable's name.
        variable: String,
    },
    /// A caller's permissions come from a file that a person has not trusted in its present form.
    #[error("{} {} without a person's trust: {}", shown(.file), what_happened(*.recorded, *.gone), .keys.join(", "))]
    Untrusted {
        /// The file.
        file: PathBuf,
        /// The permission keys that were added, changed or removed.
        keys: Vec<String>,
        /// Whether a person trusted it once, in another form.
        recorded: bool,
        /// Whether it was trusted and is not in force any more.
        gone: bool,
    },
    /// The record of trusted files cannot be understood.
    #[error("{} is not a record of trusted files that this version reads", shown(.file))]
    TrustRecord {
        /// The record.
        file: PathBuf,
    },
    /// An API key from outside the file would go to an address from the file.
    #[error("the API key comes from {key_from}, but `snipara_api_url` from {}: it is not sent there", shown(.file))]
    KeyElsewhere {
        /// Where the key comes from.
        key_from: &'static str,
        /// The file that names the address.
        file: PathBuf,
    },
    /// `init` would change a file that is there.
    #[error("{} has other values for {}", shown(.file), .keys.join(", "))]
    Differs {
        /// The file.
        file: PathBuf,
        /// The keys that differ.
        keys: Vec<String>,
    },
    /// A file of secrets can be read or written by others than its owner.
    #[error("{} holds secrets, and others than its owner may read or write it", shown(.file))]
    OpenToOthers {
        /// The file.
        file: PathBuf,
    },
    /// No folder for state is known.
    #[error("no folder for state: neither SNIPARA_ORCHESTRATOR_HOME nor HOME is set")]
    NoHome,
    /// The folder for state is not absolute.
    #[error("SNIPARA_ORCHESTRATOR_HOME is `{value}`, which is no absolute path")]
    RelativeHome {
        /// What it is.
        value: String,
    },
    /// The current folder does not exist.
    #[error("the current folder does not exist")]
    NoCurrentFolder,
    /// There is no key to store with `--store-key`.
    #[error("there is no API key to store")]
    NoKey,
    /// More than one thing is wrong, told at once.
    #[error("{} settings cannot be used: {}", .problems.len(), joined(.problems))]
    Several {
        /// Each, in the order in which they were found; at least two.
        problems: Vec<ConfigError>,
    },
}

impl ConfigError {
    /// Makes the error of a value that cannot be used.
    pub(crate) fn value(given: SettingSource, key: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Value { given, key: key.into(), reason: reason.into() }
    }

    /// Makes one error of all that is wrong; nothing when nothing is.
    pub(crate) fn all(mut problems: Vec<Self>) -> Option<Self> {
        match problems.len() {
            0 | 1 => problems.pop(),
            _ => Some(Self::Several { problems }),
        }
    }

    /// Returns a function that makes the error of a failed access.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    /// Returns a stable word for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Untrusted { .. } => "untrusted_configuration",
            _ => "invalid_configuration",
        }
    }

    /// Returns the message with its cause, still one line.
    pub fn message(&self) -> String {
        match self {
            Self::Io { source, .. } => format!("{self}: {source}"),
            _ => self.to_string(),
        }
    }

    /// Returns what to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Untrusted { gone: true, .. } => {
                "a person puts the file back, or runs `snipara-orchestrator trust` to accept that it is gone".to_owned()
            }
            Self::Untrusted { file, .. } => format!(
                "a person reads {} and runs `snipara-orchestrator trust` at a terminal (or starts the server with flags for these settings)",
                shown(file)
            ),
            Self::ForbiddenVariable { variable, .. } => {
                format!("name the variable SNIPARA_TEST_…, or start with `--credential-env {}`", one_line(variable, 60))
            }
            Self::NoFolder { given: SettingSource::File(_), .. } => {
                "leave the key out, and the folder of the file is the repository; or name a folder that exists"
                    .to_owned()
            }
            Self::NoFolder { given: SettingSource::Variable(name), .. } => {
                format!("unset {name}, or name a folder that exists")
            }
            Self::NoFolder { .. } => "name a folder that exists".to_owned(),
            Self::KeyElsewhere { .. } => "set the variable SNIPARA_API_URL to that address as well".to_owned(),
            Self::Differs { .. } => "add `--yes` to change them".to_owned(),
            Self::OpenToOthers { file } => format!("chmod 600 {}", shown(file)),
            Self::NoHome | Self::RelativeHome { .. } => {
                "set SNIPARA_ORCHESTRATOR_HOME to the absolute path of a folder of your own".to_owned()
            }
            Self::NoCurrentFolder => "change into a folder that exists".to_owned(),
            Self::NoKey => "set SNIPARA_API_KEY, or type the key when asked".to_owned(),
            Self::TrustRecord { file } => {
                format!("update this program, or remove {} and run `snipara-orchestrator trust`", shown(file))
            }
            Self::Several { problems } => {
                let mut hints: Vec<String> = problems.iter().map(Self::hint).collect();
                let mut seen = std::collections::BTreeSet::new();
                hints.retain(|hint| seen.insert(hint.clone()));
                hints.join("; ")
            }
            Self::Io { .. } | Self::TooLarge { .. } => "see that the path is right and accessible".to_owned(),
            Self::Value { given: SettingSource::Flag(flag), .. } => format!("correct {flag} and start again"),
            Self::Value { given: SettingSource::Variable(name), .. } => format!("correct or unset the variable {name}"),
            _ => "correct it; `snipara-orchestrator schemas --configuration` prints what the file may hold".to_owned(),
        }
    }
}

fn joined(problems: &[ConfigError]) -> String {
    problems.iter().map(ConfigError::message).collect::<Vec<_>>().join("; ")
}

fn suggested(name: Option<&str>) -> String {
    name.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

const fn what_happened(recorded: bool, gone: bool) -> &'static str {
    match (recorded, gone) {
        (_, true) => "was trusted and is not in force any more,",
        (true, false) => "was changed",
        (false, false) => "gives permissions",
    }
}

/// Returns a key's name, or only its length when it may be a secret that was pasted in the place of a key.
fn safe_name(key: &str) -> String {
    let last = key.rsplit('.').next().unwrap_or_default();
    let digits = last.chars().filter(char::is_ascii_digit).count();
    if last.chars().count() > 40 || digits > 3 {
        let length = last.chars().count();
        let parents = key.strip_suffix(last).unwrap_or_default();
        return format!("{parents}[a name of {length} characters]");
    }
    Redactor::default().text(&one_line(key, 120))
}
