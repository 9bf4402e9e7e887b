//! What is handed out beside the program — plugins, bundle, image, the registry's document — says the same as the
//! program does.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn text(path: &str) -> String {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn document(path: &str) -> Value {
    serde_json::from_str(&text(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn words(value: &Value) -> Vec<String> {
    value.as_array().expect("a list").iter().map(|word| word.as_str().expect("a text").to_owned()).collect()
}

/// The registry's entry of one kind of package.
fn package(kind: &str) -> Value {
    let server = document("server.json");
    let mut packages = server["packages"].as_array().expect("packages").iter();
    packages.find(|package| package["registryType"] == kind).unwrap_or_else(|| panic!("no package of {kind}")).clone()
}

/// Starts the server with nothing on its input: it ends at once, with code 2 when it does not know a word.
fn starts(arguments: &[String]) {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_snipara-orchestrator"))
        .args(arguments)
        .current_dir(folder.path())
        .env("HOME", folder.path())
        .env("SNIPARA_ORCHESTRATOR_HOME", folder.path().join("state"))
        .stdin(Stdio::null())
        .output()
        .expect("the binary starts");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn everything_has_the_programs_version() {
    for path in [
        "plugins/claude-code/.claude-plugin/plugin.json",
        "plugins/claude-code-stop-gate/.claude-plugin/plugin.json",
        "server.json",
    ] {
        assert_eq!(document(path)["version"], VERSION, "{path}");
    }
    assert!(text("CHANGELOG.md").contains(&format!("\n## [{VERSION}]")), "CHANGELOG.md says nothing of {VERSION}");
    let image = &package("oci")["identifier"];
    assert_eq!(*image, format!("ghcr.io/snipara/snipara-orchestrator:{VERSION}"));
    for kind in ["npm", "pypi"] {
        assert_eq!(package(kind)["version"], VERSION, "{kind}");
    }
}

#[test]
fn the_plugins_skill_is_the_one_that_the_server_serves() {
    for (file, given) in snipara_orchestrator::skill::SKILL_FILES {
        let path = format!("plugins/claude-code/skills/prod-first-validation/{file}");
        assert_eq!(text(&path), given, "copy src/skill/{file} to {path}");
    }
}

#[test]
fn the_plugins_server_is_one_that_our_binary_is() {
    let server = &document("plugins/claude-code/.mcp.json")["mcpServers"]["orchestrator"];
    assert_eq!(server["command"], "snipara-orchestrator");
    starts(&words(&server["args"]));
}

#[test]
fn the_marketplace_names_the_plugins_as_they_name_themselves() {
    let marketplace = document(".claude-plugin/marketplace.json");
    let plugins = marketplace["plugins"].as_array().expect("a list");
    assert_eq!(plugins.len(), 2);
    for plugin in plugins {
        let source = plugin["source"].as_str().expect("a folder").trim_start_matches("./");
        assert_eq!(document(&format!("{source}/.claude-plugin/plugin.json"))["name"], plugin["name"]);
    }
}

/// The limit of most clients' models is 64; a person's own prefix may come before it.
const LONGEST_NAME: usize = 60;

/// How each client calls a tool of ours: the plugin's server, and the one that `install` writes.
#[test]
fn no_client_calls_a_tool_by_a_name_that_is_too_long() {
    let plugin =
        document("plugins/claude-code/.claude-plugin/plugin.json")["name"].as_str().expect("a name").to_owned();
    let servers = document("plugins/claude-code/.mcp.json");
    let server = servers["mcpServers"].as_object().expect("servers").keys().next().expect("one").clone();
    let prefixes = [
        format!("mcp__plugin_{plugin}_{server}__"),
        "mcp__snipara-orchestrator__".to_owned(),
        "mcp__snipara_orchestrator__".to_owned(),
        "mcp_snipara-orchestrator_".to_owned(),
    ];
    let tools = snipara_orchestrator::mcp::tool_definitions();
    assert!(tools.len() > 30, "{} tools", tools.len());
    for (tool, _) in tools {
        for prefix in &prefixes {
            let name = format!("{prefix}{tool}");
            assert!(name.len() <= LONGEST_NAME, "{name} has {} characters", name.len());
        }
    }
}

/// Runs a hook of a plugin as Claude Code does, with the PATH that is given.
fn hook(path: &str, plugin: &str, event: &str) -> std::process::Output {
    use std::io::Write;
    let hooks = document(&format!("plugins/{plugin}/hooks/hooks.json"));
    let handler = &hooks["hooks"][event][0]["hooks"][0];
    assert_eq!(handler["type"], "command");
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = Command::new("/bin/sh")
        .args(["-c", handler["command"].as_str().expect("a command")])
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", path)
        .env("HOME", folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the shell starts");
    // A hook that reads nothing may have ended before.
    drop(child.stdin.take().expect("a pipe").write_all(b"{}"));
    child.wait_with_output().expect("it ends")
}

const PLUGIN_HOOKS: [(&str, &str); 3] =
    [("claude-code", "SessionStart"), ("claude-code", "PreCompact"), ("claude-code-stop-gate", "Stop")];

#[cfg(unix)]
#[test]
fn the_plugins_hooks_are_commands_that_our_binary_knows() {
    let bin = PathBuf::from(env!("CARGO_BIN_EXE_snipara-orchestrator"));
    let path = format!("{}:/usr/bin:/bin", bin.parent().expect("a folder").display());
    for (plugin, event) in PLUGIN_HOOKS {
        let output = hook(&path, plugin, event);
        assert!(output.status.success(), "{event}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(!String::from_utf8_lossy(&output.stdout).contains("PATH"), "{event}: {output:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_plugin_without_the_program_says_how_to_get_it_and_holds_nobody_up() {
    for (plugin, event) in PLUGIN_HOOKS {
        let output = hook("/nonexistent", plugin, event);
        assert!(output.status.success() && output.stderr.is_empty(), "{event}: {output:?}");
        if event != "PreCompact" {
            let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
            let told = answer["systemMessage"].as_str().expect("a message");
            assert!(told.contains("uv tool install snipara-orchestrator-mcp"), "{told}");
            assert_eq!(answer.get("decision"), None);
        }
    }
}

#[test]
fn the_bundle_starts_the_program_with_what_the_person_filled_in() {
    let manifest = document("packaging/mcpb/manifest.json");
    assert_eq!((&manifest["manifest_version"], &manifest["server"]["type"]), (&json!("0.3"), &json!("binary")));
    let config = &manifest["server"]["mcp_config"];
    let entry_point = manifest["server"]["entry_point"].as_str().expect("a path");
    assert_eq!(config["command"], format!("${{__dirname}}/{entry_point}"));
    let folder = tempfile::tempdir().expect("a folder");
    let fields = manifest["user_config"].as_object().expect("fields");
    let filled_in: Vec<String> = words(&config["args"])
        .into_iter()
        .map(|word| {
            let Some(name) = word.strip_prefix("${user_config.").and_then(|word| word.strip_suffix('}')) else {
                return word;
            };
            // A field that may be empty would be handed on as it stands here.
            assert_eq!(fields[name]["required"], true, "{name}");
            match fields[name]["type"].as_str() {
                Some("directory") => folder.path().display().to_string(),
                _ => "https://api.example.com".to_owned(),
            }
        })
        .collect();
    assert_eq!(filled_in.iter().filter(|word| word.contains("${")).count(), 0, "{filled_in:?}");
    starts(&filled_in);
}

/// The rules of the registry's schema of 2025-12-11 and of the registry itself, as far as they bear on ours.
#[test]
fn the_registry_can_take_our_document() {
    let server = document("server.json");
    assert_eq!(server["$schema"], "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json");
    let name = server["name"].as_str().expect("a name");
    let (namespace, own) = name.split_once('/').expect("one slash");
    let allowed = |text: &str, more: &str| {
        !text.is_empty() && text.chars().all(|one| one.is_ascii_alphanumeric() || more.contains(one))
    };
    assert!(allowed(namespace, ".-") && allowed(own, "._-") && namespace.starts_with("io.github."), "{name}");
    let description = server["description"].as_str().expect("a text").chars().count();
    assert!((1..=100).contains(&description), "{description} characters");
    let version = server["version"].as_str().expect("a version");
    assert!(version.split('.').count() == 3 && !version.contains(['^', '~', '*', '<', '>', '=', 'x']), "{version}");
    for package in server["packages"].as_array().expect("packages") {
        assert_eq!(package["transport"]["type"], "stdio");
        match package["registryType"].as_str() {
            // The tag is the version; a field of its own is refused.
            Some("oci") => assert!(package.get("version").is_none() && package["identifier"].as_str().is_some()),
            Some("npm" | "pypi") => {
                assert_eq!(package["identifier"], "snipara-orchestrator-mcp");
                assert!(package["version"].as_str().is_some_and(|version| version != "latest"), "{package}");
            }
            Some("mcpb") => assert!(package["fileSha256"].as_str().is_some_and(|digest| digest.len() == 64)),
            other => panic!("a package of the kind {other:?}"),
        }
        for argument in ["runtimeArguments", "packageArguments"]
            .into_iter()
            .flat_map(|key| package[key].as_array().into_iter().flatten())
        {
            match argument["type"].as_str() {
                Some("named") => assert!(argument["name"].as_str().is_some_and(|name| name.starts_with("--"))),
                Some("positional") => assert!(argument.get("value").or(argument.get("valueHint")).is_some()),
                other => panic!("an argument of the kind {other:?}"),
            }
        }
    }
}

#[test]
fn the_program_takes_the_words_of_the_registrys_document() {
    let folder = tempfile::tempdir().expect("a folder");
    for kind in ["oci", "npm", "pypi"] {
        let arguments: Vec<String> = package(kind)["packageArguments"]
            .as_array()
            .expect("arguments")
            .iter()
            .flat_map(|argument| match (argument["name"].as_str(), argument["format"].as_str()) {
                (Some(name), Some("filepath")) => vec![name.to_owned(), folder.path().display().to_string()],
                (Some(name), _) => vec![name.to_owned(), argument["placeholder"].as_str().expect("one").to_owned()],
                (None, _) => vec![argument["value"].as_str().expect("a value").to_owned()],
            })
            .collect();
        starts(&arguments);
    }
}

/// `cargo binstall` looks where Cargo.toml says; the release's archive is named by packaging/bundle.py.
#[test]
fn binstall_looks_for_the_archive_that_is_made() {
    let manifest: toml::Table = text("Cargo.toml").parse().expect("TOML");
    let binstall = &manifest["package"]["metadata"]["binstall"];
    let address = binstall["pkg-url"].as_str().expect("an address");
    assert!(address.ends_with("/releases/download/v{ version }/{ name }-{ version }-{ target }{ archive-suffix }"));
    assert_eq!(binstall["bin-dir"].as_str(), Some("{ name }-{ version }-{ target }/{ bin }{ binary-ext }"));
    let maker = text("packaging/bundle.py");
    assert!(maker.contains(r#"base = f"{facts.PROGRAM}-{about.version}-{binary.target}""#), "{maker}");
    assert!(maker.contains(r#"f"{base}/{name}{binary.suffix}""#) && maker.contains(r#"f"{base}.tar.gz""#), "{maker}");
}

#[test]
fn the_image_is_ours_and_runs_as_nobody_special() {
    let file = text("Dockerfile");
    let last = file.rsplit_once("\nFROM ").expect("two stages").1;
    let name = document("server.json")["name"].as_str().expect("a name").to_owned();
    assert!(last.contains(&format!("io.modelcontextprotocol.server.name=\"{name}\"")), "{last}");
    let user = last.lines().find_map(|line| line.strip_prefix("USER ")).expect("a USER");
    let number: u32 = user.split(':').next().expect("a number").parse().expect("a number");
    assert!(number > 0);
    assert!(last.contains("ENTRYPOINT [\"/usr/local/bin/snipara-orchestrator\"]") && last.contains("CMD [\"mcp\"]"));
    for line in file.lines().filter_map(|line| line.strip_prefix("FROM ")) {
        let image = line.split(' ').next().expect("an image");
        assert!(image.contains(':') && !image.ends_with(":latest"), "{image} is no fixed version");
    }
    let rust = file.split("FROM rust:").nth(1).and_then(|rest| rest.split('-').next()).expect("a version of Rust");
    assert!(text("Cargo.toml").contains(&format!("rust-version = \"{rust}\"")), "{rust}");
}

#[test]
fn every_action_of_a_workflow_is_pinned_by_its_digest() {
    for path in [".github/workflows/ci.yml", ".github/workflows/release.yml"] {
        for line in text(path).lines().filter(|line| line.contains("uses:")) {
            let digest = line.split_once('@').and_then(|(_, rest)| rest.split_whitespace().next()).unwrap_or_default();
            let is_digest = digest.len() == 40 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
            assert!(is_digest && line.contains(" # v"), "{path}: {line}");
        }
    }
}

/// A script reads an input under its name; one that the action does not hand on would be empty.
#[test]
fn the_actions_scripts_are_handed_every_input_that_they_read() {
    let action = text("action.yml");
    let scripts = ["packaging/action/install.sh", "packaging/action/run.sh"].map(text).concat();
    let mut read: Vec<&str> = scripts
        .match_indices("INPUT_")
        .map(|(at, _)| scripts[at..].split(|it: char| !(it.is_ascii_uppercase() || it == '_')).next().expect("a name"))
        .collect();
    read.sort_unstable();
    read.dedup();
    assert_eq!(read.len(), 8, "{read:?}");
    for name in read {
        let input = name.trim_start_matches("INPUT_").to_lowercase().replace('_', "-");
        assert!(action.contains(&format!("{name}: ${{{{ inputs.{input} }}}}")), "{name}");
        assert!(action.contains(&format!("\n  {input}:\n")), "{input}");
    }
}
