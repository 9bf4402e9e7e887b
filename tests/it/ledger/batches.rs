//! Many entries in one append: several rows a statement, several statements a transaction.

use serde_json::json;
use snipara_orchestrator::domain::Proof;
use snipara_orchestrator::ledger::Fact;

use crate::support::book::{Book, live_proof};

/// A proof whose body it shares with every tenth.
fn proof(number: usize) -> Fact {
    let response_body = Some(json!({ "shared": number % 10 }));
    Fact::Proof(Box::new(Proof { response_body, ..live_proof(&number.to_string()) }))
}

#[tokio::test]
async fn appends_of_any_size_keep_their_order_and_their_bodies() {
    let book = Book::new().await;
    let sizes = [0, 1, 2, 63, 64, 65, 130, 300];
    for size in sizes {
        let written = book.ledger.append(None, (0..size).map(proof).collect()).await.expect("appended");
        assert_eq!(written.len(), size);
        for (number, place) in written.iter().enumerate() {
            let read = book.ledger.entry(place.seq).await.expect("read");
            let proof = read.proof().expect("a proof");
            assert_eq!((read.hash.as_str(), proof.check), (place.hash.as_str(), number.to_string()));
            assert_eq!(proof.response_body, Some(json!({ "shared": number % 10 })));
        }
    }
    let total: usize = sizes.iter().sum();
    assert_eq!(book.edit("SELECT count(*), max(seq) FROM ledger_entries"), format!("{total}|{total}"));
    assert_eq!(book.edit("SELECT count(*) FROM ledger_bodies"), "10");
    assert_eq!(book.problem().await, None);
}

#[tokio::test]
async fn an_append_that_fails_in_its_last_statement_leaves_nothing() {
    let book = Book::new().await;
    book.ledger.append(None, vec![proof(1)]).await.expect("appended");
    let full = "CREATE TRIGGER full BEFORE INSERT ON ledger_entries WHEN NEW.seq > 100
                BEGIN SELECT RAISE(ABORT, 'full'); END";
    book.edit(full);
    book.ledger.append(None, (0..200).map(proof).collect()).await.expect_err("refused");
    assert_eq!(book.edit("SELECT count(*) FROM ledger_entries"), "1");
    assert_eq!(book.edit("SELECT count(*) FROM ledger_bodies"), "1");
    book.ledger.append(None, (0..99).map(proof).collect()).await.expect("appended");
    assert_eq!(book.problem().await, None);
}
