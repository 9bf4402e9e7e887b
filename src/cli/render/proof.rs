//! Proofs for people.

use serde_json::Value;

use super::paint::{Paint, duration, indented, line, relative, short_digest};
use super::table::{Cell, Look, TableRow, table};
use crate::domain::{Proof, ProofResult, one_line};

/// Shows the verdict on one line.
pub(crate) fn proof_verdict(proof: &Proof, paint: Paint) -> String {
    let method = proof.method.as_deref().unwrap_or_default();
    let mut text = format!("{} {} {}", paint.mark(proof.result), line(method), line(&proof.endpoint));
    match proof.response_code {
        Some(code) => text.push_str(&format!(" {code}")),
        None => text.push_str(" no answer"),
    }
    if let Some(message) = proof.error_message.as_deref().filter(|_| proof.result != ProofResult::Pass) {
        text.push_str(&format!(": {}", line(message)));
    }
    text.push('\n');
    text
}

/// Shows a whole proof with the beginning of its body.
pub(crate) fn proof(proof: &Proof, paint: Paint) -> String {
    let mut text = proof_verdict(proof, paint);
    let mut row = |name: &str, value: String| text.push_str(&format!("  {name:<9}{value}\n"));
    row("user", line(&proof.user_tested));
    row("time", format!("{}, {}", duration(proof.duration_ms), paint.when(proof.timestamp)));
    if proof.attempts.len() > 1 {
        row("tries", proof.attempts.len().to_string());
    }
    if let Some(bytes) = proof.response_bytes {
        row("body", format!("{bytes} bytes"));
    }
    if let (Some(seq), Some(hash)) = (proof.seq, &proof.hash) {
        row("ledger", format!("entry {seq}, {}", short_digest(hash)));
    }
    if let Some(body) = &proof.response_body {
        let shown = match body {
            Value::String(plain) => plain.clone(),
            other => serde_json::to_string_pretty(other).unwrap_or_default(),
        };
        indented(&mut text, &shown, "  | ");
    }
    text
}

/// Lists proofs, one a line; addresses of production are its paths.
pub(crate) fn proofs(proofs: &[Proof], paint: Paint, production: Option<&str>) -> String {
    if proofs.is_empty() {
        return "no proofs yet\n".to_owned();
    }
    let row = |proof: &Proof| {
        let (result, look) = match proof.result {
            ProofResult::Pass => ("✓ pass", Look::Good),
            ProofResult::Fail => ("✗ fail", Look::Bad),
            ProofResult::Unverified => ("? unverified", Look::Open),
        };
        let why = proof.error_message.as_deref().filter(|_| !proof.passed());
        let why = why.map(|message| format!(": {}", one_line(message, 120))).unwrap_or_default();
        let method = proof.method.as_deref().map(|method| format!("{method} ")).unwrap_or_default();
        TableRow::new([
            Cell::from(proof.seq.map_or_else(|| "-".to_owned(), |seq| seq.to_string())),
            Cell::from(paint.when(proof.timestamp)),
            Cell::new(result, look),
            Cell::from(proof.response_code.map_or_else(|| "-".to_owned(), |code| code.to_string())),
            Cell::from(&proof.check),
            Cell::from(format!("{method}{}{why}", one_line(&relative(&proof.endpoint, production), 120))),
        ])
    };
    let headings = ["ENTRY", "WHEN", "RESULT", "CODE", "CHECK", "WHAT"];
    table(headings, &proofs.iter().map(row).collect::<Vec<_>>(), paint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::render::samples;

    const PLAIN: Paint = Paint::new(false);

    #[test]
    fn a_proof_shows_code_reason_and_body_as_text() {
        insta::assert_snapshot!(proof(&samples::proof(ProofResult::Fail), PLAIN), @r#"
        ✗ GET https://api.example.com/health 503: expected 200, got 503
          user     anonymous
          time     12 ms, 2023-11-14T22:13:20.123Z
          body     15 bytes
          ledger   entry 7, sha256:abcd
          | {
          |   "status": "x\u001b[31m"
          | }
        "#);
    }

    #[test]
    fn the_three_verdicts_look_different() {
        let verdict = |result| proof_verdict(&samples::proof(result), PLAIN);
        insta::assert_snapshot!(
            [ProofResult::Pass, ProofResult::Fail, ProofResult::Unverified].map(verdict).concat(),
            @"
        ✓ GET https://api.example.com/health 200
        ✗ GET https://api.example.com/health 503: expected 200, got 503
        ? GET https://api.example.com/health no answer: expected 200, got 503
        "
        );
    }

    #[test]
    fn proofs_are_listed_with_their_numbers() {
        let list = [samples::proof(ProofResult::Pass), samples::proof(ProofResult::Fail)];
        insta::assert_snapshot!(proofs(&list, PLAIN, Some("https://api.example.com")), @"
        ENTRY  WHEN                      RESULT  CODE  CHECK              WHAT
        7      2023-11-14T22:13:20.123Z  ✓ pass  200   validate_endpoint  GET /health
        7      2023-11-14T22:13:20.123Z  ✗ fail  503   validate_endpoint  GET /health: expected 200, got 503
        ");
        assert_eq!(proofs(&[], PLAIN, None), "no proofs yet\n");
    }
}
