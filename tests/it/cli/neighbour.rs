//! Memories, swarms and htasks at the command line, over the embedded store: the second half of the seed's Quick Start,
//! with the ids that the commands before printed.

use serde_json::{Value, json};

use super::place::{Ended, Place};

async fn document(place: &Place, words: &[&str]) -> Value {
    let ended = place.run(&[words, &["--json"]].concat()).await;
    assert_eq!(ended.code, Some(0), "{words:?}: {ended:#?}");
    ended.json()
}

async fn refused(place: &Place, words: &[&str]) -> Ended {
    let ended = place.run(words).await;
    assert_eq!(ended.code, Some(2), "{words:?}: {ended:#?}");
    ended
}

fn id(document: &Value, key: &str) -> String {
    document[key].as_str().unwrap_or_else(|| panic!("no {key} in {document}")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_memories_of_the_quick_start_run_verbatim() {
    let place = Place::new();
    let nothing = place.line(r#"snipara-orchestrator recall "deployment failures" --limit 5"#, &[]).await;
    assert_eq!((nothing.code, nothing.stdout.as_str()), (Some(0), "no memories found\n"), "{nothing:#?}");
    let kept =
        place.line(r#"snipara-orchestrator remember "Chose Redis for rate limiting" --type decision"#, &[]).await;
    assert_eq!(kept.code, Some(0), "{kept:#?}");
    let memory_id = kept.stdout.trim().strip_prefix("remembered ").expect("an id").to_owned();

    let found = document(&place, &["recall", "which store do we use for rate limiting?"]).await;
    let memory = &found["memories"][0];
    assert_eq!(memory["memory_id"], json!(memory_id));
    assert_eq!((&memory["content"], &memory["text"]), (&json!("Chose Redis for rate limiting"), &memory["content"]));
    assert_eq!((&memory["type"], memory.get("category")), (&json!("decision"), None));
    assert_eq!(memory.get("expires_at"), None, "it is kept until somebody forgets it");
    assert!(memory["relevance"].as_f64().expect("a number") >= 0.5 && memory["relevance"] == memory["relevance_score"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_htasks_of_the_quick_start_run_with_the_ids_that_were_printed() {
    let place = Place::new();
    let swarm = id(&document(&place, &["swarm-create", "deployment-coordination"]).await, "swarm_id");
    let feature = document(
        &place,
        &[
            "htask-create-feature",
            "Auth Overhaul",
            "--swarm-id",
            &swarm,
            "--description",
            "Move auth to OAuth and JWT",
            "--owner",
            "codex",
            "--workstream",
            "API",
            "--workstream",
            "QA",
        ],
    )
    .await;
    let (feature_id, workstream) = (id(&feature, "feature_id"), id(&feature["workstream_ids"], "API"));
    let task = document(
        &place,
        &[
            "htask-create",
            "Add refresh endpoint",
            "--swarm-id",
            &swarm,
            "--parent-id",
            &workstream,
            "--description",
            "Implement token rotation",
            "--owner",
            "codex",
            "--evidence-required",
            r#"{"type":"test","description":"targeted tests passed"}"#,
        ],
    )
    .await;
    let task_id = id(&task, "task_id");
    let next = document(&place, &["htask-next", "--swarm-id", &swarm, "--limit", "5"]).await;
    assert_eq!(next["tasks"][0]["task_id"], json!(task_id), "{next:#}");
    assert_eq!(next["tasks"][0]["path"][0], json!("Auth Overhaul"), "{next:#}");

    let bare = refused(&place, &["htask-complete", &task_id, "--swarm-id", &swarm]).await;
    assert!(bare.stderr.contains("test (targeted tests passed)"), "e15: {bare:#?}");
    let completed = document(
        &place,
        &[
            "htask-complete",
            &task_id,
            "--swarm-id",
            &swarm,
            "--evidence",
            "test:pytest packages/agentic-orchestrator",
            "--result",
            "Implemented and verified htask wrapper",
        ],
    )
    .await;
    assert_eq!(completed["status"], json!("COMPLETED"));
    assert_eq!(completed["evidence"][0]["verdict"], json!("claimed"), "words are a claim: {completed:#}");

    let tree = document(&place, &["htask-tree", "--swarm-id", &swarm, "--task-id", &feature_id]).await;
    assert_eq!(tree["tree"]["progress"]["completed"], json!(1), "{tree:#}");
    let shown = place.run(&["htask-tree", "--swarm-id", &swarm]).await;
    assert!(shown.stdout.contains("N3     P1        · · Add refresh endpoint"), "{shown:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_swarm_the_projects_own_is_meant_every_time() {
    let place = Place::new();
    let words = ["htask-create", "Rotate keys", "--description", "x", "--owner", "ada"];
    let (first, second) = (document(&place, &words).await, document(&place, &words).await);
    assert_eq!(first["swarm_id"], second["swarm_id"]);
    let next = document(&place, &["htask-next"]).await;
    assert_eq!(next["total"], json!(2), "{next:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_words_are_one_clear_line_and_write_nothing() {
    let place = Place::new();
    for (words, told) in [
        (vec!["remember", "x", "--type", "desicion"], "did you mean `decision`?"),
        (vec!["remember", " "], "content: is empty"),
        (vec!["remember", "x", "--ttl", "0"], "ttl_days: is 0"),
        (vec!["recall", "x", "--limit", "0"], "limit: is 0"),
        (vec!["forget"], "memory_id: is missing"),
        (vec!["memories", "--offset", "-1"], "give a number of at least 0"),
        (vec!["proofs", "list", "--limit", "0"], "give a whole number of at least 1"),
        (vec!["remember", "x", "--ttl", "1d"], "it is no whole number"),
        (vec!["htask-create", "t", "-d", "x", "-o", "ada", "--evidence-required", "{test"], "it is not JSON"),
        (vec!["status", "--config", "/nowhere.json"], "/nowhere.json"),
        (vec!["htask-create", "t", "-d", "x", "-o", "ada", "-p", "high"], "known are P0, P1, P2"),
        (
            vec!["htask-create", "t", "-d", "x", "-o", "ada", "--parent-id", "htask_none"],
            "there is no htask `htask_none`",
        ),
        (vec!["htask-next", "--swarm-id", "swarm_abc123"], "there is no swarm `swarm_abc123`"),
        (vec!["swarm-join", "-s", "deploys", "-a", "ada"], "there is no swarm `deploys`"),
    ] {
        let ended = refused(&place, &words).await;
        assert!(ended.stderr.contains(told) && ended.stdout.is_empty(), "{words:?}: {ended:#?}");
        assert!(!ended.stderr.contains("os error"), "{words:?}: {ended:#?}");
    }
    let memories = document(&place, &["memories"]).await;
    assert_eq!(memories["total_count"], json!(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_memory_is_invalidated_and_forgotten() {
    let place = Place::new();
    let kept = document(&place, &["remember", "The staging cluster runs in Geneva", "--permanent"]).await;
    let memory_id = id(&kept, "memory_id");
    assert!(kept.get("expires_at").is_none(), "{kept:#}");
    let gone = document(&place, &["forget", &memory_id, "--invalidate", "--reason", "moved to Zurich"]).await;
    assert_eq!(gone["status"], json!("INVALIDATED"));
    assert_eq!(document(&place, &["recall", "staging cluster Geneva"]).await["memories"], json!([]));
    assert_eq!(document(&place, &["forget", &memory_id]).await["deleted_count"], json!(1));
    assert_eq!(document(&place, &["memories", "--include-inactive"]).await["total_count"], json!(0));
    let unknown = refused(&place, &["forget", &memory_id]).await;
    assert!(unknown.stderr.contains(&format!("there is no memory `{memory_id}`")), "{unknown:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_memories_go_only_when_a_person_says_so() {
    let place = Place::new();
    let count = async || document(&place, &["memories"]).await["total_count"].clone();
    for text in ["The cache is warm", "The queue is empty"] {
        document(&place, &["remember", text, "--type", "learning"]).await;
    }
    let many = ["forget", "--type", "learning"];
    let alone = refused(&place, &many).await;
    assert!(alone.stderr.contains("2 memories") && alone.stderr.contains("--yes"), "{alone:#?}");
    let declined = place.at_terminal("forget --type learning", "n\n").await;
    assert!(declined.code == Some(2) && declined.stdout.contains("learning: The cache is warm"), "{declined:#?}");
    assert_eq!(count().await, json!(2));
    let said = place.at_terminal("forget --type learning", "y\n").await;
    assert_eq!((said.code, count().await), (Some(0), json!(0)), "{said:#?}");
    for text in ["The cache is warm", "The queue is empty"] {
        document(&place, &["remember", text, "--type", "learning"]).await;
    }
    assert_eq!(document(&place, &[&many[..], &["--yes"]].concat()).await["deleted_count"], json!(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiver_is_used_only_when_a_person_says_so_and_stays_visible() {
    let place = Place::new();
    let policy = r#"{"policy": {"closure_policy": "ALLOW_EXCEPTIONS"}}"#;
    std::fs::write(place.repository().join(".snipara-orchestrator.json"), policy).expect("written");
    let made = document(&place, &["htask-create", "Parent", "-d", "x", "-o", "ada", "-l", "N1_FEATURE"]).await;
    let parent = id(&made, "task_id");
    let stream = ["htask-create", "Stream", "-d", "x", "-o", "ada", "-l", "N2_WORKSTREAM", "--workstream-type", "API"];
    document(&place, &[&stream[..], &["--parent-id", &parent]].concat()).await;
    let close = ["htask-close", &parent, "--waiver-reason", "It is urgent", "--waiver-approved-by", "Eve"];
    for yes in [&[][..], &["--yes"]] {
        let script = refused(&place, &[&close[..], yes].concat()).await;
        assert!(script.stderr.contains("closed with a waiver") && script.stderr.contains("terminal"), "{script:#?}");
    }
    let line = format!("htask-close {parent} --waiver-reason urgent --waiver-approved-by Eve");
    let declined = place.at_terminal(&line, "\n").await;
    assert!(declined.code == Some(2) && declined.stdout.contains("(Stream) is PENDING"), "{declined:#?}");
    let closed = place.at_terminal(&format!("{line} --yes"), "").await;
    assert!(closed.code == Some(0) && closed.stdout.contains("with a waiver"), "{closed:#?}");
    let tree = place.run(&["htask-tree"]).await;
    assert!(tree.stdout.contains("waived by Eve: urgent"), "{tree:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiver_that_the_policy_forbids_names_the_setting() {
    let place = Place::new();
    let made = document(&place, &["htask-create", "Parent", "-d", "x", "-o", "ada", "-l", "N1_FEATURE"]).await;
    let parent = id(&made, "task_id");
    document(
        &place,
        &[
            "htask-create",
            "Child",
            "-d",
            "x",
            "-o",
            "ada",
            "-l",
            "N2_WORKSTREAM",
            "--workstream-type",
            "API",
            "--parent-id",
            &parent,
        ],
    )
    .await;
    let close = ["htask-close", &parent, "--waiver-reason", "It is urgent", "--waiver-approved-by", "Eve", "--yes"];
    let told = refused(&place, &close).await;
    assert!(told.stderr.contains("policy.closure_policy is STRICT_ALL_CHILDREN"), "{told:#?}");
    assert!(told.stderr.contains("ALLOW_EXCEPTIONS permits waivers"), "{told:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_of_a_kind_that_nobody_knows_completes_nothing() {
    let place = Place::new();
    let create = ["htask-create", "Rotate keys", "-d", "x", "-o", "ada"];
    let plain = id(&document(&place, &create).await, "task_id");
    let told = refused(&place, &["htask-complete", &plain, "-e", "zzz:ok"]).await;
    assert!(told.stderr.contains("`zzz` is not a type of evidence"), "{told:#?}");
    assert!(told.stderr.contains("give one of link, note, proof, test"), "{told:#?}");
    let own = [&create[..], &["--evidence-required", "review:two people"]].concat();
    let own = id(&document(&place, &own).await, "task_id");
    let done = document(&place, &["htask-complete", &own, "-e", "review:Ada and Bob looked"]).await;
    assert_eq!(done["status"], json!("COMPLETED"), "the htask asks for this word");
}
