//! The head beside the store: how long the chain was when it was last written to.
//!
//! The head makes a shortened chain visible. It is written after the commit, so it may lag behind the chain (a
//! process can die between the two), but it never leads: the store commits with `synchronous=FULL` first.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::LedgerError;
use super::append::blocking;
use crate::domain::{one_line, out_of_descriptors};
pub use crate::store::HEAD_FILE;
use crate::store::private;

const FORMAT: u32 = 1;

/// The file's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HeadFile {
    pub(super) format: u32,
    pub(super) project: String,
    pub(super) seq: u64,
    pub(super) hash: String,
}

impl HeadFile {
    pub(super) fn new(project: &str, seq: u64, hash: &str) -> Self {
        Self { format: FORMAT, project: project.to_owned(), seq, hash: hash.to_owned() }
    }

    /// Returns the file's text.
    pub(super) fn text(&self) -> io::Result<String> {
        Ok(format!("{}\n", serde_json::to_string(self)?))
    }
}

/// The state of the head's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum HeadState {
    Missing,
    /// Why, on one line.
    Unreadable(String),
    Present(HeadFile),
}

impl HeadState {
    /// Says why it tells nothing any more, without naming the file; `None` when it can be read.
    pub(super) fn loss(&self) -> Option<String> {
        match self {
            Self::Missing => Some("the head is missing".to_owned()),
            Self::Unreadable(why) => Some(format!("the head cannot be read: {}", one_line(why, 120))),
            Self::Present(_) => None,
        }
    }
}

/// Reads the head.
///
/// # Errors
/// When this process has no descriptors left, which says nothing about the head.
pub(super) fn read(folder: &Path) -> io::Result<HeadState> {
    let text = match fs::read_to_string(folder.join(HEAD_FILE)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(HeadState::Missing),
        Err(error) if out_of_descriptors(&error) => return Err(error),
        Err(error) => return Ok(HeadState::Unreadable(error.to_string())),
    };
    Ok(of_text(&text))
}

/// Reads the head of a folder where that holds up no other task.
///
/// # Errors
/// As [`read`].
pub(super) async fn beside(folder: PathBuf) -> Result<HeadState, LedgerError> {
    let path = folder.join(HEAD_FILE);
    blocking(move || read(&folder)).await?.map_err(|source| LedgerError::Head { path, source })
}

/// Reads the text of a head.
pub(super) fn of_text(text: &str) -> HeadState {
    match serde_json::from_str::<HeadFile>(text) {
        Ok(head) if head.format > FORMAT => HeadState::Unreadable(format!("it has the newer format {}", head.format)),
        Ok(head) => HeadState::Present(head),
        Err(error) => HeadState::Unreadable(error.to_string()),
    }
}

/// The lock on the head's file: one process and one task writes at a time.
#[derive(Debug)]
pub(super) struct HeadLock {
    folder: PathBuf,
    _file: File,
}

impl HeadLock {
    /// Waits for the lock. Its holder keeps it for one read and one write.
    pub(super) fn take(folder: &Path) -> io::Result<Self> {
        let file = private(OpenOptions::new().read(true).write(true).create(true).truncate(false))
            .open(folder.join("ledger.head.lock"))?;
        file.lock()?;
        Ok(Self { folder: folder.to_owned(), _file: file })
    }

    pub(super) fn read(&self) -> io::Result<HeadState> {
        read(&self.folder)
    }

    /// Replaces the head whole, so that a reader sees the old one or the new one.
    ///
    /// It is not synced: a loss of power may bring back an older head, which is still one that the chain contains.
    pub(super) fn write(&self, head: &HeadFile) -> io::Result<()> {
        let text = head.text()?;
        let draft = self.folder.join("ledger.head.new");
        let mut file = private(OpenOptions::new().write(true).create(true).truncate(true)).open(&draft)?;
        file.write_all(text.as_bytes())?;
        drop(file);
        fs::rename(&draft, self.folder.join(HEAD_FILE))
    }
}
