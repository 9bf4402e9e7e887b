//! Reads a deployed version and compares it with the repository's. Pure.

use serde_json::Value;

use super::package::PackageVersion;
use crate::domain::{BuildIdentity, BuildStanding, DeployedBuild, DriftAnswer, one_line};

const COMMIT_NAMES: [&str; 14] = [
    "commit",
    "commitsha",
    "commithash",
    "commitid",
    "sha",
    "gitsha",
    "gitcommit",
    "gitcommitsha",
    "githash",
    "gitrevision",
    "revision",
    "rev",
    "gitrev",
    "vcsrevision",
];
/// Names inside an object that itself is named for a commit.
const COMMIT_PART_NAMES: [&str; 4] = ["id", "hash", "full", "abbrev"];
const VERSION_NAMES: [&str; 5] = ["version", "appversion", "packageversion", "release", "tag"];

/// The version that production says it runs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct DeployedVersion {
    /// A commit: 7 to 40 hexadecimal digits, in lower case.
    commit: Option<String>,
    /// Whether it was built from a work tree with changes that are in no commit.
    dirty: bool,
    /// A version in words.
    version: Option<String>,
}

impl DeployedVersion {
    /// Reads the version from a body or a header. Returns nothing when it holds neither a commit nor a version.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let deployed = match serde_json::from_str(text) {
            Ok(Value::Object(fields)) => Self::from_fields(&fields),
            Ok(Value::String(inner)) => Self::from_text(&inner),
            Ok(Value::Array(_) | Value::Null | Value::Bool(_)) => Self::default(),
            // A bare number is text: `1.10` must not become 1.1, and `1234567` is a short commit.
            Ok(Value::Number(_)) | Err(_) => Self::from_text(text),
        };
        (deployed.commit.is_some() || deployed.version.is_some()).then_some(deployed)
    }

    /// Returns the build that it names, and what the comparison says of it.
    pub(super) fn build(&self, answer: &DriftAnswer) -> DeployedBuild {
        let standing = match answer {
            DriftAnswer::Clean => BuildStanding::Current,
            DriftAnswer::Found { .. } => BuildStanding::Other,
            _ => BuildStanding::Unknown,
        };
        DeployedBuild { commit: self.commit.clone(), standing }
    }

    fn from_fields(fields: &serde_json::Map<String, Value>) -> Self {
        let mut found = Self::default();
        found.take(fields, false);
        for (name, value) in fields {
            if let Value::Object(inner) = value {
                found.take(inner, COMMIT_NAMES.contains(&plain_name(name).as_str()) || plain_name(name) == "git");
            }
        }
        found
    }

    /// Fills the fields that are still empty from one level of the document.
    fn take(&mut self, fields: &serde_json::Map<String, Value>, about_commit: bool) {
        for (name, value) in fields {
            let Value::String(text) = value else { continue };
            let name = plain_name(name);
            let names_commit =
                COMMIT_NAMES.contains(&name.as_str()) || (about_commit && COMMIT_PART_NAMES.contains(&name.as_str()));
            if self.commit.is_none() && (names_commit || name.starts_with("build")) {
                // A build may also be a counter or a date, which is not a commit.
                let commit = read_commit(text).filter(|(commit, _)| names_commit || !is_decimal(commit));
                if let Some((commit, dirty)) = commit {
                    (self.commit, self.dirty) = (Some(commit), dirty);
                }
            }
        }
        for wanted in VERSION_NAMES {
            let value = fields.iter().find(|(name, _)| plain_name(name) == wanted).map(|(_, value)| value);
            let text = match value {
                Some(Value::String(text)) => text.clone(),
                Some(Value::Number(number)) => number.to_string(),
                _ => continue,
            };
            let inner = Self::from_text(&text);
            if self.commit.is_none() {
                (self.commit, self.dirty) = (inner.commit, inner.dirty);
            }
            if self.version.is_none() {
                self.version = inner.version;
            }
        }
    }

    /// Reads one word: a commit, a version, or a version that names its commit as git or SemVer do.
    fn from_text(text: &str) -> Self {
        let text = text.trim();
        if let Some((commit, dirty)) = read_commit(text) {
            return Self { commit: Some(commit), dirty, version: None };
        }
        let has_digit = text.contains(|character: char| character.is_ascii_digit());
        if !has_digit || text.len() > 100 || text.contains(char::is_whitespace) || text.contains(['<', '{']) {
            return Self::default();
        }
        // `v1.2.3-4-gabc1234` (git describe) and `1.2.3+abc1234` (SemVer build metadata).
        let described = text.trim_end_matches("-dirty").rsplit_once("-g").map(|(_, commit)| commit);
        let metadata = text.rsplit_once('+').map(|(_, metadata)| metadata);
        let commit = described.into_iter().chain(metadata).find_map(|part| {
            let (commit, dirty) = read_commit(part)?;
            (described == Some(part) || !is_decimal(&commit)).then_some((commit, dirty))
        });
        let dirty = text.ends_with("-dirty") || commit.as_ref().is_some_and(|(_, dirty)| *dirty);
        Self { commit: commit.map(|(commit, _)| commit), dirty, version: Some(text.to_owned()) }
    }
}

fn plain_name(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|character| character.to_ascii_lowercase()).collect()
}

fn is_decimal(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Reads 7 to 40 hexadecimal digits, possibly marked as dirty.
fn read_commit(text: &str) -> Option<(String, bool)> {
    let text = text.trim().to_ascii_lowercase();
    let clean = text.strip_suffix("-dirty").or_else(|| text.strip_suffix("+dirty")).or_else(|| text.strip_suffix('+'));
    let commit = clean.unwrap_or(&text);
    let good = (7..=40).contains(&commit.len()) && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    good.then(|| (commit.to_owned(), clean.is_some()))
}

/// Compares what production runs with the repository: the commit decides, a version alone can only differ.
pub(super) fn compare(
    deployed: &DeployedVersion,
    head: Option<&BuildIdentity>,
    packages: &[PackageVersion],
) -> DriftAnswer {
    if let Some(commit) = &deployed.commit {
        return compare_commit(commit, deployed.dirty, head);
    }
    let version = one_line(deployed.version.as_deref().unwrap_or_default(), 60);
    let Some(first) = packages.first() else {
        return DriftAnswer::unverified(
            format!("production runs version {version}, and no package file here names a version"),
            COMMIT_FIX.to_owned(),
        );
    };
    if let Some(same) = packages.iter().find(|package| plain_version(&package.version) == plain_version(&version)) {
        return DriftAnswer::unverified(
            format!("production runs version {version} as {} says, which does not tell the commit", same.file),
            COMMIT_FIX.to_owned(),
        );
    }
    DriftAnswer::found(
        format!(
            "production runs version {version}, the repository is at {} ({})",
            one_line(&first.version, 60),
            first.file
        ),
        "Deploy the repository's version to production.",
    )
}

const COMMIT_FIX: &str = "let production's version route answer the git commit";

fn compare_commit(commit: &str, built_dirty: bool, head: Option<&BuildIdentity>) -> DriftAnswer {
    let Some(head) = head else {
        return DriftAnswer::unverified(
            format!("production runs commit {commit}, and git HEAD is not known here"),
            "run inside the git work tree, with git installed",
        );
    };
    let full = head.head.to_ascii_lowercase();
    let changes = if head.dirty { " with uncommitted changes" } else { "" };
    if !full.starts_with(commit) {
        let short: String = full.chars().take(commit.len()).collect();
        return DriftAnswer::found(
            format!("production runs commit {commit}, the repository is at {short}{changes}"),
            if head.dirty {
                "Commit the changes and deploy the repository's commit to production.".to_owned()
            } else {
                "Deploy the repository's commit to production.".to_owned()
            },
        );
    }
    if built_dirty {
        return DriftAnswer::unverified(
            format!("production was built from commit {commit} with uncommitted changes"),
            "deploy from a clean work tree",
        );
    }
    DriftAnswer::Clean
}

/// Takes off a leading `v` and build metadata, which SemVer §10 ignores.
fn plain_version(version: &str) -> &str {
    let version = version.trim();
    let version = version.strip_prefix(['v', 'V']).unwrap_or(version);
    version.split('+').next().unwrap_or(version)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const HEAD: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567";

    fn head(dirty: bool) -> BuildIdentity {
        BuildIdentity { head: HEAD.to_owned(), dirty, uncommitted: u32::from(dirty) }
    }

    fn package(version: &str) -> Vec<PackageVersion> {
        vec![PackageVersion { file: "package.json", version: version.to_owned() }]
    }

    fn compared(body: &str, packages: &[PackageVersion]) -> DriftAnswer {
        compare(&DeployedVersion::read(body).expect("a version"), Some(&head(false)), packages)
    }

    #[test]
    fn d08_a_commit_in_json_or_text_is_compared_with_head_full_or_short() {
        for body in [
            HEAD.to_owned(),
            format!("{}\n", &HEAD[..7]),
            HEAD.to_ascii_uppercase(),
            json!(HEAD).to_string(),
            json!({"version": "9.9.9", "commit": &HEAD[..12]}).to_string(),
            json!({"git_sha": HEAD}).to_string(),
            json!({"gitCommit": HEAD}).to_string(),
            json!({"build": HEAD}).to_string(),
            json!({"version": &HEAD[..8]}).to_string(),
            json!({"app": {"revision": HEAD}}).to_string(),
            json!({"commit": {"id": &HEAD[..7], "time": "2026-01-01"}}).to_string(),
            format!("v1.2.3-4-g{}", &HEAD[..7]),
            format!("1.2.3+{}", &HEAD[..7]),
        ] {
            assert_eq!(compared(&body, &[]), DriftAnswer::Clean, "{body}");
        }
        let DriftAnswer::Found { issue, .. } = compared(r#"{"version": "1.0.0", "sha": "fffffff"}"#, &package("1.0.0"))
        else {
            panic!("drift")
        };
        assert_eq!(issue, "production runs commit fffffff, the repository is at 0a1b2c3");
    }

    #[test]
    fn a_package_version_that_matches_proves_nothing_and_one_that_differs_is_drift() {
        for body in ["1.2.3", "v1.2.3", r#"{"version": "1.2.3"}"#, "1.2.3+55", r#"{"info": {"version": "1.2.3"}}"#] {
            assert!(matches!(compared(body, &package("1.2.3")), DriftAnswer::Unverified { .. }), "{body}");
        }
        let DriftAnswer::Found { issue, .. } = compared("v1.2.2", &package("1.2.3")) else { panic!("drift") };
        assert_eq!(issue, "production runs version v1.2.2, the repository is at 1.2.3 (package.json)");
        assert!(matches!(compared("1.2.3", &[]), DriftAnswer::Unverified { .. }));
    }

    #[test]
    fn a_build_counter_is_no_commit() {
        let body = r#"{"build": "20251122", "version": "1.2.3"}"#;
        assert!(matches!(compared(body, &package("1.2.3")), DriftAnswer::Unverified { .. }));
        assert_eq!(DeployedVersion::read(r#"{"build": 1234567}"#), None);
    }

    #[test]
    fn what_is_no_version_is_not_read_as_one() {
        for body in ["", "ok", "<!doctype html><p>1.2.3</p>", "[1, 2]", "null", "true", r#"{"status": "ok"}"#, "a b 1"]
        {
            assert_eq!(DeployedVersion::read(body), None, "{body}");
        }
    }

    #[test]
    fn without_head_and_from_a_dirty_build_nothing_is_proven() {
        let deployed = DeployedVersion::read(&HEAD[..7]).expect("a commit");
        assert!(matches!(compare(&deployed, None, &[]), DriftAnswer::Unverified { .. }));
        let dirty = DeployedVersion::read(&format!("{}-dirty", &HEAD[..7])).expect("a commit");
        assert!(matches!(compare(&dirty, Some(&head(false)), &[]), DriftAnswer::Unverified { .. }));
    }

    #[test]
    fn uncommitted_changes_are_named() {
        let deployed = DeployedVersion::read("fffffff").expect("a commit");
        let DriftAnswer::Found { issue, recommendation } = compare(&deployed, Some(&head(true)), &[]) else {
            panic!("drift")
        };
        assert!(issue.ends_with("0a1b2c3 with uncommitted changes"), "{issue}");
        assert!(recommendation.starts_with("Commit the changes"), "{recommendation}");
    }
}
