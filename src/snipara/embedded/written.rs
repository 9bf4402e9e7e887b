//! How a verb writes.

/// Carries a verb out in the transaction that is opened, and commits it before the verb is answered.
macro_rules! written {
    ($open:expr, $verb:path $(, $argument:expr)* $(,)?) => {
        Box::pin(async move {
            let mut transaction = $open.await?;
            let answer = $verb(&mut transaction $(, $argument)*).await?;
            transaction.commit().await?;
            Ok(answer)
        })
    };
}

pub(super) use written;
