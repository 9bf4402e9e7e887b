//! What answers tell of the build although they were asked for something else: health documents, headers, the tags of pages.

use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

use crate::domain::{BuildAnswer, BuildPlace, BuildWord, PlaceKind, Production, is_html, names_health, words_of};
use crate::outbound::Exchange;
use crate::validator::answered_by_a_cache;

/// The most paths of which words are kept.
const MOST_PATHS: usize = 32;

/// The words that answers told beside, by path; the newest answer of a path counts.
#[derive(Debug)]
pub(super) struct HeardBuilds {
    paths: Mutex<Vec<(String, Vec<BuildWord>)>>,
    /// How many comparisons that may tell something go on.
    going_on: watch::Sender<usize>,
}

impl HeardBuilds {
    /// Nothing is heard yet of so many comparisons.
    pub(super) fn of(comparisons: usize) -> Self {
        Self { paths: Mutex::default(), going_on: watch::Sender::new(comparisons) }
    }

    /// Keeps what an answer of production tells.
    pub(super) fn keep(&self, production: Option<&Production>, exchange: &Exchange) {
        let Some(production) = production else { return };
        let Some(path) = production.path_of(&exchange.url) else { return };
        let words = words_beside(production, &path, exchange);
        let mut paths = self.paths.lock().unwrap_or_else(PoisonError::into_inner);
        paths.retain(|(known, _)| *known != path);
        if !words.is_empty() && paths.len() < MOST_PATHS {
            paths.push((path, words));
        }
    }

    /// One of the comparisons has ended.
    pub(super) fn ended(&self) {
        self.going_on.send_modify(|going_on| *going_on = going_on.saturating_sub(1));
    }

    /// Waits for all of them and returns what they told, health routes first: these are asked as nobody.
    pub(super) async fn all(&self, production: &Production) -> Vec<BuildWord> {
        // The sender lives as long as this.
        let _ = self.going_on.subscribe().wait_for(|going_on| *going_on == 0).await;
        let mut paths = self.paths.lock().unwrap_or_else(PoisonError::into_inner).clone();
        paths.sort_by_key(|(path, _)| !is_health_path(production, path));
        paths.into_iter().flat_map(|(_, words)| words).collect()
    }
}

/// Reads what an answer about something else tells of the build: a health document, the tags of a page, and the headers.
pub(super) fn words_beside(production: &Production, path: &str, exchange: &Exchange) -> Vec<BuildWord> {
    let place = BuildPlace {
        path: path.to_owned(),
        kind: PlaceKind::Beside,
        field: None,
        is_cached: answered_by_a_cache(exchange),
    };
    let text = exchange.whole_body().and_then(|body| std::str::from_utf8(body).ok()).unwrap_or_default();
    let text = text.trim_start_matches('\u{feff}');
    let is_page = exchange.header("content-type").is_some_and(is_html) && text.trim_start().starts_with('<');
    let mut words = match exchange.status {
        200 if is_page => words_of(&place, BuildAnswer::Page(text)),
        // A service that is not healthy says so with 503, and its build beside it.
        200 | 503 if is_health_path(production, path) && !is_page => words_of(&place, BuildAnswer::Health(text)),
        _ => Vec::new(),
    };
    words.extend(words_of(&place, BuildAnswer::Headers(&exchange.headers)));
    words
}

fn is_health_path(production: &Production, path: &str) -> bool {
    match &production.health_paths {
        Some(paths) if paths.iter().any(|known| known == path) => true,
        _ => names_health(path),
    }
}
