//! `context`, and the notes of `checklist`.

use super::place::Place;

fn place() -> Place {
    let place = Place::new();
    let text = "# Deploy\n\n## Rollback\n\nCall /api/users \u{1b}[31mfirst.\n";
    std::fs::write(place.repository().join("DEPLOY.md"), text).expect("written");
    place
}

#[tokio::test]
async fn context_prints_sections_with_place_and_score_and_one_document_with_json() {
    let place = place();
    let shown = place.run(&["context", "how to roll back /api/users", "--max-tokens", "100"]).await;
    assert_eq!(shown.code, Some(0), "{shown:#?}");
    let mut lines = shown.stdout.lines();
    let first = lines.next().expect("a line");
    assert!(first.starts_with("Deploy > Rollback  DEPLOY.md:3-5  0."), "{shown:#?}");
    assert!(shown.stdout.contains("Call /api/users \u{fffd}[31mfirst."), "{shown:#?}");

    let document = place.run(&["context", "rollback", "--json"]).await.json();
    assert_eq!(document["sections"][0]["file"], "DEPLOY.md", "{document}");
    assert_eq!(document["sections"][0]["lines"], serde_json::json!([3, 5]), "{document}");
    assert_eq!(document["total_tokens"], document["sections"][0]["token_count"], "{document}");
}

#[tokio::test]
async fn context_refuses_what_cannot_be_asked_and_tells_when_there_is_nothing() {
    let place = place();
    for (words, field) in
        [(["context", "", "--max-tokens=100"], "query"), (["context", "x", "--max-tokens=-1"], "max_tokens")]
    {
        let refused = place.run(&words).await;
        assert_eq!(refused.code, Some(2), "{refused:#?}");
        assert!(refused.stderr.starts_with(&format!("error: {field}")), "{refused:#?}");
    }
    let nothing = place.run(&["context", "zebra"]).await;
    assert_eq!((nothing.code, nothing.stdout.as_str()), (Some(0), "no section of 1 document answers this\n"));
}

#[tokio::test]
async fn a29_the_checklist_prints_the_deployment_note_that_mentions_the_endpoint() {
    let place = place();
    let words = ["checklist", "--prod-url", "http://127.0.0.1:9", "-e", "/api/users", "-r", "1"];
    let shown = place.run(&words).await;
    assert_eq!(shown.code, Some(0), "{shown:#?}");
    let note =
        "Deployment notes:\n  DEPLOY.md:3-5 Deploy > Rollback (/api/users)\n      Call /api/users \u{fffd}[31mfirst.\n";
    assert!(shown.stdout.contains(note), "{shown:#?}");
}
