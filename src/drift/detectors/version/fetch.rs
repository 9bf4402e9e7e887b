//! Which version production runs.

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use url::Url;

use super::compare::{DeployedVersion, compare};
use super::package::{PackageVersion, read_package_versions};
use crate::domain::{
    BuildIdentity, DriftAnswer, DriftCheck, DriftKind, Production, ResolvedCheck, VersionSource, is_html, one_line,
};
use crate::drift::detector::{DriftDetector, cancelled, no_production, transport_failure_answer};
use crate::drift::detectors::{Comparison, Detector};
use crate::drift::retry::{Attempt, RetryUntilClean};
use crate::outbound::{Exchange, TransportFailure, anonymous_request};

/// Where a deployed version is looked for when the configuration names no place.
const WELL_KNOWN_PATHS: [&str; 3] = ["/version", "/api/version", "/_version"];

/// Compares the version that production says it runs with the repository.
#[derive(Debug)]
pub(in crate::drift) struct VersionDetector;

impl Detector for VersionDetector {
    fn kind(&self) -> DriftKind {
        DriftKind::Version
    }

    fn compare<'a>(&'a self, comparison: Comparison<'a>) -> BoxFuture<'a, Vec<DriftCheck>> {
        async move { vec![check(comparison.detector, comparison.retry).await] }.boxed()
    }
}

async fn check(detector: &DriftDetector, retry: &RetryUntilClean<'_>) -> DriftCheck {
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
    let attempt = || {
        async {
            let told = ask_all(detector, production, retry).await;
            let (answer, build, may_change) = match &told.deployed {
                Ok(deployed) => {
                    let answer = compare(deployed, head.as_ref(), &packages);
                    let may_change = matches!(answer, DriftAnswer::Found { .. });
                    (answer.clone(), Some(deployed.build(&answer)), may_change)
                }
                Err((answer, may_change)) => (answer.clone(), None, *may_change),
            };
            Attempt { seen: (told.subject, told.url, told.status, answer, build), may_change }
        }
        .boxed()
    };
    let (subject, url, status, answer, build) = retry.run(attempt).await;
    made(subject, url, status, answer, build)
}

/// Reads the repository's own versions, or nothing when the check was cancelled meanwhile.
async fn here(
    detector: &DriftDetector,
    retry: &RetryUntilClean<'_>,
) -> Option<(Option<BuildIdentity>, Vec<PackageVersion>)> {
    let executor = &detector.deps().executor;
    let repository = executor.repository().to_owned();
    let reading = async {
        let head = executor.build_identity().await;
        // A reader that panicked has no result. The comparison then says that no package file names a version.
        let packages =
            tokio::task::spawn_blocking(move || read_package_versions(&repository)).await.unwrap_or_default();
        (head, packages)
    };
    detector.with_permit(retry.cancel(), async { retry.cancel().run_until_cancelled(reading).await }).await?
}

/// Production's version, and the place where it was read.
#[derive(Debug)]
struct VersionReply {
    subject: String,
    url: Option<Url>,
    status: Option<u16>,
    deployed: Result<DeployedVersion, (DriftAnswer, bool)>,
}

async fn ask_all(detector: &DriftDetector, production: &Production, retry: &RetryUntilClean<'_>) -> VersionReply {
    let source = &production.version;
    let paths = paths(source);
    let answers = join_all(paths.iter().map(|path| ask(detector, production, path, retry))).await;
    let mut silent: Option<TransportFailure> = None;
    for (path, (url, answer)) in paths.iter().zip(answers) {
        match answer {
            Ok(exchange) => {
                if let Some(deployed) = read(&exchange, source.header.as_deref()) {
                    let status = Some(exchange.status);
                    return VersionReply { subject: path.clone(), url: Some(url), status, deployed: Ok(deployed) };
                }
            }
            Err(failure) => silent = silent.or(Some(failure)),
        }
    }
    let deployed = Err(match silent {
        Some(failure) => (transport_failure_answer(&failure), failure.may_pass_later()),
        None => (untold(source, &paths), false),
    });
    VersionReply { subject: source.path.clone().unwrap_or_default(), url: None, status: None, deployed }
}

fn paths(source: &VersionSource) -> Vec<String> {
    match (&source.path, &source.header) {
        (Some(path), _) => vec![path.clone()],
        // Every answer carries the header, so production's own address is enough.
        (None, Some(_)) => vec!["/".to_owned()],
        (None, None) => WELL_KNOWN_PATHS.map(str::to_owned).to_vec(),
    }
}

async fn ask(
    detector: &DriftDetector,
    production: &Production,
    path: &str,
    retry: &RetryUntilClean<'_>,
) -> (Url, Result<Exchange, TransportFailure>) {
    let request = anonymous_request(&ResolvedCheck::on(production, path));
    let url = request.url.clone();
    (url, detector.send(request, retry.cancel()).await)
}

/// Reads the version from an answer: any answer's header, or the body of a 200 that is not a page.
fn read(exchange: &Exchange, header: Option<&str>) -> Option<DeployedVersion> {
    if let Some(name) = header {
        return DeployedVersion::read(exchange.header(&name.to_ascii_lowercase())?);
    }
    if exchange.status != 200 || exchange.header("content-type").is_some_and(is_html) {
        return None;
    }
    DeployedVersion::read(std::str::from_utf8(exchange.whole_body()?).ok()?)
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

    #[test]
    fn a_page_and_an_error_hold_no_version() {
        assert!(read(&exchange(200, &[("content-type", "text/plain")], b"1.2.3"), None).is_some());
        assert!(read(&exchange(200, &[("content-type", "text/html")], b"1.2.3"), None).is_none());
        assert!(read(&exchange(500, &[], b"1.2.3"), None).is_none());
    }

    #[test]
    fn a_configured_header_is_read_whatever_its_case_and_the_body() {
        let answer = exchange(204, &[("x-commit", "abcdef1")], b"");
        assert_eq!(read(&answer, Some("X-Commit")), DeployedVersion::read("abcdef1"));
        assert_eq!(read(&answer, Some("x-other")), None);
    }
}
