//! Who else works on this machine, and the token that keeps them out.

use std::path::{Path, PathBuf};

use super::env::Environment;
use super::error::ConfigError;
use super::private_file;
use super::state_paths::{current_folder, home};

/// Where the system lists accounts (passwd(5)).
const ACCOUNTS: &str = "/etc/passwd";
/// The first number of a person's account (login.defs(5), `UID_MIN`).
const FIRST_PERSON: u32 = 1_000;
/// The account of nobody, under both of its numbers.
const NOBODY: [u32; 2] = [65_534, 65_535];
/// The token's file in the folder of all state.
const TOKEN_FILE: &str = "serve.tokens";

/// Returns the names of the other accounts that somebody can log in to; none where that cannot be told.
pub fn other_accounts() -> Vec<String> {
    let listed = std::fs::read_to_string(ACCOUNTS).unwrap_or_default();
    own_number().map(|own| others(&listed, own)).unwrap_or_default()
}

#[cfg(target_os = "linux")]
fn own_number() -> Option<u32> {
    std::fs::metadata("/proc/self").ok().map(|process| std::os::unix::fs::MetadataExt::uid(&process))
}

#[cfg(not(target_os = "linux"))]
const fn own_number() -> Option<u32> {
    None
}

fn others(listed: &str, own: u32) -> Vec<String> {
    let name = |line: &str| {
        let [name, _, number, _, _, _, shell] = *line.split(':').collect::<Vec<_>>() else { return None };
        let number: u32 = number.parse().ok()?;
        let program = Path::new(shell.trim()).file_name().map(|name| name.to_string_lossy().into_owned());
        // An empty field means /bin/sh.
        let logs_in = program.is_none_or(|program| !["nologin", "false", "true", "sync"].contains(&program.as_str()));
        let other = number >= FIRST_PERSON && number != own && !NOBODY.contains(&number);
        (other && logs_in).then(|| name.to_owned())
    };
    listed.lines().filter_map(name).collect()
}

/// The file of the token that the callers on this machine need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalTokenFile {
    /// Where it is; lines as `--token-file` has them.
    pub path: PathBuf,
    /// Whether it was made now.
    pub made: bool,
}

/// Finds the file of the token for the callers on this machine, or makes it (0600) with a token that nobody can guess.
///
/// # Errors
/// When there is no folder for it, or when it cannot be written.
pub fn local_token_file(environment: &Environment) -> Result<LocalTokenFile, ConfigError> {
    let home = home(environment, &current_folder(environment)?)?;
    let path = home.join(TOKEN_FILE);
    let made = !path.exists();
    if made {
        private_file::make_folder(&home)?;
        let [first, second] = [uuid::Uuid::new_v4(), uuid::Uuid::new_v4()].map(uuid::Uuid::simple);
        let about = "# The token of callers on this machine: send Authorization: Bearer TOKEN (the last word).";
        private_file::write(&path, &format!("{about}\nlocal read,validate,write,admin {first}{second}\n"))?;
    }
    Ok(LocalTokenFile { path, made })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: &str = "root:x:0:0:root:/root:/bin/bash\n\
        daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n\
        nobody:x:65534:65534:nobody:/nonexistent:/bin/sh\n\
        ada:x:1000:1000:Ada,,,:/home/ada:/bin/zsh\n\
        bob:x:1001:1001::/home/bob:\n\
        build:x:1002:1002::/home/build:/usr/bin/nologin\n\
        ci:x:1003:1003::/home/ci:/bin/false\n\
        +@ldap::::::\n\
        broken:x:1004\n";

    #[test]
    fn others_are_those_whom_somebody_can_log_in_as() {
        assert_eq!(others(LISTED, 1_000), ["bob"]);
        assert_eq!(others(LISTED, 0), ["ada", "bob"]);
        assert!(others("root:x:0:0:root:/root:/bin/bash\nada:x:1000:1000::/home/ada:/bin/sh\n", 1_000).is_empty());
        assert!(others("", 0).is_empty());
    }

    #[test]
    fn the_token_is_made_once_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let environment = Environment {
            variables: [("SNIPARA_ORCHESTRATOR_HOME".into(), folder.path().join("deep/er").into())].into(),
            current_folder: folder.path().to_owned(),
            supervisor: None,
        };
        let first = local_token_file(&environment).expect("made");
        assert!(first.made);
        let text = private_file::read(&first.path, 1_000).expect("read").expect("a file");
        let again = local_token_file(&environment).expect("found");
        assert_eq!((again.made, &again.path), (false, &first.path));
        assert!(!private_file::open_to_others(&first.path));
        let token = text.split_whitespace().last().expect("a token");
        assert!(token.len() == 64 && token.bytes().all(|byte| byte.is_ascii_hexdigit()), "{token}");
    }
}
