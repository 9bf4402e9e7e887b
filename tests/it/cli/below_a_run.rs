//! What only a person decides, asked for by a command of a run.

use serde_json::json;

use super::place::Place;

const DECISIONS: [&[&str]; 8] = [
    &["trust"],
    &["init", "--join", "other"],
    &["proofs", "redact", "1"],
    &["proofs", "redact", "--text-from-stdin"],
    &["proofs", "accept-head", "--yes"],
    &["restore", "kept.backup", "--yes"],
    &["store", "repair", "--replace", "--yes"],
    &["htask-close", "N1", "--waiver-reason", "urgent", "--waiver-approved-by", "Eve", "--yes"],
];

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_decides_is_refused_where_a_run_asks() {
    let place = Place::new().with_variable("SNIPARA_ORCHESTRATOR_RUN", "a-run");
    for words in DECISIONS {
        let ended = place.run(&[words, &["--json"]].concat()).await;
        assert_eq!(ended.code, Some(2), "{words:?} {ended:#?}");
        let error = &ended.json()["error"];
        assert_eq!(error["code"], "needs_terminal", "{words:?} {error}");
        let message = error["message"].as_str().expect("a message");
        assert!(message.contains("not by a command of a run"), "{words:?} {message}");
        assert!(error["hint"].as_str().expect("a hint").contains("nothing was done"), "{words:?} {error}");
    }
    assert_eq!(place.run(&["proofs", "verify"]).await.code, Some(0), "what only reads goes on");
}

/// A local test that writes onto the standard output of the program that judges it.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_local_test_cannot_answer_in_its_servers_place() {
    let place = Place::new();
    let script = "server=$(sed -n 's/^PPid:[^0-9]*//p' /proc/$PPID/status)
for file in fd/1 environ; do
    if echo '{\"status\":\"DONE\"}' 2>/dev/null >/proc/$server/$file; then echo written; else echo refused; fi
done >answers
cat /proc/$server/environ >environment
exit 1
";
    std::fs::write(place.repository().join("forge.sh"), script).expect("written");
    let words =
        ["run", "T", "--prod-url", "http://127.0.0.1:9", "--test", "sh forge.sh", "-e", "/a", "-r", "1", "--json"];
    let ran = place.run(&words).await;
    assert_eq!((ran.code, &ran.json()["status"]), (Some(4), &json!("local_fail")), "{ran:#?}");
    let read = |name: &str| std::fs::read_to_string(place.repository().join(name)).expect("it was tried");
    assert_eq!(read("answers"), "refused\nrefused\n");
    // As root it may read a supervisor's environment, which is the command's own.
    let environment = read("environment");
    assert!(environment.is_empty() || environment.contains("SNIPARA_ORCHESTRATOR_RUN="), "{environment}");
}

/// A local test that clears its environment, takes a session of its own and a terminal, and answers yes.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_local_test_cannot_decide_in_a_persons_place_however_it_hides() {
    let place = Place::new();
    let program = env!("CARGO_BIN_EXE_snipara-orchestrator");
    let variables = format!(
        "PATH=/usr/bin:/bin HOME={} SNIPARA_ORCHESTRATOR_HOME={}",
        place.path().join("home").display(),
        place.path().join("state").display(),
    );
    let out = place.path().display();
    let terminal = |words: &str| format!("script --quiet --return --command '{program} {words}' /dev/null");
    let script = format!(
        "#!/bin/sh
exec </dev/null
hidden() {{ env -i {variables} setsid --wait \"$@\"; }}
hidden {program} proofs redact 1 >{out}/redact 2>&1
hidden {program} proofs accept-head --yes >{out}/accept-head 2>&1
echo y | hidden {trust} >{out}/trust 2>&1
hidden {init} >{out}/init 2>&1
exit 1
",
        trust = terminal("trust"),
        init = terminal("init --project stolen --prod-url https://attacker.example"),
    );
    std::fs::write(place.repository().join("hide.sh"), script).expect("written");
    let ran = place
        .run(&["run", "T", "--prod-url", "http://127.0.0.1:9", "--test", "sh hide.sh", "--endpoint", "/a", "-r", "1"])
        .await;
    assert_eq!(ran.code, Some(4), "{ran:#?}");
    for name in ["redact", "accept-head", "trust"] {
        let told = std::fs::read_to_string(place.path().join(name)).expect("it was tried");
        assert!(told.contains("not by a command of a run"), "{name}: {told}");
    }
    let told = std::fs::read_to_string(place.path().join("init")).expect("it was tried");
    assert!(told.contains("created"), "{told}");
    let status = place.run(&["status", "--json"]).await.json();
    assert_eq!(status["trusted"], json!(false), "{status:#}");
}
