//! Making a feature: an N1 with its workstreams, and a first N3 in each when asked for.

use std::collections::BTreeMap;

use super::create::create;
use super::starter::starter;
use super::swarm_transaction::SwarmTransaction;
use crate::domain::{Feature, FieldError, HTaskLevel, NewFeature, NewHTask, Workstream, one_line};
use crate::snipara::SniparaError;

/// The workstreams of a feature that names none (snipara-wire.md §4.6).
const USUAL: [Workstream; 5] =
    [Workstream::Api, Workstream::Frontend, Workstream::Qa, Workstream::BugfixHardening, Workstream::DeployProdVerify];
const CUSTOM_PREFIX: &str = "CUSTOM:";

/// A workstream to make.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Planned {
    workstream: Workstream,
    /// The name of a custom one.
    label: Option<String>,
}

impl Planned {
    /// Returns its name in answers: its type, or `CUSTOM:<label>`.
    fn key(&self) -> String {
        match &self.label {
            Some(label) => format!("{CUSTOM_PREFIX}{label}"),
            None => self.workstream.to_string(),
        }
    }

    fn is_same_as(&self, other: &Self) -> bool {
        self.key().to_lowercase() == other.key().to_lowercase()
    }
}

/// Makes the feature. The caller commits all of it or nothing.
pub(super) async fn create_feature(open: &mut SwarmTransaction, new: NewFeature) -> Result<Feature, SniparaError> {
    let planned = plan(new.workstreams.as_deref(), &new.custom_workstreams)?;
    let owners = owners(&planned, &new.workstream_owners)?;
    let swarm_id = open.swarm.swarm_id.clone();
    let feature = create(
        open,
        NewHTask {
            level: HTaskLevel::N1,
            parent_id: new.parent_id,
            ..NewHTask::new(swarm_id.clone(), &new.title, &new.description, &new.owner)
        },
    )
    .await?;
    let mut answer = Feature {
        feature_id: Some(feature.task_id.clone()),
        title: feature.title,
        owner: feature.owner,
        swarm_id: Some(swarm_id.clone()),
        workstreams: Vec::new(),
        starter_tasks: Vec::new(),
    };
    for stream in planned {
        let key = stream.key();
        let owner = owners.get(&key).unwrap_or(&new.owner);
        let name = stream.label.as_deref().unwrap_or(stream.workstream.as_str());
        let title = format!("{} - {name}", new.title);
        let workstream = create(
            open,
            NewHTask {
                level: HTaskLevel::N2,
                parent_id: Some(feature.task_id.clone()),
                workstream_type: Some(stream.workstream),
                custom_workstream_type: stream.label.clone(),
                ..NewHTask::new(swarm_id.clone(), title, &new.description, owner)
            },
        )
        .await?;
        if new.create_actionable_tasks {
            let starter = starter(&new.title, stream.workstream, stream.label.as_deref());
            let task = create(
                open,
                NewHTask {
                    parent_id: Some(workstream.task_id.clone()),
                    evidence_required: starter.evidence_required,
                    ..NewHTask::new(swarm_id.clone(), starter.title, starter.description, owner)
                },
            )
            .await?;
            answer.starter_tasks.push((key.clone(), vec![task.task_id]));
        }
        answer.workstreams.push((key, workstream.task_id));
    }
    Ok(answer)
}

/// Reads the requested workstreams: standard words, and labels, which become custom workstreams. A standard word among
/// the custom ones means the standard workstream (snipara-wire.md §4.6). Beside the usual five it changes nothing.
fn plan(workstreams: Option<&[String]>, custom: &[String]) -> Result<Vec<Planned>, FieldError> {
    let mut planned: Vec<Planned> = Vec::new();
    if workstreams.is_none() {
        planned.extend(USUAL.map(|workstream| Planned { workstream, label: None }));
    }
    let named = workstreams.unwrap_or_default().iter().map(|label| ("workstreams", label));
    for (field, label) in named.chain(custom.iter().map(|label| ("custom_workstreams", label))) {
        let one = read(field, label)?;
        match planned.iter().find(|other| other.is_same_as(&one)) {
            None => planned.push(one),
            Some(usual) if workstreams.is_none() && USUAL.contains(&usual.workstream) => {}
            Some(_) => {
                let problem = format!("names {} twice", one_line(&one.key(), 80));
                return Err(FieldError::new(field, problem, "name each workstream once"));
            }
        }
    }
    Ok(planned)
}

fn read(field: &str, label: &str) -> Result<Planned, FieldError> {
    let label = label.trim();
    let own = match label.get(..CUSTOM_PREFIX.len()) {
        Some(prefix) if prefix.eq_ignore_ascii_case(CUSTOM_PREFIX) => {
            Some(label.get(CUSTOM_PREFIX.len()..).unwrap_or_default().trim())
        }
        _ => None,
    };
    if let Some(own) = own.filter(|own| !own.is_empty()) {
        return Ok(Planned { workstream: Workstream::Custom, label: Some(own.to_owned()) });
    }
    match Workstream::parse(label) {
        Ok(Workstream::Custom) => {
            Err(FieldError::new(field, "names CUSTOM without a label", "give the label itself, such as `legal`"))
        }
        Err(_) if own.is_some() => {
            Err(FieldError::new(field, "names CUSTOM without a label", "give the label itself, such as `legal`"))
        }
        Ok(workstream) => Ok(Planned { workstream, label: None }),
        Err(_) => Ok(Planned { workstream: Workstream::Custom, label: Some(label.to_owned()) }),
    }
}

/// Returns the owners by the key of the workstream. Refuses an owner for a workstream that is not made.
fn owners(planned: &[Planned], given: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, FieldError> {
    let mut owners = BTreeMap::new();
    for (name, owner) in given {
        let field = || format!("workstream_owners[{}]", one_line(name, 80));
        let wanted = read("workstream_owners", name)?;
        let Some(stream) = planned.iter().find(|stream| stream.is_same_as(&wanted)) else {
            let keys: Vec<String> = planned.iter().map(Planned::key).collect();
            return Err(FieldError::new(
                field(),
                "names a workstream that the feature does not have",
                format!("use one of {}", keys.join(", ")),
            ));
        };
        if owner.trim().is_empty() || owner.len() > 500 {
            return Err(FieldError::new(field(), "is empty or longer than 500 bytes", "give a name"));
        }
        owners.insert(stream.key(), owner.clone());
    }
    Ok(owners)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(workstreams: Option<&[&str]>, custom: &[&str]) -> Result<Vec<String>, FieldError> {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let planned = plan(workstreams.map(texts).as_deref(), &texts(custom))?;
        Ok(planned.iter().map(Planned::key).collect())
    }

    #[test]
    fn standard_words_and_labels_are_told_apart() {
        let usual = ["API", "FRONTEND", "QA", "BUGFIX_HARDENING", "DEPLOY_PROD_VERIFY"];
        assert_eq!(keys(None, &[]).expect("read"), usual);
        assert_eq!(keys(None, &["deploy-prod-verify"]).expect("the standard one"), usual);
        assert_eq!(keys(None, &["legal"]).expect("read")[5], "CUSTOM:legal");
        assert_eq!(keys(Some(&[]), &[]).expect("none"), Vec::<String>::new());
        let mixed = keys(Some(&["api", "Legal review"]), &["DEPLOY_PROD_VERIFY", "custom:ads"]).expect("read");
        assert_eq!(mixed, ["API", "CUSTOM:Legal review", "DEPLOY_PROD_VERIFY", "CUSTOM:ads"]);
    }

    #[test]
    fn a_workstream_is_named_once() {
        for (workstreams, custom) in
            [(&["API", "api"][..], &[][..]), (&["QA"], &["qa"]), (&["Legal", "CUSTOM:legal"], &[])]
        {
            let error = keys(Some(workstreams), custom).expect_err("twice");
            assert!(error.problem.contains("twice"), "{error}");
        }
        assert!(keys(None, &["a", "A"]).is_err());
        for nameless in ["CUSTOM", "custom:", "CUSTOM: "] {
            assert!(keys(Some(&[nameless]), &[]).expect_err("no label").problem.contains("without a label"));
        }
    }

    #[test]
    fn owners_are_found_by_type_and_by_label() {
        let planned = plan(Some(&["API".into(), "legal".into()]), &[]).expect("read");
        let given = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, owner)| ((*name).to_owned(), (*owner).to_owned())).collect::<BTreeMap<_, _>>()
        };
        let found = owners(&planned, &given(&[("api", "ada"), ("CUSTOM:legal", "bob")])).expect("read");
        assert_eq!(found, given(&[("API", "ada"), ("CUSTOM:legal", "bob")]));
        let error = owners(&planned, &given(&[("QA", "eve")])).expect_err("no such workstream");
        assert!(error.to_string().contains("QA") && error.fix.contains("CUSTOM:legal"), "{error}");
    }
}
