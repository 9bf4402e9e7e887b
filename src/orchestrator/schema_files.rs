//! Files that checks name: the schema of a `schema FILE` line is read once, when its task is made, and stands in the
//! criteria from then on, so that their digest is over it, too (docs/design/gate.md, Files).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use crate::domain::LiveCheck;
use crate::expect::Expectation;

/// The largest schema that is read, in bytes.
const MAX_SCHEMA_BYTES: u64 = 256 * 1024;

/// Why a schema's file cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SchemaFileError {
    #[error("expect[{index}]: {} is not a file inside the repository", file.display())]
    Outside { index: usize, file: PathBuf },
    #[error("expect[{index}]: {} is larger than {MAX_SCHEMA_BYTES} bytes", file.display())]
    TooLarge { index: usize, file: PathBuf },
    #[error("expect[{index}]: {} cannot be read: {source}", file.display())]
    Unreadable { index: usize, file: PathBuf, source: Arc<std::io::Error> },
    #[error("expect[{index}]: {} is not JSON: {source}", file.display())]
    NotJson { index: usize, file: PathBuf, source: Arc<serde_json::Error> },
}

/// Puts the schemas that a check's lines name into these lines.
///
/// # Errors
/// When a file lies outside of the repository, is too large or is not JSON.
pub(crate) fn with_schemas(check: &LiveCheck, repository: &Path) -> Result<LiveCheck, SchemaFileError> {
    let mut check = check.clone();
    for (index, line) in check.expect.iter_mut().enumerate() {
        // What cannot be read is told with its place when the check is prepared.
        let Ok(expectation) = line.parse::<Expectation>() else { continue };
        let Some(named) = expectation.schema_file() else { continue };
        *line = format!("schema {}", read(index, named, repository)?);
    }
    Ok(check)
}

fn read(index: usize, named: &str, repository: &Path) -> Result<Value, SchemaFileError> {
    let file = PathBuf::from(named);
    let root = repository.canonicalize().unwrap_or_else(|_| repository.to_owned());
    let outside = || SchemaFileError::Outside { index, file: file.clone() };
    let path = root.join(&file).canonicalize().map_err(|_| outside())?;
    if !path.starts_with(&root) || !path.is_file() {
        return Err(outside());
    }
    let unreadable = |source| SchemaFileError::Unreadable { index, file: file.clone(), source: Arc::new(source) };
    if path.metadata().map_err(unreadable)?.len() > MAX_SCHEMA_BYTES {
        return Err(SchemaFileError::TooLarge { index, file });
    }
    let text = std::fs::read_to_string(&path).map_err(unreadable)?;
    serde_json::from_str(&text).map_err(|source| SchemaFileError::NotJson {
        index,
        file: file.clone(),
        source: Arc::new(source),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(repository: &Path, line: &str) -> Result<Vec<String>, String> {
        let check = LiveCheck { expect: vec![line.to_owned()], ..LiveCheck::get("/x") };
        with_schemas(&check, repository).map(|check| check.expect).map_err(|error| error.to_string())
    }

    #[test]
    fn the_schema_of_a_file_stands_in_the_line_and_a_file_elsewhere_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let repository = folder.path().join("repository");
        std::fs::create_dir_all(&repository).expect("a folder");
        std::fs::write(repository.join("user.json"), "{\n  \"type\": \"object\"\n}").expect("a file");
        std::fs::write(folder.path().join("secret.json"), "{}").expect("a file");
        assert_eq!(checked(&repository, "schema user.json"), Ok(vec![r#"schema {"type":"object"}"#.to_owned()]));
        for outside in ["schema ../secret.json", "schema missing.json", "schema /etc/hostname"] {
            let refused = checked(&repository, outside).expect_err(outside);
            assert!(refused.contains("is not a file inside the repository"), "{refused}");
        }
        assert_eq!(checked(&repository, "body contains x"), Ok(vec!["body contains x".to_owned()]));
    }
}
