//! Which fields, headers and variables are named for a commit, for a version, or for uncommitted changes.
//!
//! Names are compared without case, blanks, `_`, `-` and `.`: `X-Git-Sha`, `gitSha` and `GIT_SHA` are one.

/// What a name says that its value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldNaming {
    /// A commit: every word of 7–40 or 64 hexadecimal digits is one.
    Commit,
    /// A version, tag, image, release or build, or a text of one line: a word in it is a commit where git knows one.
    Version,
    /// Anything else: a word that is HEAD's is mentioned.
    Elsewhere,
}

/// What stands before the name of a commit: `gitCommit`, `BUILD_SHA`, `x-deployed-revision`.
const PREFIXES: &[&str] = &[
    "git",
    "vcs",
    "scm",
    "source",
    "src",
    "build",
    "app",
    "application",
    "deploy",
    "deployed",
    "deployment",
    "release",
    "current",
    "running",
    "head",
    "ci",
    "short",
    "full",
    "long",
    "latest",
    "last",
    "repo",
    "project",
    "service",
    "backend",
    "frontend",
    "server",
    "client",
    "api",
    "web",
    "nextpublic",
    "vite",
    "reactapp",
    "vergen",
    "env",
    "x",
];
/// How a commit is named.
const STEMS: &[&str] = &[
    "commit",
    "commitid",
    "commitsha",
    "commitsha1",
    "commithash",
    "commitrev",
    "commitrevision",
    "sha",
    "sha1",
    "revision",
    "rev",
    "changeset",
    "githash",
    "gitref",
    "githead",
    "git",
    "vcsref",
    "commitshort",
    "versionsha",
    "versioncommit",
    "versionhash",
    "versionrevision",
];
const SUFFIXES: &[&str] = &["short", "full", "long", "abbrev"];
/// Names of platforms and build tools that the rule above does not make.
const PLATFORMS: &[&str] = &[
    "sourceversion",
    "buildsourceversion",
    "codebuildresolvedsourceversion",
    "githubsha",
    "vercelgitcommitsha",
    "rendergitcommit",
    "railwaygitcommitsha",
    "herokuslugcommit",
    "herokubuildcommit",
    "commitref",
    "cachedcommitref",
    "cfpagescommitsha",
    "workerscicommitsha",
    "awscommitid",
    "bitbucketcommit",
    "circlesha1",
    "traviscommit",
    "buildkitecommit",
    "dronecommit",
    "dronecommitsha",
    "semaphoregitsha",
    "appveyorrepocommit",
    "koyebgitsha",
    "zeaburgitcommitsha",
    "caprovergitcommitsha",
    "nfdeploymentsha",
    "buildvcsnumber",
    "cicommitsha",
    "cicommitshortsha",
    "bitriseclonecommithash",
    "gitclonecommithash",
    "cmcommit",
    "sourcecommit",
    "orgopencontainersimagerevision",
    "orglabelschemavcsref",
    "implementationscmrevision",
];
/// Parts of an object that itself is named for a commit: `{"commit": {"id": …}}`, `git.commit.id.abbrev`.
const COMMIT_PARTS: &[&str] =
    &["id", "hash", "sha", "full", "abbrev", "abbreviated", "short", "long", "oid", "value", "head"];
/// Objects that hold other commits, or text about them.
const OTHERS: &[&str] = &[
    "message",
    "author",
    "committer",
    "user",
    "parent",
    "parents",
    "previous",
    "remote",
    "tree",
    "closest",
    "changelog",
    "changes",
    "history",
    "log",
    "commits",
    "releases",
    "dependencies",
    "upstream",
    "chart",
    "schema",
    "config",
];
/// What stands above a field of a health document that is about the service itself; below any other name stands a part,
/// and a part's commit (`components.gateway.details.commit`, `redis.redis_git_sha1`) is not production's.
const ABOUT_ITSELF: &[&str] = &[
    "data",
    "result",
    "response",
    "payload",
    "body",
    "health",
    "healthcheck",
    "healthreport",
    "info",
    "details",
    "meta",
    "metadata",
    "about",
    "app",
    "appinfo",
    "application",
    "service",
    "server",
    "self",
    "build",
    "buildinfo",
    "version",
    "versioninfo",
    "versions",
    "release",
    "deploy",
    "deployment",
    "image",
    "git",
    "gitinfo",
    "vcs",
    "scm",
    "source",
    "commit",
    "revision",
    "sha",
];
/// Words of a header's name that speak of a content and not of the program: `X-Repo-Commit`, `X-Last-Commit`.
const ABOUT_CONTENT: &[&str] = &["repo", "project", "last", "latest", "content", "object", "file"];
const VERSION_STEMS: &[&str] =
    &["version", "release", "tag", "image", "build", "describe", "deploy", "deployment", "hash", "imageref"];
/// Ends of names that begin like a version's; `buildTime`, `imageDigest` and `releaseNotes` are none.
const VERSION_ENDS: &[&str] =
    &["id", "number", "num", "no", "name", "tag", "ref", "version", "label", "string", "full", "identifier", "code"];
const DIRTY_NAMES: &[&str] = &[
    "dirty",
    "isdirty",
    "gitdirty",
    "gitisdirty",
    "vcsmodified",
    "gitmodified",
    "gittreestate",
    "treestate",
    "gitstatedirty",
    "vergengitdirty",
    "uncommitted",
    "uncommittedchanges",
    "hasuncommittedchanges",
    "localchanges",
    "gitlocalchanges",
    "haschanges",
    "worktreedirty",
];

/// The longest name that is looked into; each word before and after the stem is a step.
const MAX_NAME_BYTES: usize = 48;

/// Removes case and what separates words.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// Returns what a field is named for, by its path: `["git", "commit", "id"]`.
pub(super) fn naming_of(path: &[&str]) -> FieldNaming {
    let path: Vec<String> =
        path.iter().flat_map(|name| name.split('.')).map(plain).filter(|name| !name.is_empty()).collect();
    let whole: String = path.concat();
    let Some((last, above)) = path.split_last() else { return FieldNaming::Version };
    if path.iter().any(|name| OTHERS.contains(&name.as_str())) {
        return FieldNaming::Elsewhere;
    }
    let end = path.iter().rposition(|name| !COMMIT_PARTS.contains(&name.as_str()) && name.parse::<u32>().is_err());
    let owner = end.and_then(|end| path.get(end)).unwrap_or(last);
    if is_commit_name(last) || is_commit_name(owner) || PLATFORMS.contains(&whole.as_str()) {
        return FieldNaming::Commit;
    }
    let is_version = |name: &String| {
        let ends_alike = VERSION_STEMS.iter().any(|stem| name.ends_with(stem));
        let starts_alike =
            VERSION_STEMS.iter().filter_map(|stem| name.strip_prefix(stem)).any(|rest| VERSION_ENDS.contains(&rest));
        name != "etag" && (ends_alike || starts_alike)
    };
    // `{"image": {"tag": …}}` and `{"version": {"raw": …}}`, but not `{"build": {"java": {"version": "21"}}}`'s neighbours.
    let owner_is_version =
        matches!(last.as_str(), "raw" | "name" | "full" | "ref" | "id") && above.last().is_some_and(is_version);
    if is_version(last) || owner_is_version { FieldNaming::Version } else { FieldNaming::Elsewhere }
}

/// Returns what a field of a health document is named for: as elsewhere, where everything above it is about the service itself.
pub(super) fn naming_in_health(path: &[&str]) -> FieldNaming {
    if is_about_itself(path) { naming_of(path) } else { FieldNaming::Elsewhere }
}

/// Tells whether a field of a health document is about the service itself and not about a part of it.
pub(super) fn is_about_itself(path: &[&str]) -> bool {
    let above = path.split_last().map_or(path, |(_, above)| above);
    above.iter().flat_map(|name| name.split('.')).all(|name| ABOUT_ITSELF.contains(&plain(name).as_str()))
}

/// Returns what a header of an answer is named for that is about something else than the version.
pub(super) fn naming_of_header_beside(name: &str) -> FieldNaming {
    let mut words = name.split(|letter: char| !letter.is_ascii_alphanumeric()).map(plain);
    if words.any(|word| ABOUT_CONTENT.contains(&word.as_str())) {
        return FieldNaming::Elsewhere;
    }
    naming_of(&[name])
}

fn is_commit_name(name: &str) -> bool {
    if name.len() > MAX_NAME_BYTES {
        return false;
    }
    if PLATFORMS.contains(&name) || STEMS.contains(&name) {
        return true;
    }
    let without_end = SUFFIXES.iter().find_map(|end| name.strip_suffix(end)).filter(|rest| !rest.is_empty());
    let rest_is = |rest: Option<&str>| rest.is_some_and(is_commit_name);
    rest_is(without_end) || PREFIXES.iter().any(|start| rest_is(name.strip_prefix(start)))
}

/// Tells whether a field says that the build holds changes that are in no commit.
pub(super) fn is_dirty_name(path: &[&str]) -> bool {
    let whole = plain(&path.concat());
    let last = path.last().map(|name| plain(name)).unwrap_or_default();
    DIRTY_NAMES.contains(&last.as_str()) || DIRTY_NAMES.contains(&whole.as_str())
}
