//! Nothing of a command's tree outlives it, however it ends.

use std::process::{Command, Stdio};

use snipara_orchestrator::domain::CommandEnd;
use snipara_orchestrator::executor::{self, CommandSpec, Invocation};
use tokio_util::sync::CancellationToken;

use crate::support::patience::{PATIENCE, until};
use crate::support::processes::{Workshop, gone, identity, is_alive, signal};

const LONG: u64 = 600_000;

/// Descendants that hide: each writes its process id into a file of its name.
const FAMILY: [(&str, &str); 6] = [
    ("child", "sh -c 'echo $$ > child; exec sleep 600' &"),
    ("stubborn", "sh -c 'trap \"\" TERM HUP INT; echo $$ > stubborn; while :; do sleep 600; done' &"),
    ("session", "setsid sh -c 'echo $$ > session; exec sleep 600' &"),
    ("daemon", "setsid -f sh -c 'echo $$ > daemon; exec sleep 600' >/dev/null 2>&1 </dev/null"),
    ("bare", "env -i /bin/sh -c 'echo $$ > bare; exec /bin/sleep 600' &"),
    ("stopped", "sh -c 'echo $$ > stopped; kill -STOP $$; exec sleep 600' &"),
];

fn family_then(last: &str) -> String {
    let mut script: String = FAMILY.iter().map(|(_, line)| format!("{line}\n")).collect();
    let names: Vec<&str> = FAMILY.iter().map(|(name, _)| *name).collect();
    script.push_str(&format!("for f in {}; do until [ -s $f ]; do sleep 0.01; done; done\n{last}", names.join(" ")));
    script
}

async fn family(workshop: &Workshop) -> Vec<u32> {
    let mut pids = Vec::new();
    for (name, _) in FAMILY {
        pids.push(workshop.pid(name).await);
    }
    pids
}

async fn all_gone(pids: Vec<u32>) {
    for pid in pids {
        gone(pid).await;
    }
}

#[tokio::test]
async fn b01_a_timed_out_command_takes_its_whole_tree_with_it() {
    let workshop = Workshop::new();
    let run = workshop.executor.run_test(&family_then("wait"), 6000, &CancellationToken::new()).await;
    assert_eq!(run.end, CommandEnd::TimedOut { timeout_ms: 6000 });
    all_gone(family(&workshop).await).await;
}

#[tokio::test]
async fn b02_a_time_out_holds_although_a_grandchild_holds_the_pipe() {
    let workshop = Workshop::new();
    let none = CancellationToken::new();
    let command = "setsid -f sh -c 'echo $$ > holder; exec sleep 600'; sleep 600";
    let run = workshop.executor.run_test(command, 3000, &none);
    let run = tokio::time::timeout(PATIENCE, run).await.expect("it returns");
    assert_eq!(run.end, CommandEnd::TimedOut { timeout_ms: 3000 });
    gone(workshop.pid("holder").await).await;
}

#[tokio::test]
async fn b02_a_process_that_escaped_with_the_pipe_is_not_waited_for() {
    let workshop = Workshop::new();
    let none = CancellationToken::new();
    // Another session, no environment, no parent: nothing ties it to the command any more.
    let command = "env -i setsid -f /bin/sh -c 'echo $$ > escaped; exec /bin/sleep 600'; until [ -s escaped ]; do sleep 0.01; done; echo out";
    let run =
        tokio::time::timeout(PATIENCE, workshop.executor.run_test(command, LONG, &none)).await.expect("it returns");
    let escaped = workshop.pid("escaped").await;
    let killed = Command::new("kill").args(["-9", &escaped.to_string()]).status().expect("kill");
    assert_eq!((run.end, run.stdout.text.as_str()), (CommandEnd::Exited { exit_code: 0 }, "out\n"));
    assert!(killed.success(), "it had escaped, else this test shows nothing");
}

#[tokio::test]
async fn b03_a_cancelled_command_takes_its_whole_tree_with_it() {
    let workshop = Workshop::new();
    let cancel = CancellationToken::new();
    let (executor, token) = (workshop.executor.clone(), cancel.clone());
    let running = tokio::spawn(async move { executor.run_test(&family_then("wait"), LONG, &token).await });
    let pids = family(&workshop).await;
    assert!(pids.iter().all(|pid| is_alive(*pid)));
    cancel.cancel();
    let run = tokio::time::timeout(PATIENCE, running).await.expect("it returns").expect("no panic");
    assert_eq!(run.end, CommandEnd::Cancelled);
    all_gone(pids).await;
}

#[tokio::test]
async fn b03_a_command_whose_future_is_dropped_takes_its_whole_tree_with_it() {
    let workshop = Workshop::new();
    let executor = workshop.executor.clone();
    let running =
        tokio::spawn(async move { executor.run_test(&family_then("wait"), LONG, &CancellationToken::new()).await });
    let pids = family(&workshop).await;
    running.abort();
    assert!(running.await.expect_err("aborted").is_cancelled());
    all_gone(pids).await;
}

#[tokio::test]
async fn what_a_command_leaves_running_ends_with_it() {
    let workshop = Workshop::new();
    let (command, none) = (family_then("echo ready; exit 3"), CancellationToken::new());
    let run = workshop.executor.run_test(&command, LONG, &none);
    let run = tokio::time::timeout(PATIENCE, run).await.expect("it returns");
    assert_eq!((run.end, run.stdout.text.as_str()), (CommandEnd::Exited { exit_code: 3 }, "ready\n"));
    all_gone(family(&workshop).await).await;
}

#[tokio::test]
async fn a_tree_may_clean_up_before_it_is_killed() {
    let workshop = Workshop::new();
    let cancel = CancellationToken::new();
    let (executor, token) = (workshop.executor.clone(), cancel.clone());
    let command = "trap 'echo cleaned > trace; exit 0' TERM; echo $$ > pid; while :; do sleep 0.05; done";
    let running = tokio::spawn(async move { executor.run_test(command, LONG, &token).await });
    workshop.pid("pid").await;
    cancel.cancel();
    assert_eq!(running.await.expect("no panic").end, CommandEnd::Cancelled);
    assert_eq!(std::fs::read_to_string(workshop.path("trace")).expect("a trace"), "cleaned\n");
}

#[tokio::test]
async fn a_command_that_is_cancelled_already_does_not_start() {
    let workshop = Workshop::new();
    let cancel = CancellationToken::new();
    cancel.cancel();
    let run = workshop.executor.run_test("touch started", LONG, &cancel).await;
    assert_eq!(run.end, CommandEnd::Cancelled);
    assert!(!workshop.path("started").exists());
}

#[tokio::test]
async fn a_commands_end_spares_its_neighbours_and_the_runs_sweep_takes_them() {
    let workshop = Workshop::new();
    let executor = workshop.executor.with_run_cookie("run-of-neighbours");
    let neighbour = executor.clone();
    let command = "sh -c 'echo $$ > inner; exec sleep 600' & echo $$ > outer; wait";
    let running = tokio::spawn(async move { neighbour.run_test(command, LONG, &CancellationToken::new()).await });
    let pids = [workshop.pid("inner").await, workshop.pid("outer").await];

    assert!(executor.run_test("true", LONG, &CancellationToken::new()).await.success());
    assert!(pids.iter().all(|pid| is_alive(*pid)), "the neighbour lives");
    assert_eq!(executor::sweep(&["another-run".to_owned()]).await, 0);
    assert!(pids.iter().all(|pid| is_alive(*pid)), "another run's sweep spares it");

    assert_eq!(executor::sweep(&["run-of-neighbours".to_owned()]).await, 2);
    assert_eq!(running.await.expect("no panic").end, CommandEnd::Signalled { signal: 9 });
    all_gone(pids.to_vec()).await;
}

#[tokio::test]
async fn a_dead_orchestrators_processes_are_found_by_their_cookie() {
    let workshop = Workshop::new();
    let mut orphan = Command::new("setsid")
        .args(["-f", "sh", "-c", "echo $$ > left; exec sleep 600"])
        .current_dir(workshop.folder.path())
        .env("SNIPARA_ORCHESTRATOR_RUN", "interrupted-run")
        .stdin(Stdio::null())
        .spawn()
        .expect("setsid");
    assert!(orphan.wait().expect("ends").success());
    let left = workshop.pid("left").await;
    assert_eq!(executor::sweep(&["interrupted-ru".to_owned()]).await, 0, "a part of a cookie is another cookie");
    assert!(is_alive(left));
    assert_eq!(executor::sweep(&["interrupted-run".to_owned()]).await, 1);
    gone(left).await;
    assert_eq!(executor::sweep(&["".to_owned()]).await, 0);
}

#[tokio::test]
async fn a_fork_storm_ends() {
    let workshop = Workshop::new();
    let command = "echo 'sh storm & sh storm & sleep 0.2' > storm; i=0; while [ $i -lt 40 ]; do (setsid -f sh -c 'while :; do sleep 0.03 & wait; done' &) ; i=$((i+1)); done; echo $$ > pid; sleep 600";
    let none = CancellationToken::new();
    let run = workshop.executor.run_test(command, 1500, &none);
    let run = tokio::time::timeout(PATIENCE, run).await.expect("it returns");
    assert_eq!(run.end, CommandEnd::TimedOut { timeout_ms: 1500 });
    let folder = workshop.folder.path().to_owned();
    until("nobody works in the folder", || {
        std::fs::read_dir("/proc")
            .expect("/proc")
            .flatten()
            .all(|entry| std::fs::read_link(entry.path().join("cwd")).map_or(true, |cwd| cwd != folder))
    })
    .await;
}

#[tokio::test]
async fn an_ended_process_is_gone_before_it_is_reaped_and_a_running_one_is_not() {
    let mut child = Command::new("sleep").arg("600").spawn().expect("sleep");
    let identity = identity(child.id());
    assert!(!executor::is_gone(&identity));
    child.kill().expect("killed");
    until("it is gone", || executor::is_gone(&identity)).await;
    child.wait().expect("reaped");
    assert!(executor::is_gone(&identity));
}

#[tokio::test]
async fn of_a_stopped_process_nothing_can_be_told_until_it_goes_on() {
    use executor::Liveness;
    let mut child = Command::new("sleep").arg("600").spawn().expect("sleep");
    let identity = identity(child.id());
    assert_eq!(executor::liveness(&identity), Liveness::Lives);
    signal(child.id(), "-STOP");
    until("it is stopped", || executor::liveness(&identity) == Liveness::Unknown).await;
    assert!(!executor::is_gone(&identity));
    signal(child.id(), "-CONT");
    until("it goes on", || executor::liveness(&identity) == Liveness::Lives).await;
    child.kill().expect("killed");
    child.wait().expect("reaped");
    assert_eq!(executor::liveness(&identity), Liveness::Gone);
}

#[tokio::test]
async fn many_commands_at_once_do_not_disturb_each_other() {
    let workshop = Workshop::new();
    let runs = (0..16).map(|number| {
        let executor = workshop.executor.clone();
        tokio::spawn(async move {
            let spec = CommandSpec {
                invocation: Invocation::Shell(format!("sleep 0.0{}; echo {number}", number % 10)),
                ..CommandSpec::direct(["sh"], LONG)
            };
            executor.run(&spec, &CancellationToken::new()).await
        })
    });
    for (number, run) in runs.collect::<Vec<_>>().into_iter().enumerate() {
        let run = tokio::time::timeout(PATIENCE, run).await.expect("in time").expect("no panic");
        assert_eq!((run.success(), run.stdout.text), (true, format!("{number}\n")));
    }
}
