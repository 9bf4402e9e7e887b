//! The tokens that are good now: read again while the server runs, so that one is revoked without a restart.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::tokens::Tokens;
use crate::domain::Principal;

/// How often the tokens are read again, at most.
const LOOK: Duration = Duration::from_secs(1);

/// Reads the tokens where they stand, which may be none; the error says in words why they cannot be used, and shows none.
pub type ReadTokens = Arc<dyn Fn() -> Result<Tokens, String> + Send + Sync>;

/// The tokens, and where they are read again.
pub(super) struct TokenSource {
    read: Option<ReadTokens>,
    now: Mutex<Now>,
}

struct Now {
    tokens: Tokens,
    looked: Instant,
    /// Whether the last look found something that can be used: what cannot be is told once.
    usable: bool,
    /// Whether the last look found no token at all.
    none: bool,
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TokenSource").field("tokens", &self.now().tokens).finish_non_exhaustive()
    }
}

impl TokenSource {
    pub(super) fn new(tokens: Tokens, read: Option<ReadTokens>) -> Self {
        Self { read, now: Mutex::new(Now { tokens, looked: Instant::now(), usable: true, none: false }) }
    }

    /// Finds whose token this is, among those that stand there now.
    ///
    /// A file that cannot be used, such as one that is half written, changes nothing: the last tokens stay good. One
    /// that holds none revokes all when it still holds none at the next look: whoever writes it anew empties it first.
    pub(super) fn find(&self, token: &str) -> Option<Principal> {
        let mut now = self.now();
        if let Some(read) = self.read.as_ref().filter(|_| now.looked.elapsed() >= LOOK) {
            now.looked = Instant::now();
            match read() {
                Ok(tokens) => {
                    let none = tokens.is_empty();
                    if !none || now.none {
                        now.tokens = tokens;
                    }
                    now.none = none;
                    now.usable = true;
                }
                Err(why) => {
                    if now.usable {
                        tracing::warn!(why, "the last tokens are used on");
                    }
                    now.usable = false;
                }
            }
        }
        now.tokens.find(token)
    }

    fn now(&self) -> std::sync::MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
