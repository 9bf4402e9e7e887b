//! The very first use of a state folder.

use std::path::Path;

use super::rounds::{Errors, Rounds, append, in_rounds, opened};

async fn first_entry(folder: &Path) -> Result<(), String> {
    let ledger = opened(folder).await?;
    let appended = append(&ledger).await;
    ledger.store().close().await;
    appended
}

#[test]
fn a_first_use_that_fails_at_any_call_leaves_a_store_that_works() {
    in_rounds(async || Rounds::new().run(Errors::All, first_entry, async |_| Ok(())).await);
}
