//! Many entries in one append: several rows a statement, several statements a transaction.

use serde_json::json;
use snipara_orchestrator::domain::Proof;
use snipara_orchestrator::ledger::{Fact, Ledger};
use snipara_orchestrator::store::Store;

use crate::support::book::{Book, live_proof, project};

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
async fn an_append_that_fails_in_a_later_statement_leaves_nothing() {
    let book = Book::new().await;
    book.ledger.append(None, vec![proof(1)]).await.expect("appended");
    // There is room for the texts and for the first of the statements that write entries.
    let pages: u32 = book.edit("PRAGMA page_count").parse().expect("a number");
    let full = Store::open_limited(&book.folder, &project(), Some(pages + 40)).await.expect("opens");
    let full = Ledger::new(full, book.clock.clone());
    full.append(None, (0..200).map(proof).collect()).await.expect_err("refused");
    assert_eq!(book.edit("SELECT count(*) FROM ledger_entries"), "1");
    assert_eq!(book.edit("SELECT count(*) FROM ledger_bodies"), "1");
    book.ledger.append(None, (0..99).map(proof).collect()).await.expect("appended");
    assert_eq!(book.problem().await, None);
}
