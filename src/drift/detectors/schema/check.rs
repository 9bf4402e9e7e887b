//! Finds the schemas once and has each compared by its tool.

use std::path::{Path, PathBuf};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use tokio_util::sync::CancellationToken;

use super::prisma::{self, Step};
use super::search::{Search, find_prisma_schemas};
use crate::domain::{CommandEnd, CommandRun, DriftAnswer, DriftCheck, DriftKind};
use crate::drift::detector::{DriftDetector, cancelled};
use crate::drift::detectors::{Comparison, Detector};

/// Compares every schema of the repository.
#[derive(Debug)]
pub(in crate::drift) struct SchemaDetector;

impl Detector for SchemaDetector {
    fn kind(&self) -> DriftKind {
        DriftKind::Schema
    }

    fn compare<'a>(&'a self, comparison: Comparison<'a>) -> BoxFuture<'a, Vec<DriftCheck>> {
        check(comparison.detector, comparison.retry.cancel()).boxed()
    }
}

async fn check(detector: &DriftDetector, cancel: &CancellationToken) -> Vec<DriftCheck> {
    let repository = detector.deps().executor.repository().to_owned();
    let stop = cancel.clone();
    let searching = tokio::task::spawn_blocking(move || find_prisma_schemas(&repository, &|| stop.is_cancelled()));
    let search = match cancel.run_until_cancelled(searching).await {
        Some(Ok(search)) => search,
        Some(Err(_)) => Search { schemas: Vec::new(), complete: false },
        None => return vec![made(String::new(), cancelled())],
    };
    if search.schemas.is_empty() {
        return vec![made(String::new(), if search.complete { no_schema() } else { too_large() })];
    }
    let mut checks = join_all(search.schemas.iter().map(|schema| async {
        let answer = detector.with_permit(cancel, compare(detector, schema, cancel)).await.unwrap_or_else(cancelled);
        made(schema.display().to_string(), answer)
    }))
    .await;
    if !search.complete {
        checks.push(made(String::new(), too_large()));
    }
    checks
}

/// Runs `validate` and then, when the schema is good and its database is named, `migrate status`.
async fn compare(detector: &DriftDetector, schema: &Path, cancel: &CancellationToken) -> DriftAnswer {
    let deps = detector.deps();
    let project = match prisma::Project::of(deps.executor.repository(), schema) {
        Ok(project) => project,
        Err(answer) => return answer,
    };
    let needs_url = project.names_database_url && !deps.database_url_set;
    for step in [Step::Validate, Step::Status] {
        if needs_url && step == Step::Status {
            return prisma::no_database_url("DATABASE_URL");
        }
        let spec = project.command(step, deps.schema_timeout_ms);
        let run = cancel.run_until_cancelled(deps.executor.run(&spec, cancel)).await;
        let run = run.unwrap_or_else(|| CommandRun::not_run(spec.label.clone(), CommandEnd::Cancelled));
        let answer = prisma::read_prisma(step, &schema.display().to_string(), &run);
        if answer != DriftAnswer::Clean {
            return answer;
        }
    }
    DriftAnswer::Clean
}

fn made(subject: String, answer: DriftAnswer) -> DriftCheck {
    DriftCheck {
        kind: DriftKind::Schema,
        subject,
        url: None,
        route: None,
        response_code: None,
        answer,
        build: None,
        explicit: false,
    }
}

fn no_schema() -> DriftAnswer {
    DriftAnswer::NotApplicable { why: "no Prisma schema in the repository".to_owned() }
}

fn too_large() -> DriftAnswer {
    DriftAnswer::unverified(
        "the repository is too large to be searched for schemas to the end",
        "list build and data folders in .gitignore",
    )
}

/// A path relative to the repository, where it lies inside.
pub(super) fn relative_to(path: &Path, folder: &Path) -> PathBuf {
    path.strip_prefix(folder).unwrap_or(path).to_owned()
}
