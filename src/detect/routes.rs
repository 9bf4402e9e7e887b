//! Reads the routes of a framework out of sources: GET, and nothing that a reader would have to fill in.

use regex::{Captures, Regex};

use super::frameworks::Framework;
use super::sources::Sources;

/// Parts of paths of files that hold no routes of the product.
const NOT_SERVED: [&str; 11] =
    ["test", "tests", "__tests__", "spec", "specs", "e2e", "fixtures", "examples", "benches", "migrations", "scripts"];
/// Words of routes that do something, never end, or only make sense on the way from somewhere.
const NOT_ASKED: [&str; 14] = [
    "logout",
    "signout",
    "sign-out",
    "sign_out",
    "callback",
    "ws",
    "websocket",
    "socket",
    "stream",
    "events",
    "sse",
    "download",
    "delete",
    "unsubscribe",
];
/// Names of files that say nothing about what they hold; their folder does.
const UNTELLING: [&str; 8] = ["index", "urls", "mod", "main", "routes", "router", "routers", "__init__"];
/// How deep mounts may be nested.
const MAX_NESTING: usize = 4;

/// Where something lies under a path.
struct Mount<'s> {
    file: &'s str,
    what: String,
    owner: Option<String>,
    path: String,
}

/// What is around routes, compiled once.
struct Around {
    owners: Vec<Regex>,
    classes: Vec<Regex>,
    blocks: Vec<Regex>,
    closed: Vec<Regex>,
}

/// A framework's expressions, compiled. One that cannot be compiled is found by the test of the table.
fn compiled(patterns: &[&str]) -> Vec<Regex> {
    patterns.iter().filter_map(|pattern| Regex::new(pattern).ok()).collect()
}

/// Returns the paths of the framework's routes, in the order of the files, each once.
pub(super) fn routes(framework: &Framework, sources: &Sources) -> Vec<String> {
    let mut found = Vec::new();
    let files: Vec<(&str, &str)> =
        framework.files.iter().flat_map(|end| sources.ending(end)).filter(|(path, _)| is_served(path)).collect();
    let global = first_path(&compiled(framework.globals), &files);
    let mounts = mounts(&compiled(framework.mounts), &files);
    let around = Around {
        owners: compiled(framework.owners),
        classes: compiled(framework.classes),
        blocks: compiled(framework.blocks),
        closed: compiled(framework.closed),
    };
    let written = [(compiled(framework.routes), ""), (compiled(framework.folders), "/")];
    for (file, text) in &files {
        let reading = Reading { framework, around: &around, file, text, mounts: &mounts };
        let mut here: Vec<(usize, String)> = Vec::new();
        for (patterns, end) in &written {
            for captures in patterns.iter().flat_map(|pattern| pattern.captures_iter(text)) {
                here.extend(reading.route(&captures, end));
            }
        }
        here.sort_by_key(|(at, _)| *at);
        found.extend(here.into_iter().map(|(_, path)| joined(&[&global, &path])));
    }
    found.extend(pages(framework, sources));
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|path| can_be_asked(path) && seen.insert(path.clone()));
    found
}

/// One file with everything that its routes depend on.
struct Reading<'s> {
    framework: &'s Framework,
    around: &'s Around,
    file: &'s str,
    text: &'s str,
    mounts: &'s [Mount<'s>],
}

impl Reading<'_> {
    /// Returns where a route stands and its whole path; nothing when it cannot be asked.
    fn route(&self, captures: &Captures<'_>, end: &str) -> Option<(usize, String)> {
        let at = captures.get(0)?.start();
        let methods = group(captures, "methods").to_ascii_uppercase();
        let other_method = methods.contains("METHOD") && !methods.contains("GET");
        if other_method || captures.name("not").is_some() || self.is_comment(at) {
            return None;
        }
        let (blocks, is_closed) = self.blocks(at);
        if is_closed {
            return None;
        }
        let named = captures.name("owner").map(|owner| owner.as_str().to_owned());
        let owner = named.or_else(|| self.last_before(&self.around.owners, at, "owner"));
        let mount = prefix(self.mounts, self.file, owner.as_deref(), MAX_NESTING)?;
        let below = self.framework.below.iter().find(|(end, _)| self.file.ends_with(end)).map_or("", |(_, path)| path);
        let class = self.last_before(&self.around.classes, at, "path").unwrap_or_default();
        let own = group(captures, "path");
        let path = joined(&[below, &mount, &blocks, &class, own]);
        let end = if self.framework.slash && own == "/" { "/" } else { end };
        Some((at, if end.is_empty() || path.ends_with('/') { path } else { format!("{path}{end}") }))
    }

    fn is_comment(&self, at: usize) -> bool {
        let line = self.text.get(..at).and_then(|before| before.rsplit('\n').next()).unwrap_or_default().trim_start();
        line.starts_with("//") || line.starts_with('#') || line.starts_with('*')
    }

    fn last_before(&self, patterns: &[Regex], at: usize, name: &str) -> Option<String> {
        let before = |captures: &Captures<'_>| captures.get(0).is_some_and(|whole| whole.start() < at);
        let last = patterns
            .iter()
            .flat_map(|pattern| pattern.captures_iter(self.text).collect::<Vec<_>>())
            .filter(before)
            .max_by_key(|captures| captures.get(0).map(|whole| whole.start()))?;
        Some(group(&last, name).to_owned())
    }

    /// Returns the path of the indented blocks around a place, and whether one of them is closed to who only asks.
    fn blocks(&self, at: usize) -> (String, bool) {
        let Around { blocks: open, closed, .. } = self.around;
        if open.is_empty() && closed.is_empty() {
            return (String::new(), false);
        }
        let before = self.text.get(..at).unwrap_or_default();
        // A pattern of whole lines begins before the line's own indentation.
        let rest = self.text.get(at..).unwrap_or_default();
        let own = rest.trim_start_matches('\n').lines().next().unwrap_or_default();
        let own_line = format!("{}{own}", before.rsplit('\n').next().unwrap_or_default());
        let mut limit = indentation(&own_line);
        let (mut path, mut is_closed) = (String::new(), false);
        for line in before.lines().rev().filter(|line| !line.trim().is_empty()) {
            if indentation(line) >= limit {
                continue;
            }
            limit = indentation(line);
            if let Some(captures) = open.iter().find_map(|pattern| pattern.captures(line)) {
                path = joined(&[group(&captures, "path"), &path]);
            }
            is_closed |= closed.iter().any(|pattern| pattern.is_match(line));
        }
        (path, is_closed)
    }
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn group<'t>(captures: &Captures<'t>, name: &str) -> &'t str {
    captures.name(name).map_or("", |found| found.as_str())
}

fn first_path(patterns: &[Regex], files: &[(&str, &str)]) -> String {
    let found = patterns.iter().find_map(|pattern| files.iter().find_map(|(_, text)| pattern.captures(text)));
    found.map(|captures| group(&captures, "path").to_owned()).unwrap_or_default()
}

fn mounts<'s>(patterns: &[Regex], files: &[(&'s str, &str)]) -> Vec<Mount<'s>> {
    let in_file = |(file, text): &(&'s str, &str)| {
        let mount = |captures: Captures<'_>| Mount {
            file,
            what: group(&captures, "what").to_owned(),
            owner: captures.name("owner").map(|owner| owner.as_str().to_owned()),
            path: group(&captures, "path").to_owned(),
        };
        patterns.iter().flat_map(|pattern| pattern.captures_iter(text)).map(mount).collect::<Vec<_>>()
    };
    files.iter().flat_map(in_file).collect()
}

/// Returns the path under which an owner of a file lies: of mounts that name the file, then of those in the file that name
/// the owner. Nothing where others are mounted and this one is not: nobody knows where it is served.
fn prefix(mounts: &[Mount<'_>], file: &str, owner: Option<&str>, nesting: usize) -> Option<String> {
    if nesting == 0 {
        return None;
    }
    let names_owner = |mount: &&Mount<'_>| {
        let words =
            |what: &str| owner.is_some_and(|owner| what.split(|one: char| !is_word(one)).any(|word| word == owner));
        mount.file == file && words(&mount.what)
    };
    let own = mounts.iter().find(names_owner);
    let outer = mounts.iter().find(|mount| mount.file != file && names_file(&mount.what, file));
    let of_owner = match own.map(|mount| (mount, mount.owner.as_deref())) {
        Some((mount, Some(outer))) => joined(&[&prefix(mounts, file, Some(outer), nesting - 1)?, &mount.path]),
        Some((mount, None)) => mount.path.clone(),
        None => String::new(),
    };
    let is_router = owner.is_some_and(|owner| owner.to_ascii_lowercase().contains("rout"));
    let is_lost = own.is_none() && outer.is_none() && is_router && mounts.iter().any(|mount| mount.file != file);
    (!is_lost).then(|| joined(&[outer.map_or("", |mount| &mount.path), &of_owner]))
}

const fn is_word(one: char) -> bool {
    one.is_ascii_alphanumeric() || one == '_'
}

/// Tells whether a mount's text names a file: by its name, or by its folder's where the name tells nothing.
fn names_file(what: &str, file: &str) -> bool {
    let parts: Vec<&str> = file.split('/').collect();
    let stem = |part: &str| part.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let telling = parts.iter().rev().map(|part| stem(part)).find(|name| !UNTELLING.contains(&name.as_str()));
    let Some(name) = telling.filter(|name| !name.is_empty()) else { return false };
    let singular = name.strip_suffix('s').filter(|name| name.len() > 3).unwrap_or(&name);
    what.to_ascii_lowercase().contains(singular)
}

/// Joins parts of a path, each with or without slashes around it.
pub(super) fn joined(parts: &[&str]) -> String {
    let mut path = String::new();
    for part in parts {
        let part = part.trim().trim_start_matches("./").trim_start_matches('/');
        if part.is_empty() {
            continue;
        }
        path = format!("{}/{part}", path.trim_end_matches('/'));
    }
    if path.is_empty() { "/".to_owned() } else { path }
}

/// Returns the paths of files that are routes by their own path.
fn pages(framework: &Framework, sources: &Sources) -> Vec<String> {
    let rules: Vec<(Regex, Regex)> = framework
        .pages
        .iter()
        .filter_map(|(path, holds)| Some((Regex::new(path).ok()?, Regex::new(holds).ok()?)))
        .collect();
    let page = |whole: &str, path: &str, (pattern, holds): &(Regex, Regex)| {
        let captures = pattern.captures(path)?;
        let holds_it = holds.as_str().is_empty() || holds.is_match(sources.text(whole)?);
        // A group of routes, or a slot, is no part of the address.
        let parts = group(&captures, "path").split('/').filter(|part| !part.starts_with(['(', '@']));
        let parts: Vec<&str> = parts.collect();
        let is_internal = parts.iter().any(|part| part.starts_with('_') || part.starts_with("404"));
        (holds_it && !is_internal).then(|| joined(&[&parts.join("/")]))
    };
    let has_mark = |root: &&&str| {
        framework.marks.iter().any(|(mark, _)| sources.paths().any(|path| path.strip_prefix(**root) == Some(mark)))
    };
    let root = framework.roots.iter().find(has_mark).copied().unwrap_or_default();
    let served =
        sources.paths().filter(|path| is_served(path)).filter_map(|path| Some((path, path.strip_prefix(root)?)));
    let mut found: Vec<(usize, String)> = served
        .filter_map(|(whole, path)| {
            rules.iter().enumerate().find_map(|(index, rule)| Some((index, page(whole, path, rule)?)))
        })
        .map(|(index, path)| (index, if framework.alone || path == "/" { path } else { trimmed(&path) }))
        .collect();
    let depth = |path: &str| path.split('/').filter(|part| !part.is_empty()).count();
    found.sort_by_key(|(index, path)| (*index, depth(path)));
    found.into_iter().map(|(_, path)| path).collect()
}

fn trimmed(path: &str) -> String {
    path.trim_end_matches('/').to_owned()
}

fn is_served(path: &str) -> bool {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    !folders.split('/').any(|part| NOT_SERVED.contains(&part)) && !path.contains(".test.") && !path.contains(".spec.")
}

/// Tells whether a path can be asked as it stands, and by who only looks.
pub(super) fn can_be_asked(path: &str) -> bool {
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    path.starts_with('/')
        && path.len() <= 200
        && !path.contains(['{', ':', '<', '[', '*', '(', '$', '?', '#', '\\', ' ', '^', '|', '+'])
        && !NOT_ASKED.contains(&last.as_str())
}
