//! Finds and reads the documents of a repository. All of it blocks.

use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::Path;
use std::time::UNIX_EPOCH;

use ignore::WalkBuilder;

use crate::domain::{one_line, sha256_hex};

/// The longest file that is read: 1 MiB.
pub(super) const MAX_FILE_BYTES: u64 = 1024 * 1024;
/// The bounds on reading a repository.
const LIMITS: Limits = Limits { entries: 200_000, files: 2_000, bytes: 32 * 1024 * 1024 };
/// The most names in one warning.
const NAMED: usize = 5;

/// Folders that hold what was installed or built, whether or not `.gitignore` lists them.
const SKIPPED_FOLDERS: [&str; 11] = [
    "node_modules",
    "bower_components",
    "dist",
    "build",
    "target",
    "vendor",
    "coverage",
    "venv",
    "__pycache__",
    "site-packages",
    "tmp",
];
/// Folders whose texts say how the product is run.
const OPERATIONS: [&str; 5] = ["ops", "runbook", "runbooks", "deploy", "deployment"];

#[derive(Debug, Clone, Copy)]
struct Limits {
    entries: usize,
    files: usize,
    bytes: u64,
}

/// How a document is cut into sections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DocumentKind {
    Markdown,
    RestructuredText,
    Asciidoc,
    /// Text, or a file of settings: no headings.
    Plain,
    OpenApiJson,
    OpenApiYaml,
}

/// A document in the work tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FoundDocument {
    /// Relative to the work tree, with `/`.
    pub(super) path: String,
    pub(super) kind: DocumentKind,
    pub(super) bytes: u64,
    /// Since 1970, in nanoseconds.
    pub(super) modified_ns: i64,
}

/// What lies in the work tree.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Survey {
    /// In order of their paths.
    pub(super) documents: Vec<FoundDocument>,
    /// What was left out, one line each.
    pub(super) warnings: Vec<String>,
}

/// A document that was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) bytes: u64,
    pub(super) modified_ns: i64,
    pub(super) digest: String,
    /// The text, or why it has none.
    pub(super) text: Result<String, &'static str>,
}

/// Tells whether a path is that of a document, and how it is cut. The flag marks documents about running the product.
fn kind_of(path: &str) -> Option<(DocumentKind, bool)> {
    let lower = path.to_lowercase();
    let mut folders: Vec<&str> = lower.split('/').collect();
    let name = folders.pop()?;
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let described = name.starts_with("openapi") || name.starts_with("swagger");
    match extension {
        "json" if described => return Some((DocumentKind::OpenApiJson, true)),
        "yaml" | "yml" if described => return Some((DocumentKind::OpenApiYaml, true)),
        _ => {}
    }
    let told = ["readme", "deploy", "runbook"].iter().any(|beginning| name.starts_with(beginning));
    let operations = folders.iter().any(|folder| OPERATIONS.contains(folder));
    let important = told || operations;
    match extension {
        "md" | "mdx" | "markdown" => return Some((DocumentKind::Markdown, important)),
        "rst" => return Some((DocumentKind::RestructuredText, important)),
        "adoc" | "asciidoc" => return Some((DocumentKind::Asciidoc, important)),
        _ => {}
    }
    let settings = matches!(extension, "yml" | "yaml" | "toml" | "sh" | "conf");
    let in_docs = folders.iter().any(|folder| matches!(*folder, "docs" | "doc"));
    let workflow = lower.starts_with(".github/workflows/") && stem.contains("deploy") && settings;
    let platform = name == "dockerfile"
        || name.starts_with("dockerfile.")
        || extension == "dockerfile"
        || (settings && (stem.starts_with("docker-compose") || stem == "compose" || stem.starts_with("compose.")))
        || (extension == "toml" && (stem == "fly" || stem.starts_with("fly.") || stem == "netlify"))
        || (extension == "json" && matches!(stem, "vercel" | "railway"))
        || matches!(name, "procfile" | "render.yaml" | "render.yml");
    let plain = extension == "txt" && (in_docs || important) || extension.is_empty() && (told || in_docs);
    // A value among settings is not documentation.
    let secret = stem.contains("secret") || stem.contains("credential");
    let counts = workflow || platform || plain || (settings && important && !secret);
    counts.then_some((DocumentKind::Plain, workflow || platform || important))
}

/// Finds the documents of a work tree.
///
/// # Errors
/// When the work tree itself cannot be read. A file in it that cannot be read is a warning.
pub(super) fn survey(work_tree: &Path) -> io::Result<Survey> {
    survey_within(work_tree, LIMITS)
}

fn survey_within(work_tree: &Path, limits: Limits) -> io::Result<Survey> {
    fs::read_dir(work_tree)?;
    let walk = WalkBuilder::new(work_tree)
        // Links could lead out of the work tree. Their targets inside of it are found by their own paths.
        .follow_links(false)
        .hidden(false)
        // A folder that is not a git work tree may have a .gitignore, too.
        .require_git(false)
        .git_global(false)
        // Which files are looked at must not depend on the order of the disk.
        .sort_by_file_name(OsStr::cmp)
        .filter_entry(|entry| {
            let folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            let name = entry.file_name().to_string_lossy();
            let hidden = name.starts_with('.') && !(entry.depth() == 1 && name == ".github");
            entry.depth() == 0 || !(hidden || folder && SKIPPED_FOLDERS.contains(&&*name))
        })
        .build();
    let mut candidates = Vec::new();
    let (mut unreadable, mut too_long) = (Vec::new(), Vec::new());
    let mut survey = Survey::default();
    for (seen, entry) in walk.enumerate() {
        if seen >= limits.entries {
            survey.warnings.push(format!("only the first {} files and folders were looked at", limits.entries));
            break;
        }
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                unreadable.push(error.to_string().replace(&format!("{}/", work_tree.display()), ""));
                continue;
            }
        };
        if !entry.file_type().is_some_and(|kind| kind.is_file()) {
            continue;
        }
        let Some(path) = entry.path().strip_prefix(work_tree).ok().and_then(Path::to_str) else { continue };
        let path = path.replace(std::path::MAIN_SEPARATOR, "/");
        let Some((kind, important)) = kind_of(&path) else { continue };
        match entry.metadata() {
            Ok(metadata) if metadata.len() > MAX_FILE_BYTES => too_long.push(path),
            Ok(metadata) => {
                let (bytes, modified_ns) = (metadata.len(), modified_ns(&metadata));
                candidates.push((important, FoundDocument { path, kind, bytes, modified_ns }));
            }
            Err(error) => unreadable.push(format!("{path}: {error}")),
        }
    }
    let left_out = fit(candidates, limits, &mut survey.documents);
    tell(&mut survey.warnings, &unreadable, "cannot be read");
    tell(&mut survey.warnings, &too_long, "is longer than 1 MiB and was left out");
    let why = format!("was left out: at most {} files and {} MiB are indexed", limits.files, limits.bytes >> 20);
    tell(&mut survey.warnings, &left_out, &why);
    Ok(survey)
}

/// Takes documents about running the product first, then those nearer to the root. Returns a warning for the others.
fn fit(mut candidates: Vec<(bool, FoundDocument)>, limits: Limits, taken: &mut Vec<FoundDocument>) -> Vec<String> {
    candidates
        .sort_by_cached_key(|(important, found)| (!important, found.path.matches('/').count(), found.path.clone()));
    let (mut bytes, mut left_out) = (0, Vec::new());
    for (_, found) in candidates {
        if taken.len() >= limits.files || bytes + found.bytes > limits.bytes {
            left_out.push(found.path);
        } else {
            bytes += found.bytes;
            taken.push(found);
        }
    }
    taken.sort_by(|left, right| left.path.cmp(&right.path));
    left_out
}

/// Adds one warning for each of the first names, and one for all others.
pub(super) fn tell(warnings: &mut Vec<String>, names: &[String], what: &str) {
    warnings.extend(names.iter().take(NAMED).map(|name| format!("{}: {what}", one_line(name, 200))));
    if names.len() > NAMED {
        warnings.push(format!("{} more files: {what}", names.len() - NAMED));
    }
}

/// Reads a document; nothing when it is not there any more.
///
/// # Errors
/// When it cannot be read.
pub(super) fn read(work_tree: &Path, path: &str) -> io::Result<Option<Text>> {
    let place = work_tree.join(path);
    let file = match File::open(&place) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    // A folder on the way may have become a link since the survey.
    if fs::canonicalize(&place)? != fs::canonicalize(work_tree)?.join(path) {
        return Ok(None);
    }
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    let digest = sha256_hex(&bytes);
    let text = if bytes.len() as u64 > MAX_FILE_BYTES {
        Err("is longer than 1 MiB and was left out")
    } else if bytes.contains(&0) {
        Err("is binary and was left out")
    } else {
        String::from_utf8(bytes).map_err(|_| "is not UTF-8 text and was left out")
    };
    Ok(Some(Text { bytes: metadata.len(), modified_ns: modified_ns(&metadata), digest, text }))
}

/// Returns nanoseconds since 1970, negative before. A time that the system does not know is 0: then size and digest decide.
fn modified_ns(metadata: &Metadata) -> i64 {
    let Ok(modified) = metadata.modified() else { return 0 };
    match modified.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |nanoseconds| -nanoseconds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            fs::write(path, text).expect("written");
        }
        folder
    }

    fn paths(survey: &Survey) -> Vec<&str> {
        survey.documents.iter().map(|found| found.path.as_str()).collect()
    }

    #[test]
    fn documents_are_known_by_their_names() {
        use DocumentKind::{Asciidoc, Markdown, OpenApiJson, OpenApiYaml, Plain, RestructuredText};
        for (path, kind) in [
            ("README", Plain),
            ("README.md", Markdown),
            ("packages/api/readme.txt", Plain),
            ("docs/guide.mdx", Markdown),
            ("docs/guide.rst", RestructuredText),
            ("docs/guide.adoc", Asciidoc),
            ("docs/notes.txt", Plain),
            ("src/notes.md", Markdown),
            ("DEPLOY", Plain),
            ("deploy.sh", Plain),
            ("RUNBOOK.txt", Plain),
            ("Dockerfile", Plain),
            ("api/Dockerfile.worker", Plain),
            ("docker-compose.prod.yml", Plain),
            ("fly.toml", Plain),
            ("vercel.json", Plain),
            (".github/workflows/deploy-web.yml", Plain),
            ("ops/nginx.conf", Plain),
            ("infrastructure/runbooks/pager.txt", Plain),
            ("openapi.json", OpenApiJson),
            ("api/openapi-v1.yaml", OpenApiYaml),
            ("swagger.yml", OpenApiYaml),
        ] {
            assert_eq!(kind_of(path).map(|(kind, _)| kind), Some(kind), "{path}");
        }
        for path in [
            "src/main.rs",
            "requirements.txt",
            "package.json",
            "src/deploy.ts",
            ".github/workflows/ci.yml",
            "ops/secrets.yml",
            "ops/dashboard.json",
            "docs/logo.png",
            "config/app.yml",
        ] {
            assert_eq!(kind_of(path), None, "{path}");
        }
    }

    #[test]
    fn ignored_hidden_and_built_files_are_left_out() {
        let repository = repository(&[
            (".gitignore", "/private/\n*.draft.md\n"),
            ("README.md", "# a"),
            ("private/secret.md", "# a"),
            ("docs/plan.draft.md", "# a"),
            ("docs/plan.md", "# a"),
            (".notes/idea.md", "# a"),
            (".hidden.md", "# a"),
            (".github/CONTRIBUTING.md", "# a"),
            (".github/workflows/deploy.yml", "on: push"),
            ("node_modules/x/README.md", "# a"),
            ("packages/.github/x.md", "# a"),
        ]);
        let found = survey(repository.path()).expect("a survey");
        let expected = [".github/CONTRIBUTING.md", ".github/workflows/deploy.yml", "README.md", "docs/plan.md"];
        assert_eq!((paths(&found), found.warnings.len()), (expected.to_vec(), 0));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_neither_out_of_the_repository_nor_inside() {
        let outside = repository(&[("secret.md", "# secret")]);
        let repository = repository(&[("docs/a.md", "# a")]);
        std::os::unix::fs::symlink(outside.path(), repository.path().join("linked")).expect("a link");
        std::os::unix::fs::symlink(outside.path().join("secret.md"), repository.path().join("b.md")).expect("a link");
        assert_eq!(paths(&survey(repository.path()).expect("a survey")), ["docs/a.md"]);
        for path in ["linked/secret.md", "b.md"] {
            assert_eq!(read(repository.path(), path).expect("no error"), None, "{path}");
        }
    }

    #[test]
    fn beyond_its_limits_it_keeps_what_says_how_to_deploy_and_tells_what_it_left_out() {
        let repository = repository(&[("a/b/runbook.md", "# r"), ("a/x.md", "# x"), ("y.md", "# y"), ("z.md", "# z")]);
        let found = survey_within(repository.path(), Limits { files: 2, ..LIMITS }).expect("a survey");
        assert_eq!(paths(&found), ["a/b/runbook.md", "y.md"]);
        assert!(found.warnings[0].starts_with("z.md: was left out: at most 2 files"), "{:?}", found.warnings);
        assert_eq!(found.warnings.len(), 2);
        let few = survey_within(repository.path(), Limits { bytes: 7, ..LIMITS }).expect("a survey");
        assert_eq!(paths(&few), ["a/b/runbook.md", "y.md"]);
        let short = survey_within(repository.path(), Limits { entries: 1, ..LIMITS }).expect("a survey");
        assert!(short.warnings[0].starts_with("only the first 1 files"), "{:?}", short.warnings);
    }

    #[test]
    fn a_huge_file_is_left_out_and_told() {
        let repository = repository(&[("a.md", &"x".repeat(1024 * 1024 + 1)), ("b.md", "# b")]);
        let found = survey(repository.path()).expect("a survey");
        assert_eq!(paths(&found), ["b.md"]);
        assert_eq!(found.warnings, ["a.md: is longer than 1 MiB and was left out"]);
    }

    #[test]
    fn what_is_no_text_says_so() {
        let repository = repository(&[("zero.md", "a\0b")]);
        fs::write(repository.path().join("latin.md"), b"caf\xe9").expect("written");
        let text = |path| read(repository.path(), path).expect("read").expect("is there").text;
        assert_eq!(text("zero.md"), Err("is binary and was left out"));
        assert_eq!(text("latin.md"), Err("is not UTF-8 text and was left out"));
        assert!(survey(&repository.path().join("nothing")).is_err());
    }
}
