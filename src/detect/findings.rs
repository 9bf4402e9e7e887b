//! Everything that the sources of a repository tell, together.

use regex::Regex;

use super::frameworks::{FRAMEWORKS, Framework};
use super::openapi::{ApiDocument, documents};
use super::routes::routes;
use super::runners::test_commands;
use super::sources::Sources;

/// Where a program says on which port it listens.
const PORTS: [&str; 3] = [
    r"\blisten\(\s*(?P<port>[1-9]\d{3,4})\b",
    r#"\bPORT\b["'\])]*\s*(?:\|\||\?\?|,)\s*["']?(?P<port>[1-9]\d{3,4})\b"#,
    r"\b(?:server\.)?port\s*[=:]\s*(?P<port>[1-9]\d{3,4})\b",
];

/// What the sources of a repository tell. Nothing of it was asked of production.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Detected {
    /// The frameworks, such as `FastAPI`; the one that counts most is the first.
    pub frameworks: Vec<&'static str>,
    /// Commands that run the repository's own tests from its root.
    pub test_commands: Vec<&'static str>,
    /// The port on which it usually listens.
    pub port: Option<u16>,
    /// Routes that answer GET and need no parameter: those of OpenAPI documents first, then those of the sources.
    pub routes: Vec<String>,
    /// Health routes that the frameworks bring themselves.
    pub health: Vec<&'static str>,
    /// Version routes that the frameworks bring themselves.
    pub version: Vec<&'static str>,
    /// The OpenAPI documents that were read.
    pub documents: Vec<String>,
    /// What cannot be read, one line each.
    pub unread: Vec<String>,
}

/// Reads what sources tell.
pub fn detect(sources: &Sources) -> Detected {
    let recognised: Vec<&Framework> = FRAMEWORKS.iter().filter(|framework| is_used(framework, sources)).collect();
    let only = recognised.iter().all(|framework| framework.alone);
    let frameworks: Vec<&Framework> = recognised.into_iter().filter(|framework| only || !framework.alone).collect();
    let mut detected = Detected {
        frameworks: frameworks.iter().map(|framework| framework.name).collect(),
        test_commands: test_commands(sources),
        port: frameworks.first().map(|framework| port(framework, sources)),
        health: frameworks.iter().flat_map(|framework| framework.health).copied().collect(),
        version: frameworks.iter().flat_map(|framework| framework.version).copied().collect(),
        ..Detected::default()
    };
    for (path, document) in documents(sources) {
        match document {
            ApiDocument::Routes(found) => {
                detected.documents.push(path);
                detected.routes.extend(found);
            }
            ApiDocument::Unread(why) => detected.unread.push(format!("{path}: {why}")),
            ApiDocument::Other => {}
        }
    }
    detected.routes.extend(frameworks.iter().flat_map(|framework| routes(framework, sources)));
    let mut seen = std::collections::BTreeSet::new();
    detected.routes.retain(|path| seen.insert(path.clone()));
    detected
}

fn is_used(framework: &Framework, sources: &Sources) -> bool {
    framework.marks.iter().any(|(end, says)| {
        let says = Regex::new(says).ok();
        sources.ending(end).any(|(_, text)| says.as_ref().is_some_and(|says| says.is_match(text)))
    })
}

fn port(framework: &Framework, sources: &Sources) -> u16 {
    let files = || framework.files.iter().flat_map(|end| sources.ending(end)).map(|(_, text)| text);
    let told = PORTS
        .iter()
        .filter_map(|pattern| Regex::new(pattern).ok())
        .find_map(|pattern| files().find_map(|text| pattern.captures(text)?.name("port")?.as_str().parse().ok()));
    told.unwrap_or(framework.port)
}
