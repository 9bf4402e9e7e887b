//! Words of the htask commands; names and short flags are the seed's. Without `--swarm-id` the project's own swarm is
//! meant.

use clap::Args;

use crate::domain::{
    AcceptanceCriterion, BlockerType, EvidenceRequirement, ExecutionTarget, HTaskLevel, NewEvidence, Priority,
    Workstream, json_problem, parse_evidence,
};

/// Which swarm.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SwarmWords {
    /// The swarm [default: the project's own].
    #[arg(long, short = 's', value_name = "ID")]
    pub(crate) swarm_id: Option<String>,
}

/// `htask-create-feature`.
#[derive(Debug, Clone, Args)]
pub(crate) struct HTaskCreateFeature {
    /// Its title.
    pub(crate) title: String,
    #[command(flatten)]
    pub(crate) swarm: SwarmWords,
    /// What it is about.
    #[arg(long, short = 'd', value_name = "TEXT")]
    pub(crate) description: String,
    /// Who answers for it.
    #[arg(long, short = 'o')]
    pub(crate) owner: String,
    /// The N0 that it is under.
    #[arg(long, value_name = "ID")]
    pub(crate) parent_id: Option<String>,
    /// A workstream: a type such as API, or a label; repeatable [default: the five usual ones].
    #[arg(long = "workstream", short = 'w', value_name = "TYPE")]
    pub(crate) workstreams: Vec<String>,
    /// The owner of a workstream; repeatable.
    #[arg(long = "workstream-owner", value_name = "TYPE=OWNER", value_parser = parse_mapping)]
    pub(crate) workstream_owners: Vec<(String, String)>,
    /// Give each workstream a starter task.
    #[arg(long)]
    pub(crate) create_actionable_tasks: bool,
}

/// `htask-create`.
#[derive(Debug, Clone, Args)]
pub(crate) struct HTaskCreate {
    /// Its title.
    pub(crate) title: String,
    #[command(flatten)]
    pub(crate) swarm: SwarmWords,
    /// What is to be done.
    #[arg(long, short = 'd', value_name = "TEXT")]
    pub(crate) description: String,
    /// Who answers for it.
    #[arg(long, short = 'o')]
    pub(crate) owner: String,
    /// Its level: N0_INITIATIVE, N1_FEATURE, N2_WORKSTREAM, N3_TASK.
    #[arg(long, short = 'l', default_value = "N3_TASK")]
    pub(crate) level: HTaskLevel,
    /// What it is under.
    #[arg(long, value_name = "ID")]
    pub(crate) parent_id: Option<String>,
    /// P0, P1 or P2.
    #[arg(long, short = 'p', default_value = "P1")]
    pub(crate) priority: Priority,
    /// When it should be done.
    #[arg(long, value_name = "DATE")]
    pub(crate) eta_target: Option<String>,
    /// Where it is to be carried out: LOCAL, CLOUD, HYBRID, EXTERNAL.
    #[arg(long, value_name = "TARGET")]
    pub(crate) execution_target: Option<ExecutionTarget>,
    /// What an N2 is about: API, FRONTEND, QA, …
    #[arg(long, value_name = "TYPE")]
    pub(crate) workstream_type: Option<Workstream>,
    /// The label of a CUSTOM workstream.
    #[arg(long, value_name = "LABEL")]
    pub(crate) custom_workstream_type: Option<String>,
    /// What must hold: a text, or {"text": …}; repeatable.
    #[arg(long, value_name = "CRITERION", value_parser = parse_acceptance)]
    pub(crate) acceptance: Vec<AcceptanceCriterion>,
    /// What to read; repeatable.
    #[arg(long, value_name = "TEXT")]
    pub(crate) context_ref: Vec<String>,
    /// Add the sections of the project's documents that answer this.
    #[arg(long, value_name = "QUERY")]
    pub(crate) context_query: Option<String>,
    /// What must be completed first; repeatable.
    #[arg(long, value_name = "ID")]
    pub(crate) depends_on: Vec<String>,
    /// What evidence it needs: {"type": …, "description": …}, or type:description; repeatable.
    #[arg(long, value_name = "EVIDENCE", value_parser = parse_requirement)]
    pub(crate) evidence_required: Vec<EvidenceRequirement>,
    /// Its parent waits for it (so it is without this flag).
    #[arg(long, overrides_with = "not_blocking")]
    pub(crate) blocking: bool,
    /// Its parent does not wait for it.
    #[arg(long, overrides_with = "blocking")]
    pub(crate) not_blocking: bool,
}

/// `htask-next`.
#[derive(Debug, Clone, Args)]
pub(crate) struct HTaskNext {
    #[command(flatten)]
    pub(crate) swarm: SwarmWords,
    /// Under this feature only.
    #[arg(long, value_name = "ID")]
    pub(crate) feature_id: Option<String>,
    /// In workstreams of this type only.
    #[arg(long, value_name = "TYPE")]
    pub(crate) workstream_type: Option<Workstream>,
    /// Of this owner only.
    #[arg(long, short = 'o')]
    pub(crate) owner: Option<String>,
    /// How many at most [default: 5, or 1 with --claim-for-agent].
    #[arg(long, short = 'l', allow_negative_numbers = true)]
    pub(crate) limit: Option<i64>,
    /// List blocked ones, too.
    #[arg(long)]
    pub(crate) include_blocked: bool,
    /// Claim what is listed for this agent.
    #[arg(long, value_name = "AGENT_ID")]
    pub(crate) claim_for_agent: Option<String>,
    /// How long the claim is leased [default: the swarm's task time-out].
    #[arg(long, value_name = "SECONDS", requires = "claim_for_agent", allow_negative_numbers = true)]
    pub(crate) lease_seconds: Option<i64>,
}

/// `htask-complete`.
#[derive(Debug, Clone, Args)]
pub(crate) struct HTaskComplete {
    /// The htask: an N3.
    pub(crate) task_id: String,
    #[command(flatten)]
    pub(crate) swarm: SwarmWords,
    /// Evidence: {"type":"proof","proof_id":"12"}, {"type":"test","task_id":"task_…"} (both looked up in the ledger),
    /// a URL, or type:description (claims); repeatable.
    #[arg(long, short = 'e', value_name = "EVIDENCE", value_parser = evidence)]
    pub(crate) evidence: Vec<NewEvidence>,
    /// What came out, in short.
    #[arg(long, value_name = "TEXT")]
    pub(crate) result: Option<String>,
    /// What came out, as a JSON object.
    #[arg(long, value_name = "OBJECT", value_parser = parse_object)]
    pub(crate) result_json: Option<serde_json::Map<String, serde_json::Value>>,
    /// What others should know; repeatable.
    #[arg(long, value_name = "TEXT")]
    pub(crate) learning: Vec<String>,
    /// What was decided.
    #[arg(long, value_name = "TEXT")]
    pub(crate) decision_impact: Option<String>,
    /// Write a memory of it (so it is without this flag).
    #[arg(long, overrides_with = "no_create_memory")]
    pub(crate) create_memory: bool,
    /// Write no memory of it.
    #[arg(long, overrides_with = "create_memory")]
    pub(crate) no_create_memory: bool,
    /// Who completes it.
    #[arg(long, value_name = "ID")]
    pub(crate) agent_id: Option<String>,
    /// The token of the claim; needed while another agent holds it, refused when somebody claimed it since.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) fencing_token: Option<i64>,
}

/// `htask-tree`.
#[derive(Debug, Clone, Args)]
pub(crate) struct HTaskTreeWords {
    #[command(flatten)]
    pub(crate) swarm: SwarmWords,
    /// The root [default: all roots].
    #[arg(long, short = 't', value_name = "ID")]
    pub(crate) task_id: Option<String>,
    /// How many levels at most.
    #[arg(long, default_value_t = 4, allow_negative_numbers = true)]
    pub(crate) max_depth: i64,
    /// Show archived ones, too.
    #[arg(long)]
    pub(crate) include_archived: bool,
    /// Leave completed and cancelled ones out.
    #[arg(long)]
    pub(crate) hide_completed: bool,
}

/// `htask-block`.
#[derive(Debug, Clone, Args)]
pub(crate) struct HTaskBlock {
    /// The htask.
    pub(crate) task_id: String,
    #[command(flatten)]
    pub(crate) swarm: SwarmWords,
    /// What kind of thing is in the way: TECH, DEPENDENCY, ACCESS, PRODUCT, INFRA, SECURITY, OTHER.
    #[arg(long = "type", short = 't', value_name = "TYPE")]
    pub(crate) blocker_type: BlockerType,
    /// What it is.
    #[arg(long, short = 'r', value_name = "TEXT")]
    pub(crate) reason: String,
    /// The htask that is in the way.
    #[arg(long, value_name = "ID")]
    pub(crate) blocked_by: Option<String>,
    /// Who blocks it.
    #[arg(long, value_name = "ID")]
    pub(crate) agent_id: Option<String>,
    /// The token of the claim; needed while another agent holds it.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) fencing_token: Option<i64>,
}

/// `htask-unblock`.
#[derive(Debug, Clone, Args)]
pub(crate) struct HTaskUnblock {
    /// The htask.
    pub(crate) task_id: String,
    #[command(flatten)]
    pub(crate) swarm: SwarmWords,
    /// How it was solved.
    #[arg(long, value_name = "TEXT")]
    pub(crate) resolution: Option<String>,
}

/// `htask-close`.
#[derive(Debug, Clone, Args)]
pub(crate) struct HTaskClose {
    /// The htask: N0 to N2.
    pub(crate) task_id: String,
    #[command(flatten)]
    pub(crate) swarm: SwarmWords,
    /// Why it is closed although children are open.
    #[arg(long, value_name = "TEXT", requires = "waiver_approved_by")]
    pub(crate) waiver_reason: Option<String>,
    /// Who allows that.
    #[arg(long, value_name = "NAME", requires = "waiver_reason")]
    pub(crate) waiver_approved_by: Option<String>,
    /// Use the waiver without being asked.
    #[arg(long)]
    pub(crate) yes: bool,
}

fn parse_mapping(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() && !value.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("give TYPE=OWNER".to_owned()),
    }
}

fn parse_object(text: &str) -> Result<serde_json::Map<String, serde_json::Value>, String> {
    serde_json::from_str(text).map_err(|error| format!("{}; give a JSON object", json_problem(&error)))
}

fn parse_acceptance(text: &str) -> Result<AcceptanceCriterion, String> {
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|error| json_problem(&error));
    }
    Ok(AcceptanceCriterion { id: String::new(), text: text.to_owned(), checked: false })
}

fn parse_requirement(text: &str) -> Result<EvidenceRequirement, String> {
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|error| json_problem(&error));
    }
    let (kind, description) = text.split_once(':').unwrap_or((text, ""));
    Ok(EvidenceRequirement { kind: kind.trim().to_owned(), description: description.trim().to_owned() })
}

fn evidence(text: &str) -> Result<NewEvidence, String> {
    parse_evidence(text).map_err(|error| format!("{}; {}", error.problem, error.fix))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::arguments::{Command, CommandLine};

    fn parse(line: &str) -> Command {
        CommandLine::try_parse_from(shlex::split(&line.replace("\\\n", "")).expect("words")).expect(line).command
    }

    #[test]
    fn the_htask_commands_of_the_quick_start_parse_verbatim() {
        let Command::HTaskCreateFeature(feature) = parse(
            r#"snipara-orchestrator htask-create-feature "Auth Overhaul" \
  --swarm-id swarm_abc123 \
  --description "Move auth to OAuth and JWT" \
  --owner codex \
  --workstream API \
  --workstream QA"#,
        ) else {
            panic!("htask-create-feature")
        };
        assert_eq!(feature.swarm.swarm_id.as_deref(), Some("swarm_abc123"));
        assert_eq!(feature.workstreams, ["API", "QA"]);
        let Command::HTaskCreate(task) = parse(
            r#"snipara-orchestrator htask-create "Add refresh endpoint" \
  --swarm-id swarm_abc123 \
  --parent-id htask_ws_api \
  --description "Implement token rotation" \
  --owner codex \
  --evidence-required '{"type":"test","description":"targeted tests passed"}'"#,
        ) else {
            panic!("htask-create")
        };
        assert_eq!((task.level, task.priority), (HTaskLevel::N3, Priority::P1));
        assert_eq!(task.evidence_required[0].kind, "test");
        let Command::HTaskNext(next) = parse("snipara-orchestrator htask-next --swarm-id swarm_abc123 --limit 5")
        else {
            panic!("htask-next")
        };
        assert_eq!(next.limit, Some(5));
        let Command::HTaskComplete(complete) = parse(
            r#"snipara-orchestrator htask-complete htask_task_001 \
  --swarm-id swarm_abc123 \
  --evidence "test:pytest packages/agentic-orchestrator" \
  --result "Implemented and verified htask wrapper""#,
        ) else {
            panic!("htask-complete")
        };
        assert_eq!(complete.evidence[0].kind, "test");
        assert_eq!(complete.evidence[0].description.as_deref(), Some("pytest packages/agentic-orchestrator"));
        parse("snipara-orchestrator htask-tree --swarm-id swarm_abc123 --task-id htask_feature");
    }

    #[test]
    fn the_short_flags_of_the_seed_work() {
        parse("x htask-create-feature T -s s -d d -o o -w API --workstream-owner API=ada");
        parse(
            "x htask-create T -s s -d d -o o -l n2-workstream --workstream-type api -p p0 --acceptance '{\"text\":\"a\"}'",
        );
        parse(
            "x htask-create T -s s -d d -o o --context-ref a --context-query q --not-blocking --eta-target 2026-12-01",
        );
        parse("x htask-next -s s -o o -l 3 --include-blocked --workstream-type QA --feature-id f");
        parse(
            "x htask-complete t -s s -e '{\"type\":\"test\",\"description\":\"x\"}' --result-json {} --learning l --no-create-memory",
        );
        parse("x htask-tree -s s -t t --max-depth 2 --include-archived");
        parse("x swarm-create n -d d --max-agents 3 --task-timeout 60 --claim-timeout 60");
        parse("x swarm-join -s s -a a --name n -r observer -c deploy -c test");
        parse("x remember text -t learning -c failures --ttl 7");
        parse("x recall question -l 3 -t decision");
    }
}
