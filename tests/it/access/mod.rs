//! Who may call over HTTP, and what: tokens, scopes, rates, issuers, and whose a task is.

mod bounds;
mod extensions;
mod flags;
mod guessing;
mod issuer;
mod ownership;
mod revoking;
mod scopes;
mod tokens;

use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;

use snipara_orchestrator::domain::SystemClock;
use snipara_orchestrator::http::HttpSettings;
use snipara_orchestrator::http::auth::{Access, AccessSettings, Tokens};

const READER: &str = "planted-token-of-a-reader";
const ADA: &str = "planted-token-of-ada-0001";
const BOB: &str = "planted-token-of-bob-0001";
const ADMIN: &str = "planted-token-of-an-admin";

/// A reader, two that may do everything but administer, and an administrator.
fn settings(per_minute: Option<NonZeroU32>) -> HttpSettings {
    let text = format!(
        "reader read {READER}\nada read,validate,write {ADA}\nbob read,validate,write {BOB}\nroot admin {ADMIN}\n"
    );
    let access = access(Tokens::read(&text).expect("tokens"), per_minute);
    HttpSettings { access, ..HttpSettings::default() }
}

fn access(tokens: Tokens, per_minute: Option<NonZeroU32>) -> Arc<Access> {
    let settings = AccessSettings { tokens, per_minute, ..AccessSettings::default() };
    let fetch =
        Arc::new(|_| -> Pin<Box<dyn Future<Output = _> + Send>> { Box::pin(async { Err("no issuer".to_owned()) }) });
    Arc::new(Access::new(settings, fetch, Arc::new(SystemClock)).expect("access"))
}
