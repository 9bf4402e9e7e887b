//! How a verb writes.

/// Carries a verb out in the transaction that is opened, and commits it before the verb is answered.
macro_rules! written {
    ($open:expr, |$transaction:ident| $verb:expr) => {
        Box::pin(async move {
            let mut $transaction = $open.await?;
            let answer = $verb.await?;
            $transaction.commit().await?;
            Ok(answer)
        })
    };
}

pub(super) use written;
