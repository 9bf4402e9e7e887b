//! Identifiers of projects and tasks.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::{NoContext, Uuid};

use super::{Timestamp, sha256_hex};

/// An identifier is not one of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The text is neither `task_` and 32 hexadecimal digits nor an id as somebody may choose it.
    #[error("`{0}` is not a task id (they look like `task_0193…`, or `deploy-auth` where somebody chose one)")]
    Task(String),
    /// The project's name is empty.
    #[error("a project's name may not be empty")]
    EmptyProject,
}

/// The name of a project: `[a-z0-9][a-z0-9._-]{0,99}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProjectId(String);

impl ProjectId {
    /// Makes a project's name from any text.
    ///
    /// A text that already has the form is kept; anything else becomes its slug plus `-` and eight
    /// hexadecimal digits of its SHA-256, so that two different names never become one.
    ///
    /// # Errors
    /// When the text is empty or white space.
    pub fn from_name(name: &str) -> Result<Self, IdError> {
        let name = name.trim();
        if name.is_empty() {
            return Err(IdError::EmptyProject);
        }
        if Self::has_form(name) {
            return Ok(Self(name.to_owned()));
        }
        let mut slug = String::new();
        for character in name.chars().flat_map(char::to_lowercase) {
            if character.is_ascii_lowercase() || character.is_ascii_digit() {
                slug.push(character);
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
            if slug.len() >= 80 {
                break;
            }
        }
        let slug = slug.trim_matches('-');
        let stem = if slug.is_empty() { "project" } else { slug };
        let digest = sha256_hex(name.as_bytes());
        Ok(Self(format!("{stem}-{}", &digest[..8])))
    }

    fn has_form(name: &str) -> bool {
        name.len() <= 100
            && name.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit())
            && name.chars().all(|character| {
                character.is_ascii_lowercase() || character.is_ascii_digit() || "._-".contains(character)
            })
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProjectId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The most characters of an id that somebody chose.
const MAX_CHOSEN: usize = 64;

/// The identifier of a task: `task_` and a UUID version 7 (RFC 9562) without hyphens, or what a person or script chose: up to
/// 64 of `A-Z a-z 0-9 . _ -`, of which the first is a letter or a digit, such as `deploy-auth`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
#[schemars(transparent)]
pub struct TaskId(String);

impl TaskId {
    /// Makes a new identifier that sorts by `now`.
    pub fn generate(now: Timestamp) -> Self {
        let micros = u64::try_from(now.as_micros()).unwrap_or_default();
        let nanoseconds = u32::try_from(micros % 1_000_000).unwrap_or_default() * 1000;
        let time = uuid::Timestamp::from_unix(NoContext, micros / 1_000_000, nanoseconds);
        Self(format!("task_{}", Uuid::new_v7(time).simple()))
    }

    /// Reads an identifier.
    ///
    /// # Errors
    /// When the text has another form. What begins with `task_` is one of ours, and whole.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let is_id = match text.strip_prefix("task_") {
            Some(digits) => {
                digits.len() == 32 && digits.chars().all(|digit| digit.is_ascii_digit() || ('a'..='f').contains(&digit))
            }
            None => {
                text.len() <= MAX_CHOSEN
                    && text.starts_with(|first: char| first.is_ascii_alphanumeric())
                    && text.chars().all(|one| one.is_ascii_alphanumeric() || "._-".contains(one))
            }
        };
        if is_id { Ok(Self(text.to_owned())) } else { Err(IdError::Task(super::one_line(text, 80))) }
    }

    /// Returns the identifier's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TaskId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_project_name_is_kept_and_others_become_distinct_slugs() {
        let name = |text: &str| ProjectId::from_name(text).expect("a name").to_string();
        assert_eq!(name("my-project"), "my-project");
        assert_ne!(name("My Project"), name("my project!"));
        assert!(name("My Project").starts_with("my-project-"));
        assert!(name("../../etc").starts_with("etc-"));
        assert!(name("日本").starts_with("project-"));
    }

    #[test]
    fn e23_two_tasks_of_one_title_and_moment_have_different_ids() {
        let now = Timestamp::from_micros(1_700_000_000_000_000);
        assert_ne!(TaskId::generate(now), TaskId::generate(now));
    }

    #[test]
    fn a_generated_id_is_read_back_and_others_are_refused() {
        let id = TaskId::generate(Timestamp::from_micros(0));
        assert_eq!(TaskId::parse(id.as_str()), Ok(id));
        assert!(TaskId::parse("task_../../etc/passwd").is_err());
        for chosen in ["deploy-auth", "v1.2", "7", &"a".repeat(64)] {
            assert_eq!(TaskId::parse(chosen).map(|id| id.to_string()).as_deref(), Ok(chosen));
        }
        for wrong in ["", "-a", ".", "..", "a b", "a/b", "@", "é", "task_0193", "TASK a", &"a".repeat(65)] {
            assert!(TaskId::parse(wrong).is_err(), "{wrong}");
        }
    }
}
