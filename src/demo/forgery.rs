//! What somebody would do who wants a failed proof to have passed: edit the file.

use std::fs;
use std::path::{Path, PathBuf};

use super::DemoError;

/// What the stored text of a failed proof says, and what the forger makes of it: as long, so that the file stays a
/// valid database.
const TRUTH: &[u8] = br#""result":"fail""#;
const LIE: &[u8] = br#""result":"pass""#;

/// Copies a folder with all that is in it.
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
        let (bytes, count) = replace_all(&bytes, TRUTH, LIE);
        if count > 0 {
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
