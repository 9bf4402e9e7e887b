//! The SHA-256 of whole files, which may be large.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::domain::hex;

/// How much of a file is read at once, in bytes.
const CHUNK_BYTES: usize = 256 * 1024;

/// Returns the SHA-256 of a file's content in hexadecimal digits.
pub(super) fn sha256_of(path: &Path) -> io::Result<String> {
    read_into(path, &mut io::sink())
}

/// Copies a file's content into another file, syncs it, and returns its SHA-256 in hexadecimal digits.
pub(super) fn copy_with_sha256(from: &Path, to: &Path) -> io::Result<String> {
    let mut copy = File::options().write(true).truncate(true).open(to)?;
    let digest = read_into(from, &mut copy)?;
    copy.sync_all()?;
    Ok(digest)
}

fn read_into(from: &Path, to: &mut impl Write) -> io::Result<String> {
    let mut file = File::open(from)?;
    let (mut hasher, mut chunk) = (Sha256::new(), vec![0; CHUNK_BYTES]);
    loop {
        let read = file.read(&mut chunk)?;
        let bytes = chunk.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(bytes);
        to.write_all(bytes)?;
    }
}
