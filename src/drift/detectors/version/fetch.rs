//! Which version production runs.

use std::sync::{Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join, join_all};
use url::Url;

use super::history::{judged_with_history, publishes_docs};
use super::package::{PackageVersion, read_package_versions};
use crate::domain::{
    BuildAnswer, BuildIdentity, BuildKind, BuildPlace, BuildStanding, BuildVerdict, BuildWord, DeployRules,
    DeployedBuild, DriftAnswer, DriftCheck, DriftKind, EVERY_VERSION_PATH, History, PlaceKind, Production,
    ResolvedCheck, VERSION_PATHS, VersionComparison, VersionSource, is_html, is_placeholder_version, judge_build,
    one_line, plain_version, version_in_words, words_of,
};
use crate::drift::detector::{DriftDetector, cancelled, no_production, transport_failure_answer};
use crate::drift::detectors::{Comparison, Detector};
use crate::drift::heard::words_beside;
use crate::drift::retry::{Attempt, RetryUntilClean};
use crate::outbound::{Exchange, TransportFailure, anonymous_request};
use crate::validator::{answered_by_a_cache, past_the_cache};

/// Compares the version that production says it runs with the repository.
#[derive(Debug)]
pub(in crate::drift) struct VersionDetector;

impl Detector for VersionDetector {
    fn kind(&self) -> DriftKind {
        DriftKind::Version
    }

    fn compare<'a>(&'a self, comparison: Comparison<'a>) -> BoxFuture<'a, Vec<DriftCheck>> {
        async move { vec![check(comparison).await] }.boxed()
    }
}

async fn check(comparison: Comparison<'_>) -> DriftCheck {
    let Comparison { detector, retry, .. } = comparison;
    let made = |subject: String, url: Option<Url>, response_code, answer, build| DriftCheck {
        kind: DriftKind::Version,
        subject,
        url: url.as_ref().map(|url| detector.deps().redactor.url(url.as_str())),
        route: None,
        response_code,
        answer,
        build,
        explicit: false,
    };
    let Some(production) = &detector.deps().production else {
        return made(String::new(), None, None, no_production(), None);
    };
    let Some((head, packages)) = here(detector, retry).await else {
        return made(String::new(), None, None, cancelled(), None);
    };
    let beside = Beside::of(comparison, production);
    let attempt = || {
        async {
            let mut told = observe(comparison, production, &beside).await;
            let (answer, build, may_change) = match told.words.as_slice() {
                [] => (told.untold.clone(), None, told.may_change),
                words => {
                    let executor = &detector.deps().executor;
                    let judged = |publishes_docs: bool| {
                        let rules = DeployRules { deploy_paths: production.deploy_paths.clone(), publishes_docs };
                        let judge = move |history: &dyn History| judge_build(words, history, &rules);
                        Box::pin(judged_with_history(executor, head.as_ref(), retry.cancel(), judge))
                    };
                    let mut verdict = judged(false).await;
                    let is_equivalent = matches!(verdict.kind, BuildKind::Equivalent { .. });
                    if is_equivalent && publishes_docs(executor, retry.cancel()).await {
                        verdict = judged(true).await;
                    }
                    let answer = answer(&verdict, words, &packages, &production.version, head.as_ref());
                    let may_change = matches!(answer, DriftAnswer::Found { .. });
                    let decided = verdict.word.as_ref().filter(|word| word.place.kind == PlaceKind::Beside);
                    if let Some(word) = decided {
                        let path = word.place.path.clone();
                        let url = anonymous_request(&ResolvedCheck::on(production, &path)).url;
                        beside.asks_again(&path);
                        told = VersionReply { subject: path, url: Some(url), status: None, ..told };
                    }
                    (answer, Some(build(&verdict)), may_change)
                }
            };
            Attempt { seen: (told.subject, told.url, told.status, answer, build), may_change }
        }
        .boxed()
    };
    let (subject, url, status, answer, build) = retry.run(attempt).await;
    made(subject, url, status, answer, build)
}

/// What a judgement means for drift. A version in words decides only where the configuration says so.
fn answer(
    verdict: &BuildVerdict,
    words: &[BuildWord],
    packages: &[PackageVersion],
    source: &VersionSource,
    head: Option<&BuildIdentity>,
) -> DriftAnswer {
    if let Some((issue, advice)) = verdict.finding() {
        return match head.is_some_and(|head| head.dirty) {
            true => DriftAnswer::found(
                format!("{issue}; the work tree here has uncommitted changes"),
                format!("Commit the changes. {advice}"),
            ),
            false => DriftAnswer::found(issue, advice),
        };
    }
    if verdict.is_current() {
        return DriftAnswer::Clean;
    }
    if source.compare == VersionComparison::Package
        && let Some(told) = version_in_words(words)
        && let Some(by_package) = by_package(&one_line(&told.word, 60), packages)
    {
        return by_package;
    }
    let (why, fix) = verdict
        .unverified()
        .unwrap_or_else(|| ("production tells no commit".to_owned(), "let production answer the git commit"));
    DriftAnswer::unverified(why, fix)
}

fn by_package(version: &str, packages: &[PackageVersion]) -> Option<DriftAnswer> {
    let packages: Vec<&PackageVersion> =
        packages.iter().filter(|package| !is_placeholder_version(&package.version)).collect();
    let first = packages.first()?;
    if packages.iter().any(|package| plain_version(&package.version) == plain_version(version)) {
        return Some(DriftAnswer::Clean);
    }
    Some(DriftAnswer::found(
        format!(
            "production runs version {version}, the repository is at {} ({})",
            one_line(&first.version, 60),
            first.file
        ),
        "Deploy the repository's version to production.",
    ))
}

fn build(verdict: &BuildVerdict) -> DeployedBuild {
    let standing = match verdict.kind {
        BuildKind::Current => BuildStanding::Current,
        BuildKind::Equivalent { .. } => BuildStanding::Equivalent,
        _ if verdict.finding().is_some() => BuildStanding::Other,
        _ => BuildStanding::Unknown,
    };
    // What only mentions a commit, or says it from a cache, does not tell the build.
    let tells = !matches!(verdict.kind, BuildKind::Mentions | BuildKind::Unknown { .. } | BuildKind::UnknownCached);
    let commit = Some(verdict.commit.clone()).filter(|commit| tells && !commit.is_empty());
    DeployedBuild { commit, standing, told: one_line(&verdict.headline(), 160), rests_on: None }
}

/// Reads the repository's own versions, or nothing when the check was cancelled meanwhile.
async fn here(
    detector: &DriftDetector,
    retry: &RetryUntilClean<'_>,
) -> Option<(Option<BuildIdentity>, Vec<PackageVersion>)> {
    let executor = &detector.deps().executor;
    let repository = executor.repository().to_owned();
    let reading = async {
        let head = Box::pin(executor.build_identity()).await;
        // A reader that panicked has no result. The comparison then says that no package file names a version.
        let packages =
            tokio::task::spawn_blocking(move || read_package_versions(&repository)).await.unwrap_or_default();
        (head, packages)
    };
    detector.with_permit(retry.cancel(), async { retry.cancel().run_until_cancelled(reading).await }).await?
}

/// What production told of its version, and where.
#[derive(Debug)]
struct VersionReply {
    subject: String,
    url: Option<Url>,
    status: Option<u16>,
    words: Vec<BuildWord>,
    /// What is answered where nothing was told, and whether trying again may change it.
    untold: DriftAnswer,
    may_change: bool,
}

/// Where the build is told beside the version, in the attempts of one comparison.
#[derive(Debug)]
struct Beside {
    /// Whether it counts: a person who says where the version stands means that place alone.
    counts: bool,
    /// The path that told it; it is asked from then on.
    path: Mutex<Option<String>>,
}

impl Beside {
    fn of(comparison: Comparison<'_>, production: &Production) -> Self {
        let VersionSource { path, header, field, .. } = &production.version;
        let counts = path.is_none() && header.is_none() && field.is_none();
        Self { counts, path: Mutex::new(comparison.request.build_path.clone().filter(|_| counts)) }
    }

    fn told_at(&self) -> Option<String> {
        self.path.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn asks_again(&self, path: &str) {
        *self.path.lock().unwrap_or_else(PoisonError::into_inner) = Some(path.to_owned());
    }
}

/// Asks what tells the version, and adds what was told beside it: once by the answers of the other comparisons, then by the
/// path that told it.
async fn observe(comparison: Comparison<'_>, production: &Production, beside: &Beside) -> VersionReply {
    let Comparison { detector, retry, heard, request } = comparison;
    if !beside.counts {
        return ask_all(comparison, production).await;
    }
    if let Some(path) = beside.told_at() {
        let told = async {
            let (_, is_cached, answer) = ask(detector, production, &path, retry).await;
            let mut words = answer.map(|answer| words_beside(production, &path, &answer)).unwrap_or_default();
            words.iter_mut().for_each(|word| word.place.is_cached = is_cached);
            words
        };
        if request.build_path.is_some() {
            let mut words = told.await;
            // It told a commit of this repository before: whatever it tells now is production's, too.
            words.iter_mut().for_each(|word| word.place.kind = PlaceKind::Guessed);
            return VersionReply { subject: path, words, ..VersionReply::untold(production, &[]) };
        }
        let (mut reply, words) = join(ask_all(comparison, production), told).await;
        reply.words.extend(words);
        return reply;
    }
    let (mut reply, words) = if retry.settles() {
        // What they waited for may have changed the version, too.
        let words = heard.all(production).await;
        (ask_all(comparison, production).await, words)
    } else {
        join(ask_all(comparison, production), heard.all(production)).await
    };
    reply.words.extend(words);
    reply
}

impl VersionReply {
    fn untold(production: &Production, paths: &[String]) -> Self {
        let source = &production.version;
        Self {
            subject: source.path.clone().unwrap_or_default(),
            url: None,
            status: None,
            words: Vec::new(),
            untold: untold(source, paths),
            may_change: false,
        }
    }
}

async fn ask_all(comparison: Comparison<'_>, production: &Production) -> VersionReply {
    let Comparison { detector, retry, request, .. } = comparison;
    let source = &production.version;
    let paths = paths(source, request.all_guesses);
    let answers = join_all(paths.iter().map(|path| ask(detector, production, path, retry))).await;
    let mut silent: Option<TransportFailure> = None;
    let mut reply = VersionReply::untold(production, &paths);
    let mut beside = Vec::new();
    let is_configured = source.path.is_some() || source.header.is_some() || source.field.is_some();
    for (path, (url, is_cached, answer)) in paths.iter().zip(answers) {
        match answer {
            Ok(exchange) => {
                let words = words_in(path, &exchange, source, is_cached);
                if !is_configured && exchange.status != 200 {
                    beside.extend(words_beside(production, path, &exchange));
                }
                if !words.is_empty() && reply.words.is_empty() {
                    (reply.subject, reply.url, reply.status) = (path.clone(), Some(url), Some(exchange.status));
                }
                reply.words.extend(words);
            }
            Err(failure) => silent = silent.or(Some(failure)),
        }
    }
    reply.words.extend(beside);
    if let Some(failure) = silent {
        reply.untold = transport_failure_answer(&failure);
        reply.may_change = failure.may_pass_later();
    }
    reply
}

fn paths(source: &VersionSource, all: bool) -> Vec<String> {
    match (&source.path, &source.header) {
        (Some(path), _) => vec![path.clone()],
        // Every answer carries the header, so production's own address is enough.
        (None, Some(_)) => vec!["/".to_owned()],
        (None, None) if all => EVERY_VERSION_PATH.map(str::to_owned).to_vec(),
        (None, None) => VERSION_PATHS.map(str::to_owned).to_vec(),
    }
}

/// Asks a path; what a cache answers is asked for once more, past it. Tells whether a cache answered then, too.
async fn ask(
    detector: &DriftDetector,
    production: &Production,
    path: &str,
    retry: &RetryUntilClean<'_>,
) -> (Url, bool, Result<Exchange, TransportFailure>) {
    let request = anonymous_request(&ResolvedCheck::on(production, path));
    let url = request.url.clone();
    let mut past = request.clone();
    match detector.send(request, retry.cancel()).await {
        Ok(exchange) if answered_by_a_cache(&exchange) && exchange.status == 200 => {
            past.url = past_the_cache(&url);
            match detector.send(past, retry.cancel()).await {
                Ok(fresh) if fresh.status == 200 => (url, answered_by_a_cache(&fresh), Ok(fresh)),
                _ => (url, true, Ok(exchange)),
            }
        }
        answer => (url, false, answer),
    }
}

/// Reads what an answer tells: the configured header of any answer, else body and headers of a 200.
fn words_in(path: &str, exchange: &Exchange, source: &VersionSource, is_cached: bool) -> Vec<BuildWord> {
    let is_configured = source.path.is_some() || source.header.is_some();
    let place = BuildPlace {
        path: path.to_owned(),
        kind: if is_configured { PlaceKind::Configured } else { PlaceKind::Guessed },
        field: source.field.clone(),
        is_cached,
    };
    if let Some(name) = &source.header {
        let value = exchange.header(&name.to_ascii_lowercase()).unwrap_or_default();
        return words_of(&place, BuildAnswer::Headers(&[(name.clone(), value.to_owned())]));
    }
    if exchange.status != 200 {
        return Vec::new();
    }
    let text = exchange.whole_body().and_then(|body| std::str::from_utf8(body).ok()).unwrap_or_default();
    let text = text.trim_start_matches('\u{feff}');
    let is_page = exchange.header("content-type").is_some_and(is_html) && text.trim_start().starts_with('<');
    let mut words = words_of(&place, if is_page { BuildAnswer::Page(text) } else { BuildAnswer::Body(text) });
    if source.path.is_none() {
        words.extend(words_of(&place, BuildAnswer::Headers(&exchange.headers)));
    }
    words
}

fn untold(source: &VersionSource, paths: &[String]) -> DriftAnswer {
    let places = paths.iter().map(|path| one_line(path, 80)).collect::<Vec<_>>().join(", ");
    let why = match &source.header {
        Some(name) => format!("production answers no version in the header {} at {places}", one_line(name, 40)),
        None => format!("production answers no version at {places}"),
    };
    let fix = if source.path.is_some() || source.header.is_some() {
        "correct `version` in the configuration"
    } else {
        "let one of them answer the git commit, or set `version` (path, header) in the configuration"
    };
    DriftAnswer::Unverified { why, fix: fix.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(status: u16, headers: &[(&str, &str)], body: &'static [u8]) -> Exchange {
        Exchange::answered("http://127.0.0.1:1/version", status, headers, body)
    }

    fn words(answer: &Exchange, source: &VersionSource) -> Vec<String> {
        words_in("/version", answer, source, false).into_iter().map(|word| word.word).collect()
    }

    #[test]
    fn an_error_holds_no_version() {
        let none = VersionSource::default();
        assert_eq!(words(&exchange(200, &[("content-type", "text/plain")], b"37b73f8"), &none), ["37b73f8"]);
        assert!(words(&exchange(500, &[], b"37b73f8"), &none).is_empty());
    }

    #[test]
    fn a_configured_header_is_read_whatever_its_case_and_the_body() {
        let answer = exchange(204, &[("x-commit", "abcdef1")], b"");
        let of = |name: &str| VersionSource { header: Some(name.to_owned()), ..VersionSource::default() };
        assert_eq!(words(&answer, &of("X-Commit")), ["abcdef1"]);
        assert!(words(&answer, &of("x-other")).is_empty());
    }

    #[test]
    fn a_version_in_words_decides_only_where_the_configuration_says_so() {
        let packages = [PackageVersion { file: "package.json", version: "1.2.3".to_owned() }];
        assert_eq!(by_package("v1.2.3", &packages), Some(DriftAnswer::Clean));
        assert!(matches!(by_package("1.2.2", &packages), Some(DriftAnswer::Found { .. })));
        assert_eq!(by_package("1.2.2", &[]), None);
    }
}
