//! Which repositories use the store.

use std::path::{Path, PathBuf};

use super::{Store, StoreError};
use crate::domain::Timestamp;

impl Store {
    /// Returns the git common folders that use this store.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn repositories(&self) -> Result<Vec<PathBuf>, StoreError> {
        let sql =
            "SELECT git_common_folder FROM repositories WHERE project_id = $1 ORDER BY joined_at, git_common_folder";
        let folders: Vec<String> = self.sql(sql).values().await?;
        Ok(folders.into_iter().map(PathBuf::from).collect())
    }

    /// Lets a git common folder use this store. A second call changes nothing.
    ///
    /// # Errors
    /// When the store cannot be written, or the folder's name is not Unicode text.
    pub async fn join_repository(&self, git_common_folder: &Path, at: Timestamp) -> Result<(), StoreError> {
        let folder = git_common_folder.to_str().ok_or_else(|| StoreError::NotText(git_common_folder.to_owned()))?;
        self.writing_sql(
            "INSERT INTO repositories (project_id, git_common_folder, joined_at) VALUES ($1, $2, $3)
             ON CONFLICT (project_id, git_common_folder) DO NOTHING",
        )?
        .with((folder, at))
        .run()
        .await
    }
}
