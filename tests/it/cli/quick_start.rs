//! The Quick Start of the seed's README, word for word: the commands that this version has.

use serde_json::json;

use super::place::Place;
use super::tls_front::TlsFront;
use crate::support::production::{Answer, Production};

#[tokio::test(flavor = "multi_thread")]
async fn the_quick_start_of_the_seed_runs_verbatim() {
    let place = Place::new();
    place.program("pnpm", "exit 0");
    let production = Production::start().await;
    for (path, body) in [
        ("/health", json!({"status": "ok"})),
        ("/ready", json!({"status": "ready"})),
        ("/api/auth/session", json!({"session": null, "kind": "anonymous"})),
        ("/api/users", json!({"users": []})),
        ("/api/auth", json!({"auth": "here"})),
    ] {
        production.answer(path, Answer::json(200, &body));
    }
    let front = TlsFront::start("api.example.com", production.address(), place.path()).await;
    let resolve = format!("api.example.com:443:{}:{}", front.address.ip(), front.address.port());
    let ca_file = front.ca_file.display().to_string();
    let network = ["--resolve", resolve.as_str(), "--ca-file", ca_file.as_str()];

    let init =
        place.line("snipara-orchestrator init --project my-project --prod-url https://api.example.com", &[]).await;
    assert_eq!(init.code, Some(0), "{init:#?}");
    assert!(place.repository().join(".snipara-orchestrator.json").is_file());

    let run = place
        .line(
            r#"snipara-orchestrator run "Deploy Auth Feature" \
  --test "pnpm test" \
  --test "pnpm lint" \
  --endpoint "https://api.example.com/health" \
  --endpoint "https://api.example.com/api/auth/session" \
  --required-proofs 3"#,
            &network,
        )
        .await;
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert!(run.stdout.starts_with("✓ DONE Deploy Auth Feature"), "{run:#?}");

    let drift = place.line("snipara-orchestrator check-drift --route /api/users --route /api/auth", &network).await;
    assert_eq!(drift.code, Some(0), "{drift:#?}");
    assert!(drift.stdout.starts_with("✓ no drift"), "{drift:#?}");

    let validate = place.line("snipara-orchestrator validate https://api.example.com/health", &network).await;
    assert_eq!(validate.code, Some(0), "{validate:#?}");
    assert!(validate.stdout.starts_with("✓ GET https://api.example.com/health 200"), "{validate:#?}");
    assert!(production.count("/api/auth/session") >= 1);
}
