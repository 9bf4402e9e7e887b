//! A client's file on disk: read with care, replaced in one step.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::client::ConfigFile;
use crate::cli::error::CliError;
use crate::domain::shown_path;

/// The most bytes that are read. Claude Code keeps much more than settings in its file.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// A file, its content, and its real place.
#[derive(Debug)]
pub(crate) struct Target {
    /// The path as it is named to people.
    pub(crate) path: PathBuf,
    /// Its content, or nothing when it is not there.
    pub(crate) text: Option<String>,
    /// The folder that it lies in, whatever links lead there.
    pub(crate) boundary: PathBuf,
    real: PathBuf,
}

impl Target {
    /// Reads the file, which need not exist.
    ///
    /// # Errors
    /// When it, or its folder, is a link out of the boundary or to nothing, or when it is not a regular text file, too
    /// large, or cannot be read.
    pub(crate) fn read(config_file: &ConfigFile) -> Result<Self, CliError> {
        let path = config_file.file.clone();
        let boundary =
            config_file.boundary.canonicalize().map_err(|error| failed("find", &config_file.boundary, &error))?;
        let real = real_path(&path).map_err(|error| failed("find", &path, &error))?;
        if !real.starts_with(&boundary) {
            return Err(refused(
                format!(
                    "{} leads to {}, which is not in {}",
                    shown_path(&path),
                    shown_path(&real),
                    shown_path(&boundary)
                ),
                "Nothing was written. Remove the link, or use `--print` and edit the file yourself.",
            ));
        }
        let text = read(&real).map_err(|error| failed("read", &path, &error))?;
        Ok(Self { path, text, boundary: config_file.boundary.clone(), real })
    }

    /// Replaces the content of the file. Its mode stays. A new file is readable for its owner only when `private`.
    ///
    /// # Errors
    /// When it is not writable, changed since it was read, or cannot be written. Its content is unchanged then.
    pub(crate) fn replace(&self, text: &str, private: bool) -> Result<(), CliError> {
        let metadata = fs::metadata(&self.real).ok();
        if metadata.as_ref().is_some_and(|metadata| metadata.permissions().readonly()) {
            return Err(refused(
                format!("{} is read-only", shown_path(&self.path)),
                "Nothing was written. Make it writable, or use `--print` and edit it yourself.",
            ));
        }
        let doing = |error| failed("write", &self.path, &error);
        let folder = self.real.parent().ok_or_else(|| doing(io::ErrorKind::NotFound.into()))?;
        fs::create_dir_all(folder).map_err(doing)?;
        let name = self.real.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let beside = folder.join(format!(".{name}.{}.tmp", uuid::Uuid::new_v4().simple()));
        let written = create(&beside, private)
            .and_then(|mut file| {
                file.write_all(text.as_bytes())?;
                if let Some(metadata) = &metadata {
                    file.set_permissions(metadata.permissions())?;
                }
                file.sync_all()
            })
            .map_err(doing)
            .and_then(|()| self.unless_changed())
            .and_then(|()| fs::rename(&beside, &self.real).map_err(doing));
        if written.is_err() {
            // Only the failure above is reported: the temporary file may not exist at all.
            drop(fs::remove_file(&beside));
        }
        written
    }

    /// Tells whether the path is a link, whose target may belong to another program.
    pub(crate) fn is_link(&self) -> bool {
        self.path.is_symlink()
    }

    /// Removes the file, and the folder that it leaves empty.
    ///
    /// # Errors
    /// When it changed since it was read, or cannot be removed.
    pub(crate) fn remove(&self) -> Result<(), CliError> {
        self.unless_changed()?;
        fs::remove_file(&self.real).map_err(|error| failed("remove", &self.path, &error))?;
        let boundary = self.boundary.canonicalize().ok();
        if let Some(folder) = self.real.parent().filter(|folder| Some(*folder) != boundary.as_deref()) {
            // A folder that is not empty stays.
            drop(fs::remove_dir(folder));
        }
        Ok(())
    }

    fn unless_changed(&self) -> Result<(), CliError> {
        let now = read(&self.real).map_err(|error| failed("read", &self.path, &error))?;
        if now == self.text {
            return Ok(());
        }
        let message = format!("{} was changed by somebody else meanwhile", shown_path(&self.path));
        Err(refused(message, "Nothing was written. Run the command again."))
    }
}

fn refused(message: String, hint: &str) -> CliError {
    CliError::usage(message, hint)
}

fn failed(doing: &str, path: &Path, error: &io::Error) -> CliError {
    CliError::file(doing, path, error)
}

/// Follows the links of a path whose last parts may not be there yet.
fn real_path(path: &Path) -> io::Result<PathBuf> {
    match path.canonicalize() {
        Ok(real) => Ok(real),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if path.symlink_metadata().is_ok() {
                return Err(io::Error::new(io::ErrorKind::NotFound, "it is a link to nothing"));
            }
            match (path.parent(), path.file_name()) {
                (Some(folder), Some(name)) => Ok(real_path(folder)?.join(name)),
                _ => Err(error),
            }
        }
        Err(error) => Err(error),
    }
}

fn read(path: &Path) -> io::Result<Option<String>> {
    let invalid = |message: &str| io::Error::new(io::ErrorKind::InvalidInput, message.to_owned());
    match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => return Err(invalid("it is not a regular file")),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut text = String::new();
    let bytes = File::open(path)?.take(MAX_BYTES + 1).read_to_string(&mut text)?;
    if u64::try_from(bytes).unwrap_or(u64::MAX) > MAX_BYTES {
        return Err(invalid("it is larger than 64 MiB"));
    }
    Ok(Some(text))
}

fn create(path: &Path, private: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, if private { 0o600 } else { 0o644 });
    #[cfg(not(unix))]
    let _ = private;
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let inside = folder.path().join("inside");
        fs::create_dir(&inside).expect("a folder");
        (folder, inside)
    }

    fn target(boundary: &Path, file: &str) -> Result<Target, CliError> {
        Target::read(&ConfigFile { file: boundary.join(file), boundary: boundary.to_owned() })
    }

    #[cfg(unix)]
    #[test]
    fn no_link_leads_out_of_the_folder() {
        use std::os::unix::fs::symlink;
        let (folder, inside) = place();
        fs::write(folder.path().join("secret.json"), "{}").expect("written");
        symlink(folder.path().join("secret.json"), inside.join("mcp.json")).expect("a link");
        symlink(folder.path(), inside.join(".cursor")).expect("a link");
        symlink(inside.join("nothing"), inside.join("dangling")).expect("a link");
        for file in ["mcp.json", ".cursor/mcp.json", "dangling"] {
            assert!(target(&inside, file).is_err(), "{file}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_inside_the_folder_stays_one_and_the_mode_stays() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let (_folder, inside) = place();
        fs::write(inside.join("real.json"), "{}").expect("written");
        fs::set_permissions(inside.join("real.json"), fs::Permissions::from_mode(0o640)).expect("a mode");
        symlink("real.json", inside.join("mcp.json")).expect("a link");
        target(&inside, "mcp.json").expect("read").replace("{ }", true).expect("replaced");
        assert!(inside.join("mcp.json").is_symlink());
        assert_eq!(fs::read_to_string(inside.join("real.json")).expect("text"), "{ }");
        let mode = fs::metadata(inside.join("real.json")).expect("metadata").permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
    }

    #[test]
    fn what_somebody_else_wrote_meanwhile_is_not_lost() {
        let (_folder, inside) = place();
        fs::write(inside.join("a.json"), "{}").expect("written");
        let target = target(&inside, "a.json").expect("read");
        fs::write(inside.join("a.json"), "{\"theirs\": 1}").expect("written");
        target.replace("{\"ours\": 1}", false).expect_err("refused");
        assert_eq!(fs::read_to_string(inside.join("a.json")).expect("text"), "{\"theirs\": 1}");
        assert_eq!(fs::read_dir(&inside).expect("a folder").count(), 1, "something is left over");
    }

    #[test]
    fn a_file_in_a_new_folder_is_made() {
        let (_folder, inside) = place();
        target(&inside, "a/b/c.json").expect("read").replace("{}", true).expect("written");
        assert_eq!(fs::read_to_string(inside.join("a/b/c.json")).expect("text"), "{}");
    }
}
