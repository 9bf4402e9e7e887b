//! The files that a page loads, asked for: a page whose scripts are gone shows nothing (docs/design/gate.md G9).

use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::plausible::{AssetAnswer, AssetVerdict, assets_to_ask, judge_asset};
use super::probe::Validator;
use crate::domain::one_line;
use crate::expect::{Asset, HtmlPage, PreparedCheck};
use crate::outbound::{Exchange, RequestSpec, Session};

/// How many files of one page are asked for at once.
const AT_ONCE: usize = 4;
/// The time for one file, in milliseconds.
const TIMEOUT_MS: u64 = 10_000;
/// The time for reading the page.
const READING: Duration = Duration::from_millis(250);

/// What the files of a page answered.
#[derive(Debug, Default)]
pub(super) struct PageAssets {
    /// Those that the page cannot use, one line each.
    pub(super) broken: Vec<String>,
    /// Those of which nothing is known, one line each.
    pub(super) unknown: Vec<String>,
}

/// Returns the addresses of the files that a page loads from its own origin; nothing where the answer is no whole page.
pub(crate) fn files_of_page(exchange: &Exchange) -> Option<Vec<Url>> {
    let text = String::from_utf8_lossy(exchange.whole_body().filter(|_| exchange.is_found_page())?);
    let page = HtmlPage::read(&text, Some(&exchange.url), READING)?;
    Some(assets_to_ask(&page).iter().map(|asset| asset.url.clone()).collect())
}

impl Validator {
    /// Asks for the files that an answer loads, when it is a page with 2xx.
    pub(super) async fn page_assets(
        &self,
        check: &PreparedCheck,
        exchange: &Exchange,
        cancel: &CancellationToken,
    ) -> PageAssets {
        let text = String::from_utf8_lossy(&exchange.body_start);
        let page = if exchange.is_found_page() { HtmlPage::read(&text, Some(&exchange.url), READING) } else { None };
        let mut found = PageAssets::default();
        let Some(page) = page else { return found };
        // A browser sends the session of its user with them.
        let credential =
            self.sessions.request_for(check, cancel).await.ok().and_then(|asking| asking.request.credential);
        let credential = &credential;
        let asked: Vec<_> =
            assets_to_ask(&page).iter().map(|asset| self.ask_asset(asset, credential.clone(), cancel)).collect();
        let verdicts: Vec<_> = stream::iter(asked).buffered(AT_ONCE).collect().await;
        for (asset, verdict) in assets_to_ask(&page).iter().zip(verdicts) {
            let line = |why: &str| one_line(&format!("{}: {why}", self.deps.redactor.url(asset.url.path())), 200);
            match verdict {
                AssetVerdict::Usable => {}
                AssetVerdict::Broken(why) => found.broken.push(line(&why)),
                AssetVerdict::Unknown(why) => found.unknown.push(line(&why)),
            }
        }
        found
    }

    async fn ask_asset(&self, asset: &Asset, credential: Option<Session>, cancel: &CancellationToken) -> AssetVerdict {
        let request = RequestSpec::get(asset.url.clone(), TIMEOUT_MS);
        let request = RequestSpec { follow_redirects: true, credential, ..request };
        match self.deps.http.send(&request, cancel).await {
            Err(failure) => AssetVerdict::Unknown(failure.to_string()),
            Ok(exchange) => judge_asset(
                asset.kind,
                &AssetAnswer {
                    status: exchange.status,
                    media_type: exchange.header("content-type"),
                    nosniff: exchange
                        .header("x-content-type-options")
                        .is_some_and(|said| said.eq_ignore_ascii_case("nosniff")),
                },
            ),
        }
    }
}
