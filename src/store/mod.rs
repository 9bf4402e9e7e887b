//! The only room that knows SQL.
//!
//! SCAFFOLD: signatures are agreed, bodies come.

use std::path::{Path, PathBuf};

use crate::domain::{Fence, ProjectId, RunRecord, Task, TaskId, Timestamp};

/// What can go wrong with the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Nothing has this id.
    #[error("no task {0}")]
    NoTask(TaskId),
    /// Another run has the word.
    #[error("a newer run has taken over")]
    StaleFence,
    /// SCAFFOLD for: newer format, corrupt, read-only, full, busy, not ours.
    #[error("SCAFFOLD")]
    Scaffold,
}

/// The embedded store of one project: `<folder>/store.sqlite3`. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {}

impl Store {
    /// Opens the store in a project's folder, and makes folder (0700) and file when they are not there.
    ///
    /// # Errors
    /// When it is newer than this program, corrupt, read-only, full, or cannot be opened; the message names the file.
    pub async fn open(_folder: &Path, _project: &ProjectId) -> Result<Self, StoreError> {
        todo!()
    }

    /// Returns the project.
    pub fn project(&self) -> &ProjectId {
        todo!()
    }

    /// Returns the folder.
    pub fn folder(&self) -> &Path {
        todo!()
    }

    /// Returns the git common folders that use this store.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn repositories(&self) -> Result<Vec<PathBuf>, StoreError> {
        todo!()
    }

    /// Lets a git common folder use this store.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn join_repository(&self, _git_common_folder: &Path, _at: Timestamp) -> Result<(), StoreError> {
        todo!()
    }

    /// Reads a task.
    ///
    /// # Errors
    /// [`StoreError::NoTask`], or when the store cannot be read.
    pub async fn task(&self, _id: &TaskId) -> Result<Task, StoreError> {
        todo!()
    }

    /// Reads the latest tasks, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn tasks(&self, _limit: u32) -> Result<Vec<Task>, StoreError> {
        todo!()
    }

    /// Reads an attempt; `None` when the task has no such attempt.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn run(&self, _id: &TaskId, _attempt: u32) -> Result<Option<RunRecord>, StoreError> {
        todo!()
    }

    /// Reads all attempts that are marked as running, whether their lease holds or not.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn running(&self) -> Result<Vec<RunRecord>, StoreError> {
        todo!()
    }

    /// Renews a run's lease and tells whether somebody asked it to stop.
    ///
    /// # Errors
    /// [`StoreError::StaleFence`] when the run is no longer this token's, or when the store cannot be written.
    pub async fn renew_lease(&self, _fence: &Fence, _expires_at: Timestamp) -> Result<bool, StoreError> {
        todo!()
    }

    /// Asks the running attempt of a task to stop; tells whether there was one.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn request_cancel(&self, _id: &TaskId) -> Result<bool, StoreError> {
        todo!()
    }
}
