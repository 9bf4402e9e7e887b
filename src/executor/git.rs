//! Asks git about the repository without letting the repository's configuration start a program.
//!
//! An agent that can write `.git/config` could name programs there: a file-system monitor, hooks, clean filters, a
//! remote that is asked for missing objects, a pager, a diff driver. All are switched off from outside, where the
//! repository cannot overrule it. Submodules bring configurations of their own, so git does not look into them.

use std::collections::BTreeSet;

use tokio_util::sync::CancellationToken;

use super::process::FinishedProcess;
use super::{CommandSpec, Executor};
use crate::domain::{BuildIdentity, CommandEnd, CommandRun};

const TIMEOUT_MS: u64 = 30_000;

const SAFE: [&str; 11] = [
    "--no-pager",
    "--no-optional-locks",
    "--no-replace-objects",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.pager=cat",
    "-c",
    "log.showSignature=false",
];

/// Files and folders that say how tools are set up, and nothing of what is deployed.
const NO_SOURCE: [&str; 8] = [
    ".DS_Store",
    ".snipara-orchestrator.json",
    ".agentic.json",
    ".mcp.json",
    ".claude/",
    ".cursor/",
    ".vscode/",
    ".idea/",
];

/// Tells whether a path of `git status` is none of the sources; git quotes strange names.
fn is_no_source(path: &str) -> bool {
    let path = path.trim_matches('"');
    NO_SOURCE.iter().any(|known| path == *known || (known.ends_with('/') && path.starts_with(known)))
}

/// Variables of a surrounding git (a hook that started us, a person's shell) that would point to another repository
/// or start programs (git(1), "Environment Variables").
const REMOVED: [&str; 21] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
    "GIT_EXTERNAL_DIFF",
    "GIT_PROXY_COMMAND",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_EDITOR",
    "GIT_ATTR_SOURCE",
    "GIT_SHALLOW_FILE",
    "GIT_GRAFT_FILE",
    "GIT_TRACE",
    "GIT_CEILING_DIRECTORIES",
];

impl Executor {
    /// Runs git in the repository with hooks, file-system monitors, filters, pagers, the network and optional locks
    /// off.
    ///
    /// Not for `diff`, `log -p` and similar commands, which know more ways to start programs (external diffs, textconv).
    ///
    /// git has 30 seconds. The names of filter drivers are read first, because each must be switched off by name.
    pub async fn git(&self, arguments: &[&str], cancel: &CancellationToken) -> CommandRun {
        match self.filters_off(cancel).await {
            Ok(filters) => self.run_git(arguments, filters, cancel).await,
            Err(end) => CommandRun::not_run(format!("git {}", arguments.join(" ")), end),
        }
    }

    /// Tells whether the repository lies in git, whatever state that is in.
    pub fn is_in_git(&self) -> bool {
        self.repository().ancestors().any(|folder| folder.join(".git").exists())
    }

    /// Returns the repository's current commit, or nothing outside git and when git cannot be asked.
    ///
    /// A work tree is dirty when it has changed, staged or untracked files, except ignored ones. A submodule counts when
    /// it is at another commit than the recorded one. Filters are off, so a file under git LFS that was touched since its
    /// checkout looks changed.
    pub async fn build_identity(&self) -> Option<BuildIdentity> {
        let cancel = CancellationToken::new();
        let filters = self.filters_off(&cancel).await.ok()?;
        let head = self
            .run_git(&["rev-parse", "--verify", "--end-of-options", "HEAD^{commit}"], filters.clone(), &cancel)
            .await;
        let hash = head.stdout.text.trim();
        let is_hash = matches!(hash.len(), 40 | 64) && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !head.success() || !is_hash {
            return None;
        }
        let status = ["status", "--porcelain", "--untracked-files=normal", "--ignore-submodules=dirty", "--no-renames"];
        // What only this machine's settings hide is not committed either: files that no `.gitignore` names, and tracked ones
        // that git was told not to look at.
        let others =
            ["ls-files", "--others", "--directory", "--no-empty-directory", "--exclude-per-directory=.gitignore"];
        // On the heap: together they are larger than a worker's stack likes.
        let asked = futures_util::future::join4(
            Box::pin(self.run_git(&status, filters.clone(), &cancel)),
            Box::pin(self.run_git(&others, filters.clone(), &cancel)),
            Box::pin(self.run_git(&["ls-files", "-v"], filters.clone(), &cancel)),
            Box::pin(self.run_git(&["rev-parse", "--show-toplevel"], filters, &cancel)),
        );
        let (status, others, flagged, top) = asked.await;
        let dirty = status.stdout.bytes > 0;
        let mut changed: BTreeSet<String> =
            status.stdout.text.lines().filter_map(|line| Some(line.get(3..)?.to_owned())).collect();
        changed.extend(others.stdout.text.lines().map(str::to_owned));
        let hidden = flagged
            .stdout
            .text
            .lines()
            .filter(|line| line.starts_with(|flag: char| flag.is_ascii_lowercase() || flag == 'S'));
        // A sparse checkout leaves files out; what is there is looked at.
        let hidden = hidden.filter_map(|line| line.get(2..)).filter(|path| self.repository().join(path).exists());
        changed.extend(hidden.map(str::to_owned));
        let repository = self.repository().canonicalize().unwrap_or_else(|_| self.repository().to_owned());
        if !repository.starts_with(top.stdout.text.trim()) {
            changed.insert(format!("the work tree {}", top.stdout.text.trim()));
        }
        let sources = changed.iter().filter(|path| !is_no_source(path)).count();
        let uncommitted = u32::try_from(sources).unwrap_or(u32::MAX);
        status.success().then(|| BuildIdentity { head: hash.to_owned(), dirty, uncommitted })
    }

    async fn run_git(
        &self,
        arguments: &[&str],
        filters: Vec<(String, String)>,
        cancel: &CancellationToken,
    ) -> CommandRun {
        match self.launch(&spec(arguments, filters), &REMOVED, None, cancel).await {
            Ok(finished) => self.record(&format!("git {}", arguments.join(" ")), finished),
            Err(end) => CommandRun::not_run(format!("git {}", arguments.join(" ")), end),
        }
    }

    /// Returns the variables that make every configured filter driver empty, which means "no filter".
    async fn filters_off(&self, cancel: &CancellationToken) -> Result<Vec<(String, String)>, CommandEnd> {
        let arguments =
            ["config", "--null", "--name-only", "--get-regexp", r"^filter\..*\.(clean|smudge|process|required)$"];
        let listed = self.launch(&spec(&arguments, Vec::new()), &REMOVED, None, cancel).await?;
        let names = filter_keys(&listed)?;
        let mut variables = vec![("GIT_CONFIG_COUNT".to_owned(), names.len().to_string())];
        for (index, name) in names.into_iter().enumerate() {
            let value = if name.ends_with("required") { "false" } else { "" };
            variables.push((format!("GIT_CONFIG_KEY_{index}"), name));
            variables.push((format!("GIT_CONFIG_VALUE_{index}"), value.to_owned()));
        }
        Ok(variables)
    }
}

fn spec(arguments: &[&str], filters: Vec<(String, String)>) -> CommandSpec {
    let words = ["git"].into_iter().chain(SAFE).chain(arguments.iter().copied());
    let mut spec = CommandSpec::direct(words, TIMEOUT_MS);
    let fixed = [
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_OPTIONAL_LOCKS", "0"),
        // Nothing may be fetched, not even objects that a partial clone lacks: no protocol has this name.
        ("GIT_NO_LAZY_FETCH", "1"),
        ("GIT_ALLOW_PROTOCOL", "none"),
        ("GIT_ASKPASS", ""),
        ("GIT_PAGER", "cat"),
        ("LC_ALL", "C"),
    ];
    spec.environment =
        fixed.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().chain(filters).collect();
    spec
}

/// Reads the names of filter drivers. A list that is not whole is an error: a driver whose name is missing would stay on.
fn filter_keys(listed: &FinishedProcess) -> Result<Vec<String>, CommandEnd> {
    match listed.end {
        CommandEnd::Exited { exit_code: 0 } => listed
            .stdout
            .whole()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .map(|text| text.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect())
            .ok_or_else(|| CommandEnd::NotStarted {
                why: "the filters in git's configuration cannot be read".to_owned(),
                fix: Some("look at `git config --get-regexp filter`".to_owned()),
            }),
        // Nothing matched, or this is not a repository. The next command reports the latter better.
        CommandEnd::Exited { .. } => Ok(Vec::new()),
        ref end => Err(end.clone()),
    }
}
