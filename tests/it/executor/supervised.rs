//! Commands below a supervisor: nothing of their trees outlives us, however we end and however they hide.

use std::process::{Command, Stdio};

use snipara_orchestrator::domain::{CommandEnd, Outcome};
use snipara_orchestrator::executor::{CommandSpec, Invocation};
use tokio_util::sync::CancellationToken;

use crate::support::processes::{Workshop, gone, is_alive};
use crate::support::world::git;

/// Leaves processes that nothing marks: another session, an empty environment, a parent that has ended.
const HIDE: &str = "setsid -f env -i /bin/sh -c 'echo $$ > hidden; exec /bin/sleep 600' >/dev/null 2>&1 </dev/null
    (env -i setsid /bin/sh -c 'trap \"\" TERM; echo $$ > stubborn; while :; do /bin/sleep 600; done' &)
    for f in hidden stubborn; do until [ -s $f ]; do sleep 0.01; done; done";

async fn hidden(workshop: &Workshop) -> [u32; 2] {
    [workshop.pid("hidden").await, workshop.pid("stubborn").await]
}

#[tokio::test]
async fn what_hid_from_every_search_ends_with_its_command() {
    let workshop = Workshop::supervised();
    let run = workshop.executor.run_test(&format!("{HIDE}\nexit 3"), 60_000, &CancellationToken::new()).await;
    assert_eq!(run.end, CommandEnd::Exited { exit_code: 3 });
    for process_id in hidden(&workshop).await {
        assert!(!is_alive(process_id), "{process_id} outlived the call");
    }
}

#[tokio::test]
async fn what_hid_ends_with_a_time_out_and_a_cancellation() {
    let workshop = Workshop::supervised();
    let run = workshop.executor.run_test(&format!("{HIDE}\nsleep 600"), 3_000, &CancellationToken::new()).await;
    assert_eq!(run.end, CommandEnd::TimedOut { timeout_ms: 3_000 });
    for process_id in hidden(&workshop).await {
        gone(process_id).await;
    }
    let workshop = Workshop::supervised();
    let (executor, cancel) = (workshop.executor.clone(), CancellationToken::new());
    let stop = cancel.clone();
    let running = tokio::spawn(async move { executor.run_test(&format!("{HIDE}\nsleep 600"), 60_000, &stop).await });
    let process_ids = hidden(&workshop).await;
    cancel.cancel();
    assert_eq!(running.await.expect("no panic").end, CommandEnd::Cancelled);
    for process_id in process_ids {
        gone(process_id).await;
    }
}

#[tokio::test]
async fn a_dropped_call_ends_what_hid() {
    let workshop = Workshop::supervised();
    let executor = workshop.executor.clone();
    let running = tokio::spawn(async move {
        executor.run_test(&format!("{HIDE}\nsleep 600"), 60_000, &CancellationToken::new()).await
    });
    let process_ids = hidden(&workshop).await;
    running.abort();
    for process_id in process_ids {
        gone(process_id).await;
    }
}

#[tokio::test]
async fn a_command_ends_below_a_supervisor_as_it_would_without() {
    for workshop in [Workshop::new(), Workshop::supervised()] {
        let none = CancellationToken::new();
        let ended = async |line: &str| workshop.executor.run_test(line, 60_000, &none).await.end;
        assert_eq!(ended("exit 0").await, CommandEnd::Exited { exit_code: 0 });
        assert_eq!(ended("exit 77").await, CommandEnd::Exited { exit_code: 77 });
        assert_eq!(ended("kill -SEGV $$").await, CommandEnd::Signalled { signal: 11 });
        assert_eq!(ended("kill -PIPE $$").await, CommandEnd::Signalled { signal: 13 });
        assert_eq!(ended("kill -KILL $$").await, CommandEnd::Signalled { signal: 9 });
        let said = workshop.executor.run_test("cat; echo out; echo err >&2; trap", 60_000, &none).await;
        assert_eq!((said.stdout.text.as_str(), said.stderr.text.as_str()), ("out\n", "err\n"));
        let program = workshop.script("not-a-program", "true");
        std::fs::write(&program, [0x7f, b'E', b'L', b'F', 0]).expect("written");
        let words = Invocation::Direct(vec![program.display().to_string()]);
        let spec = CommandSpec { invocation: words, ..CommandSpec::direct(["x"], 60_000) };
        let run = workshop.executor.run(&spec, &none).await;
        let CommandEnd::NotStarted { why, .. } = run.end else { panic!("{:?}", run.end) };
        assert!(why.contains("Exec format error"), "{why}");
    }
}

/// Takes the standard input of the process that it is told of (pidfd_open(2), pidfd_getfd(2)), and says of its own
/// command what it likes; says what hinders it.
const FORGE: &str = r#"
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
process = libc.syscall(434, int(sys.argv[1]), 0)
socket = libc.syscall(438, process, 0, 0)
if socket < 0:
    print("refused:", os.strerror(ctypes.get_errno()))
else:
    os.write(socket, sys.argv[2].encode())
    print("written")
"#;

#[tokio::test]
async fn a_command_cannot_say_in_its_supervisors_place_how_it_ended() {
    let workshop = Workshop::supervised();
    workshop.write("forge.py", FORGE);
    for forged in ["exited 0", "nothing that anybody reads"] {
        let line = format!("python3 forge.py $PPID '{forged}'; exit 3");
        let run = workshop.executor.run_test(&line, 60_000, &CancellationToken::new()).await;
        assert_eq!(run.end, CommandEnd::Exited { exit_code: 3 }, "{forged}: {run:?}");
        assert_eq!(run.stdout.text, "refused: Operation not permitted\n", "{run:?}");
    }
}

#[tokio::test]
async fn what_a_supervisor_does_not_vouch_for_is_no_pass() {
    for (supervisor, why) in [
        ("exit 0", "without saying how"),
        ("printf 'exited 0' >&0; exit 1", "without saying how"),
        ("printf 'exited 0exited 3' >&0", "without saying how"),
        ("exit 7", "without saying how"),
    ] {
        let workshop = Workshop::supervised_by(supervisor);
        let run = workshop.executor.run_test("exit 3", 60_000, &CancellationToken::new()).await;
        let CommandEnd::NotStarted { why: told, .. } = &run.end else { panic!("{supervisor}: {run:?}") };
        assert!(told.contains(why) && matches!(run.outcome(), Outcome::Unverified { .. }), "{supervisor}: {run:?}");
    }
    let workshop = Workshop::supervised_by("printf 'exited 0' >&0; kill -KILL $$");
    let run = workshop.executor.run_test("exit 3", 60_000, &CancellationToken::new()).await;
    assert_eq!(run.end, CommandEnd::Signalled { signal: 9 });
    let workshop = Workshop::supervised_by("printf 'exited 5' >&0");
    let run = workshop.executor.run_test("exit 3", 60_000, &CancellationToken::new()).await;
    assert_eq!(run.end, CommandEnd::Exited { exit_code: 5 }, "so the others were read");
}

/// The whole program, killed as the kernel kills when memory runs out.
#[tokio::test]
async fn a_killed_program_leaves_nothing_running() {
    let workshop = Workshop::new();
    let repository = workshop.folder.path();
    git(repository, &["init", "--quiet", "--initial-branch=main"]);
    let home = tempfile::tempdir().expect("a home");
    let mut running = Command::new(env!("CARGO_BIN_EXE_snipara-orchestrator"))
        .args(["run", "x", "--prod-url", "http://127.0.0.1:1", "--test", &format!("{HIDE}\nsleep 600")])
        .args(["--endpoint", "/api/a"])
        .current_dir(repository)
        .env("SNIPARA_ORCHESTRATOR_HOME", home.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let process_ids = hidden(&workshop).await;
    running.kill().expect("killed");
    running.wait().expect("ended");
    for process_id in process_ids {
        gone(process_id).await;
    }
}
