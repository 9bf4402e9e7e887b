//! Health as stacks write it.

use super::*;

const TEXT: &str = "text/plain";
const HTML: &str = "text/html; charset=utf-8";

/// One answer of a stack and what it says.
struct Row {
    says: &'static str,
    stack: &'static str,
    status: u16,
    label: &'static str,
    body: String,
}

fn rows() -> Vec<Row> {
    let lines = include_str!("tests/stacks.txt").lines().filter(|line| !line.starts_with('#'));
    let read = |line: &'static str| {
        let [says, stack, answer, body] = *line.splitn(4, " | ").collect::<Vec<_>>() else { panic!("{line}") };
        let (status, label) = answer.split_once(' ').expect("a status and a media type");
        let usual = [("json", "application/json"), ("text", TEXT), ("html", HTML)];
        let label = usual.iter().find(|(short, _)| *short == label).map_or(label, |(_, long)| long);
        Row { says, stack, status: status.parse().expect("a status"), label, body: body.replace("\\n", "\n") }
    };
    lines.map(read).collect()
}

#[test]
fn what_stacks_answer_is_judged_by_its_path_and_word() {
    assert!(rows().len() >= 150);
    for Row { says, stack, status, label, body } in rows() {
        let HealthVerdict { answer, told } = judge_health(status, HealthBody::of(&body, Some(label), true));
        let told = told.join("; ");
        let (kind, part) = says.split_once(": ").unwrap_or((says, ""));
        let is_right = match (kind, &answer) {
            ("good", HealthAnswer::Healthy) => told.is_empty(),
            ("told", HealthAnswer::Healthy) => told.contains(part),
            ("warn", HealthAnswer::Degraded(said))
            | ("bad", HealthAnswer::Unhealthy(said))
            | ("open", HealthAnswer::Inconclusive(said)) => said.contains(part),
            _ => false,
        };
        assert!(is_right, "{stack}: {body}\n  wanted {says}, read {answer:?}, told {told:?}");
    }
}

#[test]
fn a_status_decides_where_it_is_no_success() {
    for status in [400, 404, 405, 410] {
        assert_eq!(judge_health(status, HealthBody::Empty).answer, HealthAnswer::Absent);
    }
    for status in [301, 302, 304, 401, 403, 408, 429] {
        assert!(matches!(judge_health(status, HealthBody::Page).answer, HealthAnswer::Inconclusive(_)), "{status}");
    }
    assert_eq!(judge_health(503, HealthBody::Page).answer, HealthAnswer::Unhealthy("503".to_owned()));
    assert_eq!(judge_health(204, HealthBody::Empty).answer, HealthAnswer::Healthy);
}

#[test]
fn a_guessed_route_is_offered_only_with_an_answer_that_can_be_its_own() {
    let guessed = |path, status, body| {
        judge_health_route(HealthRoute::Guessed(path), status, HealthBody::of(body, None, true)).answer
    };
    for status in [301, 302, 400, 401, 403, 404, 405, 406, 410, 451] {
        assert_eq!(guessed("/health", status, ""), HealthAnswer::Absent, "{status}");
    }
    assert!(matches!(guessed("/health", 429, ""), HealthAnswer::Inconclusive(_)));
    assert!(matches!(guessed("/health", 502, "<html><h1>Bad Gateway</h1>"), HealthAnswer::Unhealthy(_)));
    // Of routes that businesses use, only what speaks about health at its top is read as health.
    for body in
        ["pong", "", r#"{"order":7,"steps":["failed"]}"#, r#"[{"status":"down"}]"#, r#"{"server":{"status":"down"}}"#]
    {
        for path in ["/status", "/live", "/ping", "/info", "/api/status/"] {
            assert_eq!(guessed(path, 200, body), HealthAnswer::Absent, "{path} {body}");
            assert_eq!(guessed(path, 500, body), HealthAnswer::Absent, "{path} {body}");
        }
    }
    assert_eq!(guessed("/status", 200, r#"{"status":"UP"}"#), HealthAnswer::Healthy);
    assert!(matches!(guessed("/status", 200, r#"{"status":"DOWN"}"#), HealthAnswer::Unhealthy(_)));
    assert!(matches!(guessed("/status", 200, r#"{"status":"shipped"}"#), HealthAnswer::Inconclusive(_)));
}

#[test]
fn a_page_is_good_on_up_and_where_configuration_names_the_route() {
    let page = "<!DOCTYPE html><html><body style=\"background-color: green\"></body></html>";
    let of = |route, status, body| judge_health_route(route, status, HealthBody::of(body, Some(HTML), true)).answer;
    assert_eq!(of(HealthRoute::Guessed("/up"), 200, page), HealthAnswer::Healthy);
    assert_eq!(of(HealthRoute::Configured, 200, page), HealthAnswer::Healthy);
    assert!(matches!(of(HealthRoute::Guessed("/health"), 200, page), HealthAnswer::Inconclusive(_)));
    assert!(matches!(of(HealthRoute::Guessed("/up"), 500, page), HealthAnswer::Unhealthy(_)));
    // A status alone is what a configured route says; a word that nobody knows is not nothing.
    let configured = judge_health_route(HealthRoute::Configured, 200, HealthBody::of("Hello World", Some(TEXT), true));
    assert_eq!((configured.answer, configured.told.len()), (HealthAnswer::Healthy, 1));
    assert!(matches!(of(HealthRoute::Configured, 200, r#"{"status":"purple"}"#), HealthAnswer::Inconclusive(_)));
    assert!(matches!(of(HealthRoute::Configured, 406, ""), HealthAnswer::Unhealthy(_)));
    assert!(matches!(of(HealthRoute::Configured, 302, ""), HealthAnswer::Inconclusive(_)));
}

#[test]
fn a_message_names_three_places_and_counts_the_rest() {
    let body = r#"{"checks":{"a":"down","b":"down","c":"failed","d":false,"e":"ok"}}"#;
    let said =
        HealthAnswer::Unhealthy("200 that says checks.a: down, checks.b: down, checks.c: failed and 1 more".to_owned());
    assert_eq!(judge_health(200, HealthBody::of(body, None, true)).answer, said);
}
