//! Ctrl-C and SIGTERM: every process dies, the end is recorded, exit code 130.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;
use tokio::process::Child;

use super::place::{Place, ended};
use crate::support::patience::until;
use crate::support::production::{Answer, Behaviour, Production};

/// A test that starts children in its own and in a new session and tells their process ids.
const FAMILY: &str = "sleep 300 & echo $! > one.pid; setsid sleep 300 & echo $! > two.pid; echo $$ > three.pid; wait";

fn process_id(place: &Place, file: &str) -> Option<i32> {
    std::fs::read_to_string(place.repository().join(file)).ok()?.trim().parse().ok()
}

/// Tells whether a process runs; one that is dead and waits to be collected does not.
fn lives(process_id: i32) -> bool {
    std::fs::read_to_string(format!("/proc/{process_id}/stat"))
        .is_ok_and(|stat| !stat.rsplit(')').next().unwrap_or_default().trim_start().starts_with('Z'))
}

fn send(child: &Child, signal: Signal) {
    let process_id = i32::try_from(child.id().expect("it runs")).expect("a process id");
    kill(Pid::from_raw(process_id), signal).expect("sent");
}

async fn family(place: &Place, production: &Production) -> (Child, Vec<i32>) {
    let url = production.url();
    let words = ["run", "T", "-e", "/api/users", "-r", "2", "--test", FAMILY, "--prod-url", &url, "--json"];
    let child = place.command(&words).spawn().expect("starts");
    let files = ["one.pid", "two.pid", "three.pid"];
    until("the family runs", || files.iter().all(|file| process_id(place, file).is_some())).await;
    let members: Vec<i32> = files.iter().filter_map(|file| process_id(place, file)).collect();
    assert!(members.iter().all(|member| lives(*member)), "{members:?}");
    (child, members)
}

#[tokio::test(flavor = "multi_thread")]
async fn b03_sigterm_and_ctrl_c_leave_no_child_alive_and_record_the_end() {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let (place, production) = (Place::new(), Production::healthy().await);
        let (child, members) = family(&place, &production).await;
        send(&child, signal);
        let ended = ended(child).await;
        assert_eq!(ended.code, Some(130), "{ended:#?}");
        for member in members {
            until("every process is gone", || !lives(member)).await;
        }
        assert_eq!(ended.json()["cause"], json!("cancelled"), "{ended:#?}");
        let tasks = place.run(&["task", "list", "--json", "--prod-url", &production.url()]).await.json();
        assert_eq!(
            (&tasks["tasks"][0]["status"], &tasks["tasks"][0]["cause"]),
            (&json!("local_fail"), &json!("cancelled"))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b03_a_run_can_be_cancelled_from_another_terminal() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let (child, members) = family(&place, &production).await;
    let url = production.url();
    let tasks = place.run(&["task", "list", "--json", "--prod-url", &url]).await.json();
    let id = tasks["tasks"][0]["id"].as_str().expect("an id").to_owned();
    let cancelled = place.run(&["task", "cancel", &id, "--json", "--prod-url", &url]).await;
    assert_eq!(cancelled.code, Some(0), "{cancelled:#?}");
    assert_eq!(ended(child).await.code, Some(130));
    for member in members {
        until("every process is gone", || !lives(member)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_hangs_ends_with_the_signal() {
    let (place, production) = (Place::new(), Production::healthy().await);
    production.answer("/hang", Answer::status(200).behaving(Behaviour::Hang));
    let url = production.at("/hang");
    let child = place.command(&["validate", &url, "--timeout", "600"]).spawn().expect("starts");
    until("the request arrived", || production.count("/hang") > 0).await;
    send(&child, Signal::SIGINT);
    assert_eq!(ended(child).await.code, Some(130));
}
