//! What may run, how it is started, and what is kept of it.

use std::os::unix::fs::symlink;

use snipara_orchestrator::domain::{CommandEnd, CommandRun, Outcome, sha256_hex};
use snipara_orchestrator::executor::{CommandPolicy, CommandSpec, Executor, ExecutorSettings, Invocation, deploy};
use tokio_util::sync::CancellationToken;

use crate::support::processes::{SECRET, Workshop, settings};

const LONG: u64 = 600_000;

async fn test(workshop: &Workshop, command: &str) -> CommandRun {
    workshop.executor.run_test(command, LONG, &CancellationToken::new()).await
}

fn restricted(allowed: &[&str]) -> CommandPolicy {
    CommandPolicy::Restricted { allowed: allowed.iter().map(|&line| line.to_owned()).collect() }
}

#[tokio::test]
async fn b04_a_command_cannot_read_our_standard_input() {
    let run = test(&Workshop::new(), "readlink /proc/self/fd/0; cat; echo end").await;
    assert_eq!((run.success(), run.stdout.text.as_str()), (true, "/dev/null\nend\n"));
}

#[tokio::test]
async fn b10_both_streams_are_kept_with_their_sizes_and_digests() {
    let run = test(&Workshop::new(), "echo 1 failed; echo noise >&2; exit 1").await;
    assert_eq!(run.end, CommandEnd::Exited { exit_code: 1 });
    assert_eq!((run.stdout.text.as_str(), run.stderr.text.as_str()), ("1 failed\n", "noise\n"));
    assert_eq!((run.stdout.bytes, run.stdout.truncated), (9, false));
    assert_eq!(run.stderr.digest, sha256_hex(b"noise\n"));
}

#[tokio::test]
async fn b11_a_time_out_keeps_what_was_written_before() {
    let workshop = Workshop::new();
    let run =
        workshop.executor.run_test("echo partial; echo error >&2; sleep 600", 3000, &CancellationToken::new()).await;
    assert_eq!(run.end, CommandEnd::TimedOut { timeout_ms: 3000 });
    assert_eq!((run.stdout.text.as_str(), run.stderr.text.as_str()), ("partial\n", "error\n"));
}

#[tokio::test]
async fn b11_a_time_out_of_nothing_is_refused_and_not_taken_for_a_default() {
    let workshop = Workshop::new();
    let run = workshop.executor.run_test("touch started", 0, &CancellationToken::new()).await;
    assert!(matches!(run.end, CommandEnd::NotStarted { .. }), "{run:?}");
    assert!(!workshop.path("started").exists());
}

#[tokio::test]
async fn a_signal_is_told_from_an_exit_code() {
    let workshop = Workshop::new();
    assert_eq!(test(&workshop, "kill -SEGV $$").await.end, CommandEnd::Signalled { signal: 11 });
    assert_eq!(test(&workshop, "exit 139").await.end, CommandEnd::Exited { exit_code: 139 });
}

#[tokio::test]
async fn secrets_are_taken_out_of_the_output_and_the_command() {
    let workshop = Workshop::new();
    let run = test(&workshop, &format!("echo a{SECRET}b; echo {SECRET} >&2; printf '\\033[2Jx'")).await;
    let kept = serde_json::to_string(&run).expect("json");
    assert!(!kept.contains(SECRET) && !kept.contains("\\u001b"), "{kept}");
    assert_eq!(run.stdout.text, "a[redacted]b\nx");
}

#[tokio::test]
async fn a_secret_across_two_writes_is_taken_out() {
    let (left, right) = SECRET.split_at(11);
    let run = test(&Workshop::new(), &format!("printf {left}; sleep 0.1; printf {right}")).await;
    assert_eq!(run.stdout.text, "[redacted]");
}

#[tokio::test]
async fn a_line_with_a_pipe_fails_when_a_command_before_the_last_one_fails() {
    assert_eq!(test(&Workshop::new(), "sh -c 'echo 1 failed; exit 3' 2>&1 | tail -1").await.exit_code(), Some(3));
    assert!(test(&Workshop::new(), "printf 'a\\nb\\n' | tail -1").await.success());
}

#[tokio::test]
async fn b06_what_looks_like_shell_in_an_argument_stays_an_argument() {
    let workshop = Workshop::with_policy(restricted(&["printf %s '$(touch pwned); `touch pwned`'"]));
    let run = test(&workshop, "printf %s '$(touch pwned); `touch pwned`'").await;
    assert_eq!(run.stdout.text, "$(touch pwned); `touch pwned`");
    assert!(!workshop.path("pwned").exists());
}

#[tokio::test]
async fn b06_a_caller_gets_no_shell() {
    let workshop = Workshop::with_policy(restricted(&[]));
    let run = test(&workshop, "pytest; touch pwned").await;
    assert!(matches!(run.end, CommandEnd::Refused { .. }), "{run:?}");
    let spec =
        CommandSpec { invocation: Invocation::Shell("touch pwned".to_owned()), ..CommandSpec::direct(["sh"], LONG) };
    let run = workshop.executor.run(&spec, &CancellationToken::new()).await;
    assert!(matches!(run.end, CommandEnd::Refused { .. }), "{run:?}");
    assert!(!workshop.path("pwned").exists());
}

#[tokio::test]
async fn a_refused_command_is_unverified_with_the_way_to_allow_it() {
    let workshop = Workshop::with_policy(restricted(&[]));
    let run = test(&workshop, "touch pwned").await;
    assert!(!workshop.path("pwned").exists());
    match run.outcome() {
        Outcome::Unverified { .. } => {
            let shown = serde_json::to_string(&run).expect("json");
            assert!(shown.contains("allowed_commands") && shown.contains("snipara-orchestrator trust"), "{shown}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_trusted_script_of_the_repository_runs_without_a_shell() {
    let workshop = Workshop::with_policy(restricted(&["scripts/check.sh *"]));
    workshop.script("scripts/check.sh", "echo checked $1 in $PWD");
    let run = test(&workshop, "scripts/check.sh api").await;
    let folder = workshop.folder.path().canonicalize().expect("a folder");
    assert_eq!(run.stdout.text, format!("checked api in {}\n", folder.display()));
}

#[tokio::test]
async fn nothing_at_all_starts_when_commands_are_forbidden() {
    let workshop = Workshop::with_policy(CommandPolicy::Forbidden);
    let cancel = CancellationToken::new();
    let runs = [
        test(&workshop, "touch pwned").await,
        workshop.executor.run(&CommandSpec::direct(["touch", "pwned"], LONG), &cancel).await,
        workshop.executor.git(&["status"], &cancel).await,
    ];
    assert!(runs.iter().all(|run| matches!(run.end, CommandEnd::Refused { .. })), "{runs:?}");
    assert_eq!(workshop.executor.build_identity().await, None);
    assert!(!workshop.path("pwned").exists());
}

#[tokio::test]
async fn an_empty_command_and_a_missing_program_or_folder_are_told() {
    let workshop = Workshop::new();
    let cancel = CancellationToken::new();
    let missing = workshop.executor.run(&CommandSpec::direct(["no-such-program-here"], LONG), &cancel).await;
    let elsewhere = CommandSpec { directory: Some(workshop.path("nowhere")), ..CommandSpec::direct(["true"], LONG) };
    let elsewhere = workshop.executor.run(&elsewhere, &cancel).await;
    let cases = [
        (test(&workshop, "  ").await, "empty"),
        (missing, "`no-such-program-here` is not on the PATH"),
        (elsewhere, "does not exist"),
    ];
    for (run, expected) in cases {
        match run.end {
            CommandEnd::NotStarted { why, fix: Some(_) } => assert!(why.contains(expected), "{why}"),
            other => panic!("{expected}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn b07_a_deployment_gets_its_words_as_they_are() {
    let workshop = Workshop::new();
    workshop.script("deploy/infomaniak/deploy-zero-downtime.sh", "echo \"$# $1 $DEPLOY_ENVIRONMENT\" > deployed");
    let spec = deploy::plan(Some("infomaniak_vps"), "api", "staging", None, LONG).expect("a plan");
    assert!(workshop.executor.run(&spec, &CancellationToken::new()).await.success());
    assert_eq!(std::fs::read_to_string(workshop.path("deployed")).expect("deployed"), "1 api staging\n");

    let custom = ["printf", "%s|", "{service}", "$(touch pwned)", "; touch pwned"].map(str::to_owned);
    let spec = deploy::plan(Some("custom"), "api", "production", Some(&custom), LONG).expect("a plan");
    let run = workshop.executor.run(&spec, &CancellationToken::new()).await;
    assert_eq!(run.stdout.text, "api|$(touch pwned)|; touch pwned|");
    assert!(!workshop.path("pwned").exists());
}

#[test]
fn programs_are_never_found_inside_the_repository() {
    let workshop = Workshop::new();
    let own = workshop.script("bin/tool", "true");
    let outside = tempfile::tempdir().expect("a folder");
    symlink(&own, outside.path().join("tool")).expect("a link");
    symlink(workshop.path("bin"), outside.path().join("linked")).expect("a link");
    let path = format!(
        "{}:bin:.::{}:{}:{}",
        workshop.path("bin").display(),
        outside.path().display(),
        outside.path().join("linked").display(),
        workshop.path("bin/../bin").display()
    );
    let executor = |search_path: String| {
        let settings = settings(workshop.folder.path(), CommandPolicy::Unrestricted);
        Executor::with_settings(ExecutorSettings { search_path: search_path.into(), ..settings })
    };
    assert_eq!(executor(path.clone()).find_program("tool"), None);

    let honest = tempfile::tempdir().expect("a folder");
    std::fs::copy(&own, honest.path().join("tool")).expect("a copy");
    let found = executor(format!("{path}:{}", honest.path().display()));
    assert_eq!(found.find_program("tool"), Some(honest.path().join("tool")));
    for name in ["", ".", "..", "bin/tool", "./tool", "/bin/sh"] {
        assert_eq!(found.find_program(name), None, "{name:?}");
    }
}

#[tokio::test]
async fn the_projects_own_lint_type_check_and_build_are_found_and_run() {
    let tools = Workshop::new();
    tools.script("make", "echo \"$1 $SKIP_ENV_VALIDATION in $PWD\"; [ $1 != typecheck ]");
    let project = Workshop::new();
    project.write("Makefile", "lint:\ntypecheck:\nbuild:\n");
    let mut settings = settings(project.folder.path(), restricted(&[]));
    settings.search_path = tools.folder.path().into();
    let (executor, cancel) = (Executor::with_settings(settings), CancellationToken::new());

    let folder = project.folder.path().canonicalize().expect("a folder").display().to_string();
    assert_eq!(executor.run_lint(&cancel).await.stdout.text, format!("lint  in {folder}\n"));
    let typecheck = executor.run_typecheck(&cancel).await;
    assert_eq!((typecheck.end, typecheck.command.as_str()), (CommandEnd::Exited { exit_code: 1 }, "make typecheck"));
    assert_eq!(executor.run_build(&cancel).await.stdout.text, format!("build true in {folder}\n"));
}

#[tokio::test]
async fn children_look_for_programs_where_we_do() {
    let tools = Workshop::new();
    tools.script("own-tool", "echo found");
    let project = Workshop::new();
    let mut settings = settings(project.folder.path(), CommandPolicy::Unrestricted);
    settings.search_path = tools.folder.path().into();
    let run = Executor::with_settings(settings).run_test("own-tool", LONG, &CancellationToken::new()).await;
    assert_eq!(run.stdout.text, "found\n");
}

#[tokio::test]
async fn a_project_without_tools_is_unverified() {
    let run = Workshop::new().executor.run_lint(&CancellationToken::new()).await;
    assert!(matches!(run.outcome(), Outcome::Unverified { .. }), "{run:?}");
}

#[tokio::test]
async fn a_program_of_the_repositorys_own_is_found_where_a_person_or_trusted_settings_named_it() {
    for folder in [".venv/bin", "venv/bin", "node_modules/.bin"] {
        let workshop = Workshop::new();
        std::fs::create_dir_all(workshop.path(folder)).expect("a folder");
        script(&workshop.path(&format!("{folder}/own-runner")), "#!/bin/sh\necho own; command -v own-runner\n");
        let place = workshop.path(&format!("{folder}/own-runner"));
        let told = format!("own\n{}\n", place.display());
        assert_eq!(test(&workshop, "own-runner --all").await.stdout.text, told, "a person's");
        let executor = |allowed: &[&str]| Executor::with_settings(settings(&workshop.path(""), restricted(allowed)));
        let named = executor(&["own-runner --all"]).run_test("own-runner --all", LONG, &CancellationToken::new()).await;
        assert_eq!(named.stdout.text, told, "{named:?}");
        // A runner of the table is not looked for where whoever works in the repository can put one.
        script(&workshop.path(&format!("{folder}/pytest")), "#!/bin/sh\ntouch planted\n");
        executor(&[]).run_test("pytest", LONG, &CancellationToken::new()).await;
        assert!(!workshop.path("planted").exists());
    }
}

fn script(file: &std::path::Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(file, text).expect("written");
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).expect("executable");
}
