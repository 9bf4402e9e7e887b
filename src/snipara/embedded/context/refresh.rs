//! Keeps the index in step with the work tree: reads what changed, forgets what is gone.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use super::documents::{self, FoundDocument, Survey, Text, tell};
use super::sections::{self, READING};
use crate::domain::error_chain;
use crate::snipara::SniparaError;
use crate::store::{NewSection, Store, StoreError, StoredDocument};

/// What the index holds after a refresh.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Refreshed {
    /// How many documents.
    pub(super) documents: u64,
    /// What was left out, one line each.
    pub(super) warnings: Vec<String>,
}

/// The changes that bring the index in step.
#[derive(Debug, Default, PartialEq, Eq)]
struct RefreshPlan {
    read: Vec<FoundDocument>,
    gone: Vec<String>,
}

/// The outcome of reading a document.
#[derive(Debug)]
enum Reading {
    /// Only its time changed.
    Touched {
        path: String,
        modified_ns: i64,
    },
    Read {
        document: StoredDocument,
        sections: Vec<NewSection>,
    },
    Gone {
        path: String,
    },
}

/// Compares the work tree with the index, and changes the index in one transaction where they differ.
///
/// Two processes may do this at once: each writes whole documents as it saw them, and the next question sees what
/// differs still. Size and time are compared first. A change that keeps both is not seen.
pub(super) async fn refresh(store: &Store, work_tree: &Path) -> Result<Refreshed, SniparaError> {
    let name = work_tree.to_str().ok_or_else(|| StoreError::NotText(work_tree.to_owned()))?;
    let survey = blocking(work_tree, |place| documents::survey(&place)).await?;
    let mut transaction = store.begin_read().await?;
    let known = transaction.documents(name).await?;
    transaction.commit().await?;
    let plan = plan(&known, &survey);
    let barred = store.may_write().err();
    if plan == RefreshPlan::default() || barred.is_some() {
        let mut warnings = with_problems(survey.warnings, &known);
        warnings
            .extend(barred.map(|error| format!("the answer is of the documents as they were indexed last: {error}")));
        return Ok(Refreshed { documents: indexed(&known), warnings });
    }

    let digests: HashMap<String, (String, i64)> =
        known.into_iter().map(|document| (document.path, (document.digest, document.reading))).collect();
    let RefreshPlan { read, mut gone } = plan;
    let (readings, unreadable) = blocking(work_tree, move |place| Ok(read_all(&place, read, &digests))).await?;
    let mut transaction = store.begin_write().await?;
    for reading in readings {
        match reading {
            Reading::Touched { path, modified_ns } => transaction.touch_document(name, &path, modified_ns).await?,
            Reading::Read { document, sections } => transaction.put_document(name, &document, &sections).await?,
            Reading::Gone { path } => gone.push(path),
        }
    }
    for path in &gone {
        transaction.remove_documents(name, Some(path)).await?;
    }
    for other in transaction.work_trees().await? {
        if other != name && !Path::new(&other).exists() {
            transaction.remove_documents(&other, None).await?;
        }
    }
    let known = transaction.documents(name).await?;
    transaction.commit().await?;
    let mut warnings = with_problems(survey.warnings, &known);
    tell(&mut warnings, &unreadable, "was left out");
    Ok(Refreshed { documents: indexed(&known), warnings })
}

/// Runs work on the file system on a thread for blocking work.
async fn blocking<T: Send + 'static>(
    work_tree: &Path,
    work: impl FnOnce(PathBuf) -> io::Result<T> + Send + 'static,
) -> Result<T, SniparaError> {
    let place = work_tree.to_owned();
    let done = tokio::task::spawn_blocking(move || work(place)).await;
    done.map_err(io::Error::other)
        .flatten()
        .map_err(|source| SniparaError::Unreadable { what: format!("the repository {}", work_tree.display()), source })
}

fn plan(known: &[StoredDocument], survey: &Survey) -> RefreshPlan {
    let known_by_path: HashMap<&str, &StoredDocument> =
        known.iter().map(|document| (document.path.as_str(), document)).collect();
    let there: std::collections::HashSet<&str> = survey.documents.iter().map(|found| found.path.as_str()).collect();
    let same = |found: &&FoundDocument| {
        known_by_path.get(found.path.as_str()).is_some_and(|document| {
            document.bytes == signed(found.bytes)
                && document.modified_ns == found.modified_ns
                && document.reading == READING
        })
    };
    RefreshPlan {
        read: survey.documents.iter().filter(|found| !same(found)).cloned().collect(),
        gone: known
            .iter()
            .filter(|document| !there.contains(document.path.as_str()))
            .map(|document| document.path.clone())
            .collect(),
    }
}

fn read_all(
    work_tree: &Path,
    found: Vec<FoundDocument>,
    known: &HashMap<String, (String, i64)>,
) -> (Vec<Reading>, Vec<String>) {
    let (mut readings, mut unreadable) = (Vec::new(), Vec::new());
    for found in found {
        match documents::read(work_tree, &found.path) {
            Ok(Some(text)) => readings.push(reading(found, text, known)),
            Ok(None) => readings.push(Reading::Gone { path: found.path }),
            Err(error) => {
                unreadable.push(format!("{}: {}", found.path, error_chain(&error)));
                readings.push(Reading::Gone { path: found.path });
            }
        }
    }
    (readings, unreadable)
}

fn reading(found: FoundDocument, text: Text, known: &HashMap<String, (String, i64)>) -> Reading {
    let unchanged =
        known.get(&found.path).is_some_and(|(digest, reading)| *digest == text.digest && *reading == READING);
    if unchanged {
        return Reading::Touched { path: found.path, modified_ns: text.modified_ns };
    }
    let (sections, problem) = match text.text {
        Ok(text) => {
            let cut = sections::cut(found.kind, &found.path, &text);
            (cut.sections, cut.problem)
        }
        Err(why) => (Vec::new(), Some(why.to_owned())),
    };
    let document = StoredDocument {
        path: found.path,
        bytes: signed(text.bytes),
        modified_ns: text.modified_ns,
        digest: text.digest,
        reading: READING,
        problem,
    };
    Reading::Read { document, sections }
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

fn indexed(documents: &[StoredDocument]) -> u64 {
    documents.len() as u64
}

fn with_problems(mut warnings: Vec<String>, documents: &[StoredDocument]) -> Vec<String> {
    let mut problems: Vec<(&str, Vec<String>)> = Vec::new();
    for document in documents {
        let Some(problem) = &document.problem else { continue };
        match problems.iter_mut().find(|(known, _)| known == problem) {
            Some((_, names)) => names.push(document.path.clone()),
            None => problems.push((problem, vec![document.path.clone()])),
        }
    }
    for (problem, names) in problems {
        tell(&mut warnings, &names, problem);
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::super::documents::DocumentKind;
    use super::*;

    fn stored(path: &str, modified_ns: i64, reading: i64) -> StoredDocument {
        let digest = "d".to_owned();
        StoredDocument { path: path.to_owned(), bytes: 1, modified_ns, digest, reading, problem: None }
    }

    fn found(path: &str) -> FoundDocument {
        FoundDocument { path: path.to_owned(), kind: DocumentKind::Markdown, bytes: 1, modified_ns: 5 }
    }

    #[test]
    fn only_what_differs_is_read_and_what_is_gone_is_forgotten() {
        let known = [
            stored("same.md", 5, READING),
            stored("changed.md", 4, READING),
            stored("older.md", 5, READING - 1),
            stored("gone.md", 5, READING),
        ];
        let documents = ["same.md", "changed.md", "older.md", "new.md"].map(found).to_vec();
        let plan = plan(&known, &Survey { documents, warnings: Vec::new() });
        let read: Vec<_> = plan.read.iter().map(|found| found.path.as_str()).collect();
        assert_eq!((read, plan.gone), (vec!["changed.md", "older.md", "new.md"], vec!["gone.md".to_owned()]));
    }
}
