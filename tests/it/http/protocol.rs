//! Tasks, a person's consent and the log of a run through the real binary over HTTP, by rmcp's own client.

use rmcp::model::{CallToolResponse, InputResponses};
use serde_json::{Value, json};

use crate::support::http_process::{Site, task};
use crate::support::mcp_client::Era;
use crate::support::person::{Person, Session, call, json_of};

async fn remember(session: &Session, count: usize) {
    for content in
        ["The cart answers 403.", "Migrations run first.", "Invoices are sent at midnight."].iter().take(count)
    {
        let kept = session.call("remember", json!({"content": content, "category": "failures"})).await;
        assert_eq!(kept["isError"], false, "{kept}");
    }
}

#[tokio::test]
async fn a_task_that_one_server_began_is_answered_by_another_one_of_the_same_state() {
    let site = Site::new().await;
    let (one, other) = (site.serve(&[]).await, site.serve(&["--stateless"]).await);
    let begins = Person::with_tasks().connects(&one.url, Era::Discover).await;
    let CallToolResponse::Task(created) = begins.call_once(call("run_task", task(&[]))).await else {
        panic!("no task")
    };
    let asks = Person::with_tasks().connects(&other.url, Era::Discover).await;
    let answer = asks.ended_task(&created.task.task_id).await;
    assert_eq!(answer["result"]["structuredContent"]["status"], "done", "{answer}");
}

#[tokio::test]
async fn a_person_is_asked_over_http_in_both_eras() {
    let site = Site::new().await;
    let server = site.serve(&["--toolsets", "all"]).await;
    for era in Era::BOTH {
        let session = Person::typing([json!({"count": "2"})]).connects(&server.url, era).await;
        remember(&session, 2).await;
        let result = session.call("forget", json!({"category": "failures"})).await;
        assert_eq!(result["structuredContent"]["deleted_count"], 2, "{era:?}: {result}");
    }
    // Without a session nobody of the older era can be asked.
    let stateless = site.serve(&["--toolsets", "all", "--stateless"]).await;
    let session = Person::typing([json!({"count": "2"})]).connects(&stateless.url, Era::Initialize).await;
    remember(&session, 2).await;
    assert_eq!(session.refusal("forget", json!({"category": "failures"})).await[0], "needs_a_person");
}

#[tokio::test]
async fn a_question_of_one_replica_is_answered_to_another() {
    let site = Site::new().await;
    let words = ["--toolsets", "all", "--stateless"];
    let (one, other) = (site.serve(&words).await, site.serve(&words).await);
    let asks = Person::typing([]).connects(&one.url, Era::Discover).await;
    remember(&asks, 3).await;
    let forget = call("forget", json!({"category": "failures"}));
    let CallToolResponse::InputRequired(question) = asks.call_once(forget.clone()).await else { panic!("no question") };
    let typed = json!({"action": "accept", "content": {"count": "3"}});
    let again = forget
        .with_input_responses(InputResponses::from([("word".to_owned(), typed)]))
        .with_request_state(question.request_state.expect("a state"));
    let answers = Person::typing([]).connects(&other.url, Era::Discover).await;
    let CallToolResponse::Complete(result) = answers.call_once(again).await else { panic!("no result") };
    assert_eq!(json_of(&result)["structuredContent"]["deleted_count"], 3, "{result:?}");
}

#[tokio::test]
async fn the_level_of_the_log_is_its_session_s() {
    let site = Site::new().await;
    let server = site.serve(&[]).await;
    let (loud, quiet) = (Person::default(), Person::default());
    let (one, other) =
        (loud.connects(&server.url, Era::Initialize).await, quiet.connects(&server.url, Era::Initialize).await);
    let answer = one.level("info").await;
    assert!(answer.is_ok(), "{answer:?}");
    for session in [&other, &one] {
        session.call("run_task", task(&[])).await;
    }
    crate::support::patience::until("the end is told", || {
        loud.log().iter().any(|message| message["level"] == "notice" && message["data"] == "done")
    })
    .await;
    assert_eq!(quiet.log(), Vec::<Value>::new());
}
