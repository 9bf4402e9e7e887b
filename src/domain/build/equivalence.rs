//! Whether what changed since production's commit reaches production at all.

/// What is known of how the repository is deployed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeployRules {
    /// The trusted globs of what is deployed; empty where nothing is set.
    pub deploy_paths: Vec<String>,
    /// Whether a site generator may publish `docs/` and the texts at the root ([`SITE_GENERATOR_FILES`]).
    pub publishes_docs: bool,
}

/// Files of site generators: a repository that has one may publish its texts. Globs of git (gitglossary(7), pathspec).
pub const SITE_GENERATOR_FILES: [&str; 24] = [
    "mkdocs.yml",
    "mkdocs.yaml",
    "zensical.toml",
    "**/docusaurus.config.*",
    "**/.vitepress/**",
    "**/.vuepress/**",
    "**/astro.config.*",
    "**/conf.py",
    "_config.yml",
    "**/_config.yml",
    "hugo.*",
    "**/hugo.*",
    "config.toml",
    "antora.yml",
    "antora-playbook.yml",
    "**/book.toml",
    "**/gatsby-config.*",
    "**/.eleventy.*",
    "**/eleventy.config.*",
    "docs/CNAME",
    "docs/**/*.html",
    "**/nextra.config.*",
    "**/mint.json",
    ".readthedocs.y*ml",
];

/// What no deployment holds, at the root of a repository.
const BESIDE: [&str; 4] = ["README*", "LICENSE*", "CHANGELOG*", ".github/**"];

/// Read by this program alone.
const CONFIGURATION_FILE: &str = ".snipara-orchestrator.json";

/// Returns why a difference reaches no deployment, or nothing where it may.
pub(super) fn why_equivalent(changed: &[String], rules: &DeployRules) -> Option<&'static str> {
    // What `init` has written is committed, and production runs what was deployed before.
    let changed: Vec<&String> = changed.iter().filter(|path| *path != CONFIGURATION_FILE).collect();
    if changed.is_empty() {
        return Some("only the configuration of snipara-orchestrator changed since");
    }
    let all_match = |globs: &[&str]| changed.iter().all(|path| globs.iter().any(|glob| matches_glob(glob, path)));
    if !rules.deploy_paths.is_empty() {
        let is_deployed = |path: &String| rules.deploy_paths.iter().any(|glob| matches_glob(glob, path));
        return (!changed.iter().copied().any(is_deployed)).then_some("nothing under deploy_paths changed since");
    }
    if all_match(&BESIDE) && !rules.publishes_docs {
        return Some("only README, LICENSE, CHANGELOG or .github/ changed since");
    }
    let with_docs = [BESIDE.as_slice(), &["docs/**"]].concat();
    (all_match(&with_docs) && !rules.publishes_docs)
        .then_some("only texts beside the code (README, docs/ …) changed since")
}

/// Compares a path with a glob: `*` and `?` within one name, `**` over folders; a folder's name stands for all in it.
fn matches_glob(glob: &str, path: &str) -> bool {
    let glob = glob.trim_start_matches("./").trim_start_matches('/');
    let is_folder = glob.ends_with('/');
    let mut names: Vec<&str> = glob.split('/').filter(|name| !name.is_empty()).collect();
    let parts: Vec<&str> = path.split('/').collect();
    if is_folder {
        names.push("**");
    }
    names_match(&names, &parts)
}

fn names_match(names: &[&str], parts: &[&str]) -> bool {
    match (names.split_first(), parts.split_first()) {
        (None, None) => true,
        // `src` is the folder with all in it.
        (None, Some(_)) => false,
        (Some((&"**", rest)), _) => {
            (rest.is_empty() && !parts.is_empty())
                || (0..=parts.len())
                    .any(|skip| parts.get(skip..).is_some_and(|left| !rest.is_empty() && names_match(rest, left)))
        }
        (Some((name, rest)), Some((part, left))) => {
            let fits = name_matches(name.as_bytes(), part.as_bytes());
            fits && (names_match(rest, left) || (rest.is_empty() && !left.is_empty() && !name.contains(['*', '?'])))
        }
        (Some(_), None) => false,
    }
}

/// Compares one name, in steps that are linear in `*` (Kirk Krauss's two-pointer form).
fn name_matches(glob: &[u8], name: &[u8]) -> bool {
    let (mut at_glob, mut at_name, mut star) = (0, 0, None);
    while let Some(letter) = name.get(at_name) {
        match (glob.get(at_glob), star) {
            (Some(b'*'), _) => {
                star = Some((at_glob, at_name));
                at_glob += 1;
            }
            (Some(wanted), _) if *wanted == b'?' || wanted == letter => {
                at_glob += 1;
                at_name += 1;
            }
            (_, Some((star_glob, star_name))) => {
                star = Some((star_glob, star_name + 1));
                at_glob = star_glob + 1;
                at_name = star_name + 1;
            }
            (_, None) => return false,
        }
    }
    glob.get(at_glob..).unwrap_or_default().iter().all(|letter| *letter == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_are_read_as_people_write_them() {
        for (glob, path, fits) in [
            ("src/**", "src/a/b.rs", true),
            ("src", "src/a/b.rs", true),
            ("src/", "src/a.rs", true),
            ("./src/*.rs", "src/a.rs", true),
            ("src/*.rs", "src/a/b.rs", false),
            ("**/Dockerfile", "Dockerfile", true),
            ("**/Dockerfile", "a/b/Dockerfile", true),
            ("apps/*/src/**", "apps/web/src/x.ts", true),
            ("apps/*/src/**", "apps/web/test/x.ts", false),
            ("package*.json", "package-lock.json", true),
            ("README*", "README.md", true),
            ("README*", "content/README.md", false),
            ("src/?.rs", "src/ab.rs", false),
            ("src", "srcs/a.rs", false),
            ("**", "a/b", true),
            ("a/**/b", "a/b", true),
        ] {
            assert_eq!(matches_glob(glob, path), fits, "{glob} {path}");
        }
    }

    #[test]
    fn a_difference_beside_the_code_reaches_no_production() {
        let why = |changed: &[&str], deploy_paths: &[&str], publishes_docs| {
            let owned = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
            why_equivalent(&owned(changed), &DeployRules { deploy_paths: owned(deploy_paths), publishes_docs })
                .is_some()
        };
        assert!(why(&["README.md", "LICENSE", "CHANGELOG.md", ".github/workflows/ci.yml"], &[], false));
        assert!(why(&["docs/a.md"], &[], false));
        assert!(!why(&["docs/a.md"], &[], true));
        assert!(!why(&["README.md", "src/a.rs"], &[], false));
        assert!(why(&[".snipara-orchestrator.json"], &["src/**"], true));
        assert!(why(&[".snipara-orchestrator.json", "README.md"], &[], false));
        assert!(!why(&[".snipara-orchestrator.json", "src/a.rs"], &[], false));
        assert!(!why(&["web/.snipara-orchestrator.json"], &[], false));
        assert!(!why(&["content/README.md"], &[], false));
        assert!(!why(&["docs.rs"], &[], false));
        assert!(why(&["infra/x.tf", "web/a.ts"], &["api/**", "Cargo.*"], false));
        assert!(!why(&["infra/x.tf", "api/a.rs"], &["api/**"], false));
    }
}
