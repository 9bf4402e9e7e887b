//! The forgery of the demo: it edits the store's file, so that a failed proof seems to have passed.

use std::fs;
use std::path::{Path, PathBuf};

use super::DemoError;

/// The stored text of a failed proof, and the forged one. Both have the same length, so that the file stays a valid
/// database.
const TRUTH: &[u8] = br#""result":"fail""#;
const LIE: &[u8] = br#""result":"pass""#;

/// Copies a folder with all its content.
pub(super) fn copy_folder(from: &Path, to: &Path) -> Result<(), DemoError> {
    fs::create_dir_all(to).map_err(failed(to))?;
    for entry in fs::read_dir(from).map_err(failed(from))? {
        let entry = entry.map_err(failed(from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().map_err(failed(&source))?.is_dir() {
            copy_folder(&source, &target)?;
        } else {
            fs::copy(&source, &target).map_err(failed(&source))?;
        }
    }
    Ok(())
}

/// Turns every stored "fail" of a store into "pass", in the file itself, past every rule of the database.
/// Returns how many there were.
pub(super) fn forge(project_folder: &Path) -> Result<usize, DemoError> {
    let mut forged = 0;
    for entry in fs::read_dir(project_folder).map_err(failed(project_folder))? {
        let path = entry.map_err(failed(project_folder))?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name != "store.sqlite3" && name != "store.sqlite3-wal" {
            continue;
        }
        let bytes = fs::read(&path).map_err(failed(&path))?;
        let (mut bytes, count) = replace_all(&bytes, TRUTH, LIE);
        if count > 0 {
            if name.ends_with("-wal") {
                reseal(&mut bytes);
            }
            fs::write(&path, bytes).map_err(failed(&path))?;
        }
        forged += count;
    }
    if forged == 0 { Err(DemoError::NothingToForge) } else { Ok(forged) }
}

fn replace_all(bytes: &[u8], from: &[u8], to: &[u8]) -> (Vec<u8>, usize) {
    let (mut out, mut rest, mut count) = (Vec::with_capacity(bytes.len()), bytes, 0);
    while let Some(byte) = rest.first() {
        if let Some(after) = rest.strip_prefix(from) {
            out.extend(to);
            rest = after;
            count += 1;
        } else {
            out.push(*byte);
            rest = rest.get(1..).unwrap_or_default();
        }
    }
    (out, count)
}

/// Computes the checksums of a write-ahead log anew (<https://www.sqlite.org/fileformat2.html#the_write_ahead_log>):
/// a forger who knows the format leaves no trace that SQLite itself would see.
fn reseal(log: &mut [u8]) {
    const HEADER: usize = 32;
    const FRAME_HEADER: usize = 24;
    let word = |bytes: &[u8], at: usize| bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
    let (Some(magic), Some(page_size)) = (word(log, 0), word(log, 8)) else { return };
    let little_endian = magic & 1 == 0;
    let salt = log.get(16..24).map(<[u8]>::to_vec);
    let (Ok(page_size), Some((header, frames))) = (usize::try_from(page_size), log.split_at_mut_checked(HEADER)) else {
        return;
    };
    let mut sum = header.get(..24).map_or((0, 0), |bytes| checksum((0, 0), bytes, little_endian));
    for frame in frames.chunks_exact_mut(FRAME_HEADER + page_size) {
        // Frames of an older log follow the last valid one.
        if frame.get(8..16) != salt.as_deref() {
            break;
        }
        let (Some(start), Some(page)) = (frame.get(..8), frame.get(FRAME_HEADER..)) else { break };
        sum = checksum(checksum(sum, start, little_endian), page, little_endian);
        for (place, byte) in frame.iter_mut().skip(16).zip(sum.0.to_be_bytes().into_iter().chain(sum.1.to_be_bytes())) {
            *place = byte;
        }
    }
}

fn checksum((mut first, mut second): (u32, u32), bytes: &[u8], little_endian: bool) -> (u32, u32) {
    let words = bytes.chunks_exact(4).filter_map(|word| word.try_into().ok());
    let mut words = words.map(if little_endian { u32::from_le_bytes } else { u32::from_be_bytes });
    while let (Some(left), Some(right)) = (words.next(), words.next()) {
        first = first.wrapping_add(left).wrapping_add(second);
        second = second.wrapping_add(right).wrapping_add(first);
    }
    (first, second)
}

fn failed(path: &Path) -> impl Fn(std::io::Error) -> DemoError + use<> {
    let path = PathBuf::from(path);
    move |source| DemoError::File { path: path.clone(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_verdict_changes_and_the_length_stays() {
        let (forged, count) = replace_all(br#"x{"result":"fail"}y{"result":"failed"}"#, TRUTH, LIE);
        assert_eq!((forged.as_slice(), count), (&br#"x{"result":"pass"}y{"result":"failed"}"#[..], 1));
        assert_eq!(TRUTH.len(), LIE.len());
    }
}
