//! A repository with two builds, written in git's own format, so that the demo does not need git.

use std::fs;
use std::path::{Path, PathBuf};

use super::DemoError;

/// A commit that can be deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Build {
    /// The commit's hash.
    pub(super) commit: &'static str,
    /// The commit's subject line.
    pub(super) subject: &'static str,
    /// The commit object's text; the tree is git's well-known empty one, so that the work tree is clean.
    text: &'static str,
}

/// The first build: its sign-in rejects every session.
pub(super) const BROKEN: Build = Build {
    commit: "3a8f6ac881055af2f37a853575a99fa3fbab3bb4",
    subject: "Add sign-in",
    text: "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\
           author Demo Agent <agent@example.com> 1767225600 +0000\n\
           committer Demo Agent <agent@example.com> 1767225600 +0000\n\n\
           Add sign-in\n",
};

/// The second build: sign-in works.
pub(super) const FIXED: Build = Build {
    commit: "37b73f8c22f53e05a7b06e32d2dbd9ab5140e0c7",
    subject: "Sign sessions with the production key",
    text: "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\
           parent 3a8f6ac881055af2f37a853575a99fa3fbab3bb4\n\
           author Demo Agent <agent@example.com> 1767225900 +0000\n\
           committer Demo Agent <agent@example.com> 1767225900 +0000\n\n\
           Sign sessions with the production key\n",
};

impl Build {
    /// Returns the first seven digits of the commit, as git shows it.
    pub(super) fn short(self) -> &'static str {
        self.commit.get(..7).unwrap_or(self.commit)
    }
}

/// A repository on disk.
#[derive(Debug)]
pub(super) struct Repository {
    folder: PathBuf,
}

impl Repository {
    /// Makes a repository whose branch `main` is at `build`.
    pub(super) fn create(folder: &Path, build: Build) -> Result<Self, DemoError> {
        let repository = Self { folder: folder.to_owned() };
        repository.write("HEAD", b"ref: refs/heads/main\n")?;
        repository.write("config", b"[core]\n\trepositoryformatversion = 0\n\tbare = false\n")?;
        repository.commit(build)?;
        Ok(repository)
    }

    /// Returns the work tree.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes the commit and moves `main` to it.
    pub(super) fn commit(&self, build: Build) -> Result<(), DemoError> {
        let (folder, name) = build.commit.split_at_checked(2).unwrap_or((build.commit, ""));
        let object = format!("commit {}\0{}", build.text.len(), build.text);
        self.write(&format!("objects/{folder}/{name}"), &zlib_stored(object.as_bytes()))?;
        self.write("refs/heads/main", format!("{}\n", build.commit).as_bytes())
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), DemoError> {
        let path = self.folder.join(".git").join(name);
        let parent = path.parent().unwrap_or(&self.folder);
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&path, bytes))
            .map_err(|source| DemoError::File { path: path.clone(), source })
    }
}

/// Wraps at most 65,535 bytes as zlib data with one stored block (RFC 1950, RFC 1951 §3.2.4).
fn zlib_stored(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    let mut out = vec![0x78, 0x01, 0x01];
    out.extend(length.to_le_bytes());
    out.extend((!length).to_le_bytes());
    out.extend(bytes);
    let (mut low, mut high) = (1_u32, 0_u32);
    for byte in bytes {
        low = (low + u32::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    out.extend(((high << 16) | low).to_be_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_one_of_rfc_1950() {
        // zlib.compress(b"Wikipedia", 0) of Python ends with this Adler-32.
        let wrapped = zlib_stored(b"Wikipedia");
        assert!(wrapped.ends_with(&[0x11, 0xe6, 0x03, 0x98]));
    }
}
