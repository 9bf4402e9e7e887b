//! Asks production's pages for the files that they load, and compares each with the build folder.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::folder::BuildFolder;
use crate::domain::{
    AssetMatch, AssetSource, AssetStanding, BuildStanding, DeployedBuild, DriftAnswer, DriftCheck, DriftKind,
    Production, ResolvedCheck, SeenAsset, Timestamp, is_of_the_host, judge_assets, one_line, pluralize,
};
use crate::drift::detector::{DriftDetector, cancelled};
use crate::drift::detectors::{Comparison, Detector};
use crate::drift::retry::Attempt;
use crate::outbound::{RequestSpec, anonymous_request};
use crate::validator::{files_of_page, past_the_cache};

const UNVERIFIED_FIX: &str = "name pages that load the build's files in identity.pages";

/// Compares the files that production's pages load with the build folder that `identity.assets` names.
#[derive(Debug)]
pub(in crate::drift) struct AssetDetector;

impl Detector for AssetDetector {
    fn kind(&self) -> DriftKind {
        DriftKind::Assets
    }

    fn compare<'a>(&'a self, comparison: Comparison<'a>) -> BoxFuture<'a, Vec<DriftCheck>> {
        async move {
            let production = comparison.detector.deps().production.as_ref();
            match production.and_then(|production| Some((production, production.assets.as_ref()?))) {
                Some((production, source)) => vec![check(comparison, production, source).await],
                None => Vec::new(),
            }
        }
        .boxed()
    }
}

async fn check(comparison: Comparison<'_>, production: &Production, source: &AssetSource) -> DriftCheck {
    let Comparison { detector, request, retry, .. } = comparison;
    let (answer, build) = match folder_of(detector, source).await {
        Err((why, fix)) => (DriftAnswer::unverified(why, fix), None),
        Ok(folder) => {
            let folder = Arc::new(folder);
            let attempt = || {
                async {
                    let looks = Looks { detector, production, source, folder: &folder, cancel: retry.cancel() };
                    let (standing, files) = looks.standing().await;
                    let may_change = !matches!(standing, AssetStanding::Current(_));
                    Attempt { seen: (standing, files), may_change }
                }
                .boxed()
            };
            let (standing, files) = retry.run(attempt).await;
            match retry.cancel().is_cancelled() {
                true => (cancelled(), None),
                false => (answer(&standing, files, source), build(&standing, files, source, request.built_since)),
            }
        }
    };
    DriftCheck {
        kind: DriftKind::Assets,
        subject: one_line(&source.folder, 120),
        url: None,
        route: None,
        response_code: None,
        answer,
        build,
        explicit: false,
    }
}

async fn folder_of(detector: &DriftDetector, source: &AssetSource) -> Result<BuildFolder, (String, &'static str)> {
    let (repository, named) = (detector.deps().executor.repository().to_owned(), source.folder.clone());
    // A reader that panicked has no result.
    let read = tokio::task::spawn_blocking(move || BuildFolder::read(&repository, &named)).await;
    read.unwrap_or_else(|_| Err(("the build folder could not be read".to_owned(), "build the project again")))
}

struct Looks<'a> {
    detector: &'a DriftDetector,
    production: &'a Production,
    source: &'a AssetSource,
    folder: &'a Arc<BuildFolder>,
    cancel: &'a CancellationToken,
}

impl Looks<'_> {
    /// Looks at the pages; where they are not the folder's, once more past every cache. Says how many files were compared.
    async fn standing(&self) -> (AssetStanding, usize) {
        let seen = match self.seen(false).await {
            Ok(seen) => seen,
            Err(why) => return (AssetStanding::Unverified(why), 0),
        };
        let first = judge_assets(&seen, None);
        if matches!(first, AssetStanding::Current(_) | AssetStanding::Unverified(_)) {
            return (first, seen.len());
        }
        let past = self.seen(true).await.ok();
        (judge_assets(&seen, past.as_deref()), seen.len())
    }

    async fn seen(&self, is_past_cache: bool) -> Result<Vec<SeenAsset>, String> {
        let pages = join_all(self.source.pages.iter().map(|page| self.files_of(page, is_past_cache))).await;
        let mut urls: BTreeSet<Url> = BTreeSet::new();
        for page in pages {
            urls.extend(page?);
        }
        let urls = urls.into_iter().filter(|url| !is_of_the_host(url.path()));
        Ok(join_all(urls.map(|url| self.compared(url, is_past_cache))).await)
    }

    /// The files that a page loads from its own origin.
    async fn files_of(&self, page: &str, is_past_cache: bool) -> Result<Vec<Url>, String> {
        let mut request = anonymous_request(&ResolvedCheck::on(self.production, page));
        if is_past_cache {
            request.url = past_the_cache(&request.url);
        }
        let shown = one_line(page, 80);
        let exchange = self.detector.send_for_page(request, self.cancel).await;
        let exchange = exchange.map_err(|failure| format!("{shown}: {failure}"))?;
        match (exchange.status, exchange.header("location")) {
            (300..=399, Some(target)) => {
                Err(format!("{shown} leads to {}: name that page in identity.pages", one_line(target, 80)))
            }
            _ => files_of_page(&exchange).ok_or_else(|| format!("{shown} answers {} and no page", exchange.status)),
        }
    }

    async fn compared(&self, url: Url, is_past_cache: bool) -> SeenAsset {
        let path = url.path().to_owned();
        let asked = if is_past_cache { past_the_cache(&url) } else { url };
        let request = RequestSpec::get(asked, self.detector.deps().request_timeout_ms);
        let is = match self.detector.send(request, self.cancel).await {
            Err(failure) => AssetMatch::Unanswered(failure.to_string()),
            Ok(exchange) if exchange.status == 404 || exchange.status == 410 => AssetMatch::Missing { has_kin: true },
            Ok(exchange) if exchange.status != 200 => AssetMatch::Unanswered(format!("it answers {}", exchange.status)),
            Ok(exchange) if exchange.body_digest.is_empty() => AssetMatch::Unanswered("it is too long".to_owned()),
            Ok(exchange) => {
                let (folder, path) = (self.folder.clone(), path.clone());
                let (bytes, digest) = (exchange.body_bytes, exchange.body_digest);
                let compared = tokio::task::spawn_blocking(move || folder.compare(&path, bytes, &digest)).await;
                compared.unwrap_or_else(|_| AssetMatch::Unanswered("the build folder could not be read".to_owned()))
            }
        };
        SeenAsset { path: one_line(&path, 120), is }
    }
}

fn answer(standing: &AssetStanding, files: usize, source: &AssetSource) -> DriftAnswer {
    let (folder, pages) = (one_line(&source.folder, 80), one_line(&source.pages.join(", "), 80));
    let deploy = format!("Build the repository's HEAD into {folder}, and deploy that folder to production.");
    match standing {
        AssetStanding::Current(_) => DriftAnswer::Clean,
        AssetStanding::StaleEdge(path) => DriftAnswer::found(
            format!("stale_edge: a cache serves another build of {path}; past it production serves that of {folder}"),
            "Purge the cache before production, or wait until it has expired (settle_seconds).",
        ),
        AssetStanding::StaleOrigin(path) => DriftAnswer::found(
            format!("stale_origin: production serves {path} of another build than {folder} holds"),
            deploy,
        ),
        AssetStanding::Partial { same, other } => DriftAnswer::found(
            format!("partial: {same} of {files} files of {pages} are those of {folder}, and {other} is not"),
            deploy,
        ),
        AssetStanding::WrongBuild => DriftAnswer::found(
            format!("wrong_build: none of the {files} files of {pages} is of {folder}"),
            format!("{deploy} Or let a person correct identity.assets."),
        ),
        AssetStanding::Unverified(why) => DriftAnswer::unverified(one_line(why, 200), UNVERIFIED_FIX),
    }
}

/// What the files say of the build. A folder says only what whoever filled it let it say: where not this attempt's trusted
/// commands wrote each of its files, that is told.
fn build(
    standing: &AssetStanding,
    files: usize,
    source: &AssetSource,
    built_since: Option<Timestamp>,
) -> Option<DeployedBuild> {
    let (folder, pages) = (one_line(&source.folder, 60), one_line(&source.pages.join(", "), 60));
    let count = pluralize(u32::try_from(files).unwrap_or(u32::MAX), "file", "files");
    match standing {
        AssetStanding::Current(written) => {
            let is_built_here = built_since.is_some_and(|since| *written >= since);
            Some(DeployedBuild {
                commit: None,
                standing: BuildStanding::Current,
                told: format!("{count} of {pages} are those of {folder}"),
                rests_on: (!is_built_here).then(|| {
                    format!("the build is known by {folder} alone, which no policy command of this attempt wrote")
                }),
            })
        }
        AssetStanding::Unverified(_) => None,
        _ => Some(DeployedBuild {
            commit: None,
            standing: BuildStanding::Other,
            told: format!("{pages} does not load the files of {folder}"),
            rests_on: None,
        }),
    }
}
