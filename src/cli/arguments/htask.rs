//! The arguments of the htask commands; names and short flags are the seed's. Without `--swarm-id` the project's own
//! swarm is meant.

use clap::Args;
use serde_json::{Map, Value};

use super::request_args::{Flags, RequestArgs, RequestFlags};
use crate::domain::{
    BlockRequest, CloseRequest, CompleteRequest, NewFeature, NewHTask, NextQuery, TreeQuery, UnblockRequest,
    json_problem,
};

impl RequestFlags for NewFeature {
    const FLAGS: Flags = Flags {
        positional: &["title"],
        short: &[("swarm_id", 's'), ("description", 'd'), ("owner", 'o'), ("workstreams", 'w')],
        long: &[
            ("workstreams", "workstream"),
            ("custom_workstreams", "custom-workstream"),
            ("workstream_owners", "workstream-owner"),
        ],
        left_out: &[],
    };
}

impl RequestFlags for NewHTask {
    const FLAGS: Flags = Flags {
        positional: &["title"],
        short: &[("swarm_id", 's'), ("description", 'd'), ("owner", 'o'), ("level", 'l'), ("priority", 'p')],
        long: &[
            ("acceptance_criteria", "acceptance"),
            ("context_refs", "context-ref"),
            ("is_blocking", "not-blocking"),
        ],
        left_out: &[],
    };
}

impl RequestFlags for NextQuery {
    const FLAGS: Flags = Flags {
        positional: &[],
        short: &[("swarm_id", 's'), ("owner", 'o'), ("limit", 'l')],
        long: &[("exclude_blocked", "include-blocked")],
        left_out: &[],
    };
}

impl RequestFlags for CompleteRequest {
    const FLAGS: Flags = Flags {
        positional: &["task_id"],
        short: &[("swarm_id", 's'), ("evidence", 'e')],
        long: &[("learnings", "learning")],
        left_out: &["result"],
    };
}

impl RequestFlags for TreeQuery {
    const FLAGS: Flags = Flags {
        positional: &[],
        short: &[("swarm_id", 's'), ("task_id", 't')],
        long: &[("include_completed", "hide-completed")],
        left_out: &[],
    };
}

impl RequestFlags for BlockRequest {
    const FLAGS: Flags = Flags {
        positional: &["task_id"],
        short: &[("swarm_id", 's'), ("blocker_type", 't'), ("blocker_reason", 'r')],
        long: &[("blocker_type", "type"), ("blocker_reason", "reason"), ("blocked_by_task_id", "blocked-by")],
        left_out: &[],
    };
}

impl RequestFlags for UnblockRequest {
    const FLAGS: Flags = Flags { positional: &["task_id"], short: &[("swarm_id", 's')], long: &[], left_out: &[] };
}

impl RequestFlags for CloseRequest {
    const FLAGS: Flags = Flags { positional: &["task_id"], short: &[("swarm_id", 's')], long: &[], left_out: &[] };
}

/// `htask-create`.
#[derive(Debug, Clone, Args)]
pub(crate) struct HTaskCreate {
    #[command(flatten)]
    pub(crate) task: RequestArgs<NewHTask>,
    /// Its parent waits for it (so it is without this flag).
    #[arg(long, overrides_with = "is_blocking")]
    pub(crate) blocking: bool,
}

/// `htask-complete`.
#[derive(Debug, Clone, Args)]
pub(crate) struct HTaskComplete {
    #[command(flatten)]
    pub(crate) request: RequestArgs<CompleteRequest>,
    /// What came out, in short.
    #[arg(long, value_name = "TEXT")]
    pub(crate) result: Option<String>,
    /// What came out, as a JSON object.
    #[arg(long, value_name = "OBJECT", value_parser = parse_object)]
    pub(crate) result_json: Option<Map<String, Value>>,
}

/// `htask-close`.
#[derive(Debug, Clone, Args)]
pub(crate) struct HTaskClose {
    #[command(flatten)]
    pub(crate) request: RequestArgs<CloseRequest>,
    /// Use the waiver without being asked.
    #[arg(long)]
    pub(crate) yes: bool,
}

fn parse_object(text: &str) -> Result<Map<String, Value>, String> {
    serde_json::from_str(text).map_err(|error| format!("{}; give a JSON object", json_problem(&error)))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::cli::arguments::{Command, CommandLine};
    use crate::domain::{HTaskLevel, Priority, SwarmId};

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
        assert_eq!(feature.0.swarm_id.as_ref().map(SwarmId::as_str), Some("swarm_abc123"));
        assert_eq!(feature.0.workstreams.as_deref(), Some(&["API".to_owned(), "QA".to_owned()][..]));
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
        let task = task.task.0;
        assert_eq!((task.level, task.priority), (HTaskLevel::N3, Priority::P1));
        assert_eq!(task.evidence_required[0].kind, "test");
        let Command::HTaskNext(next) = parse("snipara-orchestrator htask-next --swarm-id swarm_abc123 --limit 5")
        else {
            panic!("htask-next")
        };
        assert_eq!(next.0.limit, Some(5));
        let Command::HTaskComplete(complete) = parse(
            r#"snipara-orchestrator htask-complete htask_task_001 \
  --swarm-id swarm_abc123 \
  --evidence "test:pytest packages/agentic-orchestrator" \
  --result "Implemented and verified htask wrapper""#,
        ) else {
            panic!("htask-complete")
        };
        let evidence = &complete.request.0.evidence[0];
        assert_eq!(evidence.kind, "test");
        assert_eq!(evidence.description.as_deref(), Some("pytest packages/agentic-orchestrator"));
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
