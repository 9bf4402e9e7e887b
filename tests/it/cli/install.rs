//! `install`, `uninstall` and `skill` in a HOME of their own, with clients' programs that only write down what they
//! were told.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::place::{Ended, Place};

const NAME: &str = "snipara-orchestrator";
const PROD: [&str; 2] = ["--prod-url", "https://api.example.com"];

fn at_home(place: &Place, file: &str) -> PathBuf {
    place.path().join("home").join(file)
}

fn in_repository(place: &Place, file: &str) -> PathBuf {
    place.repository().join(file)
}

fn text(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn document(file: &Path) -> Value {
    serde_json::from_str(&text(file)).expect("JSON")
}

fn put(file: &Path, text: &str) {
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    std::fs::write(file, text).expect("written");
}

async fn succeeds(place: &Place, words: &[&str]) -> Ended {
    let ended = place.run(words).await;
    assert_eq!(ended.code, Some(0), "{words:?}: {ended:#?}");
    ended
}

async fn refused(place: &Place, words: &[&str]) -> Ended {
    let ended = place.run(words).await;
    assert_eq!(ended.code, Some(2), "{words:?}: {ended:#?}");
    ended
}

/// A `claude` that writes down its words and edits its file as the real one does.
const CLAUDE: &str = r#"printf '%s\n' "$*" >> "$HOME/told"
case "$6" in user) file="$HOME/.claude.json";; project) file=".mcp.json";; esac
case "$2" in
add-json) printf '{"mcpServers": {"%s": %s}}\n' "$3" "$4" > "$file";;
remove) case "$5" in user) file="$HOME/.claude.json";; project) file=".mcp.json";; esac
  printf '{"mcpServers": {}}\n' > "$file";;
esac"#;

/// A `codex` that does the same.
const CODEX: &str = r#"printf '%s\n' "$*" >> "$HOME/told"
case "$2" in
add) printf '\n[mcp_servers.%s]\ncommand = "%s"\nargs = ["%s", "%s", "%s"]\n' "$3" "$5" "$6" "$7" "$8" \
  >> "$HOME/.codex/config.toml";;
remove) printf '# mine\n' > "$HOME/.codex/config.toml";;
esac"#;

#[tokio::test]
async fn each_client_finds_us_in_its_own_file_and_uninstall_takes_us_out_again() {
    let place = Place::new();
    for (client, scope, file, section) in [
        ("claude", "--project", in_repository(&place, ".mcp.json"), "mcpServers"),
        ("claude", "--user", at_home(&place, ".claude.json"), "mcpServers"),
        ("cursor", "--project", in_repository(&place, ".cursor/mcp.json"), "mcpServers"),
        ("cursor", "--user", at_home(&place, ".cursor/mcp.json"), "mcpServers"),
        ("vscode", "--project", in_repository(&place, ".vscode/mcp.json"), "servers"),
        ("gemini", "--project", in_repository(&place, ".gemini/settings.json"), "mcpServers"),
        ("gemini", "--user", at_home(&place, ".gemini/settings.json"), "mcpServers"),
        ("windsurf", "--user", at_home(&place, ".codeium/windsurf/mcp_config.json"), "mcpServers"),
    ] {
        let added = succeeds(&place, &["install", client, scope, PROD[0], PROD[1]]).await;
        assert!(added.stdout.starts_with("✓ added"), "{added:#?}");
        let entry = &document(&file)[section][NAME];
        assert_eq!(entry["command"], NAME, "{client}: {entry}");
        let arguments = entry["args"].as_array().expect("arguments");
        assert_eq!(arguments[..3], [json!("mcp"), json!(PROD[0]), json!(PROD[1])], "{client}: {entry}");
        succeeds(&place, &["uninstall", client, scope]).await;
        assert!(!file.exists(), "{client}: {}", text(&file));
    }
}

#[tokio::test]
async fn the_second_time_nothing_changes_and_nothing_is_written() {
    let place = Place::new();
    for client in ["claude", "codex", "cursor", "vscode", "gemini"] {
        let words = ["install", client, PROD[0], PROD[1], "--json"];
        let first = succeeds(&place, &words).await.json();
        let file = PathBuf::from(first["file"].as_str().expect("a file"));
        assert_eq!((&first["status"], first["scope"].as_str()), (&json!("added"), Some("project")), "{first}");
        let before = (text(&file), std::fs::metadata(&file).expect("metadata").modified().expect("a time"));
        let second = succeeds(&place, &words).await.json();
        assert_eq!(second["status"], "unchanged", "{second}");
        let after = (text(&file), std::fs::metadata(&file).expect("metadata").modified().expect("a time"));
        assert_eq!(before, after, "{client}");
    }
}

#[tokio::test]
async fn what_else_stands_in_a_file_stays_to_the_byte() {
    let place = Place::new();
    let file = at_home(&place, ".codeium/windsurf/mcp_config.json");
    let before = "{\n    \"theme\" : \"dark\",\n    \"mcpServers\": {\n        \"b\": {\"command\":\"b\"},\n        \"a\": {}\n    }\n}\n";
    put(&file, before);
    succeeds(&place, &["install", "windsurf"]).await;
    assert!(text(&file).starts_with(before.split("        \"a\": {}").next().expect("a head")), "{}", text(&file));
    succeeds(&place, &["uninstall", "windsurf"]).await;
    assert_eq!(text(&file), before);

    let file = at_home(&place, ".codex/config.toml");
    let before = "# mine\nmodel = \"x\" # why\n\n[mcp_servers.b]\ncommand = \"b\"\n";
    put(&file, before);
    succeeds(&place, &["install", "codex"]).await;
    assert!(text(&file).contains("tool_timeout_sec = 650"), "{}", text(&file));
    succeeds(&place, &["uninstall", "codex"]).await;
    assert_eq!(text(&file), before);
}

#[tokio::test]
async fn comments_and_trailing_commas_stay_to_the_byte() {
    let place = Place::new();
    let file = in_repository(&place, ".vscode/mcp.json");
    let before = "{\n  // ours\n  \"servers\": {\n    \"other\": { \"command\": \"x\", },\n  },\n}\n";
    put(&file, before);
    succeeds(&place, &["install", "vscode", PROD[0], PROD[1]]).await;
    let (head, tail) = before.split_once("\n  },").expect("two parts");
    assert!(text(&file).starts_with(head) && text(&file).ends_with(tail), "{}", text(&file));
    assert!(text(&file).contains("\"snipara-orchestrator\": {"), "{}", text(&file));
    succeeds(&place, &["uninstall", "vscode", "--project"]).await;
    assert_eq!(text(&file), before);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_left_alone() {
    let place = Place::new();
    for (client, file, before) in [
        ("vscode", ".vscode/mcp.json", "{\n  // our servers\n  servers: {}\n}\n"),
        ("cursor", ".cursor/mcp.json", "{\"mcpServers\": "),
        ("gemini", ".gemini/settings.json", "{\"mcpServers\": []}"),
        ("codex", ".codex/config.toml", "model = \"planted-secret\nx"),
    ] {
        let file = in_repository(&place, file);
        put(&file, before);
        for verb in ["install", "uninstall"] {
            let ended = refused(&place, &[verb, client, "--project"]).await;
            let name = file.file_name().expect("a name").to_string_lossy();
            assert!(ended.stderr.contains(&*name) && ended.stderr.contains("--print"), "{ended:#?}");
            assert!(!ended.stderr.contains("planted"), "{ended:#?}");
        }
        assert_eq!(text(&file), before, "{client}");
    }
}

#[tokio::test]
async fn another_entry_of_our_name_is_replaced_only_when_yes_is_said_and_secrets_are_not_shown() {
    let place = Place::new();
    let file = in_repository(&place, ".cursor/mcp.json");
    put(
        &file,
        r#"{"mcpServers": {"snipara-orchestrator": {"url": "https://o.example.com/mcp", "disabled": true,
            "headers": {"Authorization": "Bearer planted-secret"}}}}"#,
    );
    let before = text(&file);
    let words = ["install", "cursor", PROD[0], PROD[1]];
    let ended = refused(&place, &words).await;
    assert!(ended.stderr.contains("--yes") && ended.stderr.contains("url, headers"), "{ended:#?}");
    assert_eq!(text(&file), before);

    let ended = succeeds(&place, &[&words[..], &["--yes"]].concat()).await;
    assert!(ended.stdout.contains("- url = \"https://o.example.com/mcp\""), "{ended:#?}");
    assert!(ended.stdout.contains("- headers = \"(not shown)\"") && !ended.stdout.contains("planted"), "{ended:#?}");
    assert!(ended.stdout.contains("+ command = \"snipara-orchestrator\""), "{ended:#?}");
    let entry = &document(&file)["mcpServers"][NAME];
    assert_eq!((&entry["url"], &entry["headers"], &entry["disabled"]), (&Value::Null, &Value::Null, &json!(true)));
}

#[tokio::test]
async fn a_remote_entry_names_a_variable_and_never_holds_the_token() {
    let place = Place::new();
    for (client, reference) in [
        ("claude", "Bearer ${SNIPARA_ORCHESTRATOR_TOKEN}"),
        ("cursor", "Bearer ${env:SNIPARA_ORCHESTRATOR_TOKEN}"),
        ("gemini", "Bearer ${SNIPARA_ORCHESTRATOR_TOKEN}"),
        ("windsurf", "Bearer ${env:SNIPARA_ORCHESTRATOR_TOKEN}"),
        ("codex", "bearer_token_env_var = \"SNIPARA_ORCHESTRATOR_TOKEN\""),
    ] {
        let words = ["install", client, "--user", "--http", "https://o.example.com/mcp", "--json"];
        let mut command = place.command(&words);
        command.env("SNIPARA_ORCHESTRATOR_TOKEN", "planted-token-0123456789");
        let ended = super::place::ended(command.spawn().expect("starts")).await;
        assert_eq!(ended.code, Some(0), "{ended:#?}");
        let written = text(Path::new(ended.json()["file"].as_str().expect("a file")));
        assert!(written.contains(reference) && written.contains("https://o.example.com/mcp"), "{client}: {written}");
        assert!(!written.contains("planted") && !ended.stderr.contains("planted"), "{client}: {written}");
    }
    let shown = succeeds(&place, &["install", "claude", "--http", "http://127.0.0.1:8787", "--print"]).await;
    let entry = serde_json::from_str::<Value>(&shown.stdout).expect("JSON")["mcpServers"][NAME].clone();
    assert_eq!(entry, json!({ "type": "http", "url": "http://127.0.0.1:8787/mcp" }));
}

#[tokio::test]
async fn print_writes_nothing_and_bad_words_are_told_by_name() {
    let place = Place::new();
    place.program("claude", CLAUDE);
    let shown = succeeds(&place, &["install", "claude", "--print", PROD[0], PROD[1]]).await;
    assert_eq!(serde_json::from_str::<Value>(&shown.stdout).expect("JSON")["mcpServers"][NAME]["command"], NAME);
    for (words, told) in [
        (&["install", "claude", "--prod-url", "nonsense"][..], "--prod-url"),
        (&["install", "claude", "--http", "https://me:planted@o.example.com"], "--http"),
        (&["install", "claude", "--http", "https://o.example.com", "--prod-url", "https://p.example.com"], "--http"),
        (&["install", "claude", "--http", "https://o.example.com", "--token-env", "pl-anted"], "--token-env"),
        (&["install", "windsurf", "--project"], "Windsurf"),
        (&["install", "emacs"], "emacs"),
    ] {
        let ended = refused(&place, words).await;
        assert!(ended.stderr.contains(told) && !ended.stderr.contains("planted"), "{ended:#?}");
    }
    assert_eq!(std::fs::read_dir(place.path().join("home")).expect("a folder").count(), 0);
    assert!(!in_repository(&place, ".mcp.json").exists());
}

#[tokio::test]
async fn claude_is_told_by_its_own_program() {
    let place = Place::new();
    place.program("claude", CLAUDE);
    let ended = succeeds(&place, &["install", "claude", PROD[0], PROD[1], "--user"]).await;
    assert!(ended.stdout.contains("(by `claude mcp`)"), "{ended:#?}");
    let told = text(&at_home(&place, "told"));
    assert!(told.starts_with("mcp add-json snipara-orchestrator {") && told.ends_with("--scope user\n"), "{told}");
    assert_eq!(document(&at_home(&place, ".claude.json"))["mcpServers"][NAME]["args"][2], PROD[1]);

    // The second time there is nothing to tell.
    succeeds(&place, &["install", "claude", PROD[0], PROD[1], "--user"]).await;
    assert_eq!(text(&at_home(&place, "told")), told);

    succeeds(&place, &["uninstall", "claude"]).await;
    let told = text(&at_home(&place, "told"));
    assert_eq!(told.lines().nth(1), Some("mcp remove snipara-orchestrator --scope user"), "{told}");
}

/// Found by a reader of the code: the merged entry, with what a person had put into it, stood in the process list.
#[tokio::test]
async fn what_a_person_put_into_our_entry_is_told_to_no_program() {
    let place = Place::new();
    place.program("claude", CLAUDE);
    let env = json!({"SNIPARA_API_KEY": "planted-key"});
    let entry = json!({"command": NAME, "args": ["mcp", "--prod-url", "https://old.example.com"], "env": env});
    put(&at_home(&place, ".claude.json"), &json!({"mcpServers": {NAME: entry}}).to_string());
    succeeds(&place, &["install", "claude", PROD[0], PROD[1], "--user", "--yes"]).await;
    let written = document(&at_home(&place, ".claude.json"));
    assert_eq!(written["mcpServers"][NAME]["args"][2], PROD[1]);
    assert_eq!(written["mcpServers"][NAME]["env"]["SNIPARA_API_KEY"], "planted-key");
    assert!(!at_home(&place, "told").exists(), "the program was told: {}", text(&at_home(&place, "told")));
}

#[tokio::test]
async fn codex_is_told_by_its_own_program_and_then_waits_longer() {
    let place = Place::new();
    place.program("codex", CODEX);
    put(&at_home(&place, ".codex/config.toml"), "# mine\n");
    let ended = succeeds(&place, &["install", "codex", "--user", PROD[0], PROD[1]]).await;
    assert!(ended.stdout.contains("(by `codex mcp`)"), "{ended:#?}");
    assert_eq!(
        text(&at_home(&place, "told")),
        "mcp add snipara-orchestrator -- snipara-orchestrator mcp --prod-url https://api.example.com\n"
    );
    let written: toml::Table = text(&at_home(&place, ".codex/config.toml")).parse().expect("TOML");
    assert_eq!(written["mcp_servers"][NAME]["tool_timeout_sec"].as_integer(), Some(650));
    succeeds(&place, &["uninstall", "codex"]).await;
    assert_eq!(text(&at_home(&place, ".codex/config.toml")), "# mine\n");
}

#[tokio::test]
async fn a_program_that_fails_or_does_nothing_is_not_taken_for_done() {
    let place = Place::new();
    place.program("claude", "echo 'no such command' >&2; exit 1");
    let ended = place.run(&["install", "claude"]).await;
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    assert!(ended.stderr.contains("`claude mcp add-json` failed: no such command"), "{ended:#?}");
    place.program("claude", "exit 0");
    let ended = place.run(&["install", "claude"]).await;
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    assert!(ended.stderr.contains("does not say so"), "{ended:#?}");
}

#[tokio::test]
async fn a_program_inside_the_repository_is_not_a_client() {
    let place = Place::new();
    let marker = place.path().join("ran");
    place.program("claude", &format!("touch {}", marker.display()));
    let inside = in_repository(&place, "bin");
    std::fs::rename(place.path().join("bin"), &inside).expect("moved");
    let mut command = place.command(&["install", "claude"]);
    command.env("PATH", format!("{}:/usr/bin:/bin", inside.display()));
    let ended = super::place::ended(command.spawn().expect("starts")).await;
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(!marker.exists());
    assert_eq!(document(&at_home(&place, ".claude.json"))["mcpServers"][NAME]["command"], NAME);
}

#[tokio::test]
async fn nothing_is_written_through_a_link_that_leads_elsewhere() {
    let place = Place::new();
    let outside = at_home(&place, "victim.json");
    put(&outside, "{}");
    std::os::unix::fs::symlink(&outside, in_repository(&place, ".mcp.json")).expect("a link");
    std::os::unix::fs::symlink(place.path().join("home"), in_repository(&place, ".cursor")).expect("a link");
    for client in ["claude", "cursor"] {
        let ended = refused(&place, &["install", client, "--project"]).await;
        assert!(ended.stderr.contains("leads to"), "{ended:#?}");
    }
    assert_eq!(text(&outside), "{}");
    assert!(!at_home(&place, "mcp.json").exists());
}

#[tokio::test]
async fn a_read_only_file_stays_as_it_is() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let file = in_repository(&place, ".vscode/mcp.json");
    put(&file, "{}");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o444)).expect("a mode");
    let ended = refused(&place, &["install", "vscode", "--project"]).await;
    assert!(ended.stderr.contains("read-only"), "{ended:#?}");
    assert_eq!(text(&file), "{}");
    assert_eq!(std::fs::read_dir(file.parent().expect("a folder")).expect("read").count(), 1);
}

#[tokio::test]
async fn the_skill_lies_where_the_client_looks_and_an_edited_one_is_kept() {
    let place = Place::new();
    let given = text(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/skill/SKILL.md"));
    for (client, scope, file) in [
        ("claude", "--user", at_home(&place, ".claude/skills/prod-first-validation/SKILL.md")),
        ("claude", "--project", in_repository(&place, ".claude/skills/prod-first-validation/SKILL.md")),
        ("codex", "--project", in_repository(&place, ".agents/skills/prod-first-validation/SKILL.md")),
    ] {
        succeeds(&place, &["skill", "install", client, scope]).await;
        assert_eq!(text(&file), given);
        let reference = file.with_file_name("references").join("live-checks.md");
        assert!(text(&reference).starts_with("# Live checks"));
        let again = succeeds(&place, &["skill", "install", client, scope]).await;
        assert!(again.stdout.starts_with("✓ unchanged"), "{again:#?}");
        put(&file, "mine");
        refused(&place, &["skill", "install", client, scope]).await;
        refused(&place, &["skill", "uninstall", client, scope]).await;
        assert_eq!(text(&file), "mine");
        succeeds(&place, &["skill", "install", client, scope, "--yes"]).await;
        succeeds(&place, &["skill", "uninstall", client, scope]).await;
        assert!(!file.exists() && !file.parent().expect("a folder").exists());
    }
}

#[tokio::test]
async fn what_we_made_is_gone_and_what_was_there_stays() {
    let place = Place::new();
    put(&in_repository(&place, ".cursor/rules"), "mine");
    for client in ["cursor", "codex", "vscode"] {
        succeeds(&place, &["install", client, "--project", PROD[0], PROD[1]]).await;
        succeeds(&place, &["uninstall", client, "--project"]).await;
    }
    assert!(!in_repository(&place, ".codex").exists() && !in_repository(&place, ".vscode").exists());
    assert_eq!(text(&in_repository(&place, ".cursor/rules")), "mine");
    assert!(!in_repository(&place, ".cursor/mcp.json").exists());
    let home = at_home(&place, ".codex/config.toml");
    succeeds(&place, &["install", "claude", "--user", PROD[0], PROD[1]]).await;
    succeeds(&place, &["uninstall", "claude"]).await;
    assert!(!at_home(&place, ".claude.json").exists() && place.path().join("home").is_dir());
    put(&home, "# mine\n");
    succeeds(&place, &["install", "codex", "--user", PROD[0], PROD[1]]).await;
    assert!(text(&home).contains("default_tools_approval_mode = \"approve\""), "{}", text(&home));
    succeeds(&place, &["uninstall", "codex"]).await;
    assert!(home.exists(), "a comment is something");
}

#[tokio::test]
async fn a_broken_file_that_does_not_name_us_does_not_keep_us_in_the_other() {
    let place = Place::new();
    succeeds(&place, &["install", "cursor", "--user", PROD[0], PROD[1]]).await;
    let broken = in_repository(&place, ".cursor/mcp.json");
    put(&broken, "{\n  ours\n  \"mcpServers\": {}\n}\n");
    let ended = succeeds(&place, &["uninstall", "cursor"]).await;
    assert!(ended.stderr.contains("is left alone"), "{ended:#?}");
    assert!(!at_home(&place, ".cursor/mcp.json").exists());
    put(&broken, "{\n  \"snipara-orchestrator\"\n}\n");
    refused(&place, &["uninstall", "cursor"]).await;
}

/// The hooks of a client with a file that says something else, too.
#[tokio::test]
async fn hooks_are_added_when_asked_for_and_uninstall_leaves_nothing_behind() {
    for (client, scope, file, event) in [
        ("claude", "--user", "home/.claude/settings.json", "Stop"),
        ("claude", "--project", "repository/.claude/settings.json", "Stop"),
        ("codex", "--user", "home/.codex/hooks.json", "Stop"),
        ("gemini", "--user", "home/.gemini/settings.json", "AfterAgent"),
        ("gemini", "--project", "repository/.gemini/settings.json", "AfterAgent"),
    ] {
        let place = Place::new();
        let file = place.path().join(file);
        succeeds(&place, &["install", client, scope, PROD[0], PROD[1], "--hooks"]).await;
        let command = document(&file)["hooks"][event][0]["hooks"][0]["command"].as_str().expect("a command").to_owned();
        let wanted = if client == "claude" { "stop" } else { &format!("stop {client}") };
        assert_eq!(command, format!("{NAME} hook {wanted}"));
        let again = succeeds(&place, &["install", client, scope, PROD[0], PROD[1], "--hooks", "--json"]).await.json();
        let states: Vec<&Value> = again["files"].as_array().expect("files").iter().map(|it| &it["status"]).collect();
        assert_eq!(states, ["unchanged", "unchanged"], "{again}");
        succeeds(&place, &["uninstall", client]).await;
        for folder in [place.path().join("home"), place.repository()] {
            let left: Vec<_> =
                std::fs::read_dir(&folder).expect("a folder").map(|it| it.expect("one").path()).collect();
            assert!(left.iter().all(|path| path.ends_with(".git")), "{client} {scope}: {left:?}");
        }

        let before = "{\n  // mine\n  \"theme\": \"dark\",\n  \"hooks\": {\n    \"Stop\": [\n      {\"hooks\": []} // theirs\n    ]\n  }\n}\n";
        put(&file, before);
        succeeds(&place, &["install", client, scope, PROD[0], PROD[1], "--hooks"]).await;
        assert!(text(&file).contains("// theirs") && text(&file).contains(&command), "{}", text(&file));
        succeeds(&place, &["uninstall", client, scope]).await;
        assert_eq!(text(&file), before, "{client}");
    }
}

#[tokio::test]
async fn codex_is_given_what_it_needs_to_run_without_a_person() {
    let place =
        Place::new().with_variable("SNIPARA_PROJECT", "shop").with_variable("DATABASE_URL", "postgres://db/shop");
    put(
        &in_repository(&place, ".snipara-orchestrator.json"),
        r#"{"prod_url": "https://api.example.com", "test_users": {"ada": {"bearer_env": "SHOP_ADA_TOKEN"}}}"#,
    );
    let ended = succeeds(&place, &["install", "codex", "--user", "--hooks"]).await;
    assert!(ended.stderr.contains("install codex --approve") && ended.stderr.contains("/hooks"), "{ended:#?}");
    succeeds(&place, &["install", "codex", "--user", "--approve"]).await;
    let written: toml::Table = text(&at_home(&place, ".codex/config.toml")).parse().expect("TOML");
    let entry = &written["mcp_servers"][NAME];
    assert_eq!(entry["default_tools_approval_mode"].as_str(), Some("approve"));
    assert_eq!(entry["tool_timeout_sec"].as_integer(), Some(650));
    let variables: Vec<&str> =
        entry["env_vars"].as_array().expect("names").iter().filter_map(toml::Value::as_str).collect();
    assert_eq!(variables, ["DATABASE_URL", "SHOP_ADA_TOKEN", "SNIPARA_ORCHESTRATOR_HOME"]);
    let words: Vec<&str> = entry["args"].as_array().expect("words").iter().filter_map(toml::Value::as_str).collect();
    assert_eq!(words, ["mcp", "--project", "shop"]);
    let hooks = document(&at_home(&place, ".codex/hooks.json"));
    let command = &hooks["hooks"]["Stop"][0]["hooks"][0]["command"];
    assert_eq!(*command, format!("{NAME} --project shop hook stop codex"));
    let unknown = ["install", "claude", "--command", "/opt/mine", "--hooks"];
    for words in [&["install", "claude", "--approve"][..], &["install", "cursor", "--hooks"], &unknown] {
        let ended = refused(&place, words).await;
        assert!(ended.stderr.contains(words[2]), "{ended:#?}");
    }
}

/// Codex records its trust under the file's path; here as its `/hooks` does.
#[tokio::test]
async fn doctor_says_whether_codex_runs_our_hooks_and_uninstall_takes_its_record_with_it() {
    let place = Place::new();
    let finding = async |name: &str| {
        let report = place.run(&["doctor", "--json"]).await.json();
        let found = report["checks"].as_array().expect("checks").iter().find(|check| check["name"] == name).cloned();
        found.unwrap_or_else(|| panic!("no {name} in {report}"))
    };
    put(&at_home(&place, ".codex/config.toml"), "model = \"x\"\n");
    succeeds(&place, &["install", "codex", "--user", "--hooks"]).await;
    let told = finding("codex hooks").await;
    assert_eq!(told["state"], "missing");
    assert!(told["detail"].as_str().is_some_and(|it| it.contains("Stop is not trusted yet")), "{told}");
    assert!(told["detail"].as_str().is_some_and(|it| it.contains("never called here")), "{told}");
    let file = at_home(&place, ".codex/hooks.json").canonicalize().expect("a file");
    let entry =
        |event: &str| format!("\n[hooks.state.\"{}:{event}:0:0\"]\ntrusted_hash = \"sha256:00\"\n", file.display());
    let config = at_home(&place, ".codex/config.toml");
    put(&config, &format!("{}{}{}", text(&config), entry("stop"), entry("session_start")));
    let told = finding("codex hooks").await;
    assert!(told["detail"].as_str().is_some_and(|it| it.contains("Stop changed since it was trusted")), "{told}");
    succeeds(&place, &["uninstall", "codex"]).await;
    assert_eq!(text(&config), "model = \"x\"\n");
    assert!(!file.exists());
}
