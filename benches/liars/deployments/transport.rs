//! The answer begins well and does not end well.

use std::time::Duration;

use serde_json::{Value, json};

use crate::liars::answer::{Answer, Delivery, json};
use crate::liars::app::{ORDERS, SEEN, plain};
use crate::liars::case::{Case, lie};
use crate::liars::checks::{ask, with};
use crate::liars::rule::on;

fn sent(id: &'static str, what: &'static str, delivery: Delivery, check: Value) -> Case {
    sent_as(id, what, json(ORDERS).delivered(delivery), check)
}

fn sent_as(id: &'static str, what: &'static str, answer: Answer, check: Value) -> Case {
    lie(id, what, vec![on("/api/orders").says(answer)]).asking([vec![check], plain()].concat())
}

/// The check gives up after half a second.
fn patient(expect: &[&str]) -> Value {
    with(ask("/api/orders", expect), "timeout_s", json!(0.5))
}

pub(super) fn cases() -> Vec<Case> {
    let check = || ask("/api/orders", &[SEEN]);
    vec![
        sent("cut-by-length", "The connection ends before the length that was promised.", Delivery::Cut, check()),
        sent("cut-in-chunks", "The connection ends between two chunks.", Delivery::ChunksCut, check()),
        sent(
            "slow-drip",
            "The body comes byte by byte, longer than the check waits.",
            Delivery::Drip(Duration::from_millis(30)),
            patient(&[SEEN]),
        ),
        sent("hangs-after-head", "The head comes and the body never does.", Delivery::Hang, patient(&[SEEN])),
        sent(
            "slower-than-promised",
            "The answer takes longer than the task allows.",
            Delivery::Late(Duration::from_millis(700)),
            ask("/api/orders", &["duration < 500"]),
        ),
        sent_as(
            "not-http",
            "Something else than HTTP answers on the port.",
            crate::liars::answer::raw("SSH-2.0-OpenSSH_9.9\r\n"),
            check(),
        ),
        sent_as(
            "status-line-says-error",
            "The reason beside 200 says error, and the body, too.",
            crate::liars::answer::raw(
                "HTTP/1.1 200 Internal Server Error\r\ncontent-length: 16\r\n\r\n{\"error\":\"boom\"}",
            ),
            check(),
        ),
    ]
}
