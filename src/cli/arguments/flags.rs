//! How the fields of each request are called; names and short flags are the seed's. Without `--swarm-id` the project's
//! own swarm is meant.

use super::endpoint::{read_body, read_header, read_known, read_seconds};
use super::request_args::{Flags, RequestFlags, TypedForm};
use crate::domain::{
    BlockRequest, ChecklistRequest, CloseRequest, CompleteRequest, ContextQuery, DeployRequest, DriftQuery,
    ExpectedStatus, ForgetQuery, JoinSwarm, LiveCheck, MemoryFilter, Method, NewFeature, NewHTask, NewInitiative,
    NewMemory, NewSwarm, NextQuery, RecallQuery, RunRequest, SwarmPlacement, TreeQuery, UnblockRequest,
};

impl RequestFlags for RunRequest {
    const FLAGS: Flags = Flags {
        positional: &["title"],
        short: &[("description", 'd'), ("local_tests", 't'), ("live_checks", 'e'), ("required_proofs", 'r')],
        long: &[
            ("task_id", "task"),
            ("local_tests", "test"),
            ("live_checks", "endpoint"),
            ("ui_tests", "ui-test"),
            // 1.13.1 of the Python package calls it so.
            ("required_proofs", "required-proofs"),
            ("required_proofs", "minimum-proof-count"),
            ("settle_seconds", "settle"),
            ("htask_id", "htask"),
            ("swarm_id", "swarm"),
        ],
        forms: &[TypedForm {
            field: "live_checks",
            value_name: "ENDPOINT",
            help: "A live check, `[METHOD ]URL[ STATUS]`; repeatable; such as \"POST /api/login 201\"",
            read: read_known::<LiveCheck>,
        }],
        // The command waits to the end; how answers converge is a key of the configuration, and so a flag already.
        left_out: &["wait_seconds", "converge"],
        rare: &["description", "ui_tests", "hold_seconds", "keep_going", "htask_id", "swarm_id"],
    };
}

impl RequestFlags for ChecklistRequest {
    const FLAGS: Flags = Flags { positional: &[], ..RunRequest::FLAGS };
}

impl RequestFlags for LiveCheck {
    const FLAGS: Flags = Flags {
        positional: &["url"],
        short: &[("method", 'm'), ("expected_status", 'e'), ("headers", 'H'), ("body", 'b'), ("user", 'u')],
        long: &[
            ("expected_status", "expected"),
            ("headers", "header"),
            ("timeout_s", "timeout"),
            ("addresses", "address"),
        ],
        forms: &[
            TypedForm {
                field: "method",
                value_name: "METHOD",
                help: "The method [default: GET]",
                read: read_known::<Method>,
            },
            TypedForm {
                field: "expected_status",
                value_name: "STATUS",
                help: "The status that is expected: a number, a class such as 2xx, or a list such as 200,204 [default: 2xx]",
                read: read_known::<ExpectedStatus>,
            },
            TypedForm { field: "headers", value_name: "HEADER", help: "A header, \"Name: value\"", read: read_header },
            TypedForm {
                field: "body",
                value_name: "BODY",
                help: "The body: sent as JSON where it is JSON ({} too), else as text",
                read: read_body,
            },
            TypedForm {
                field: "timeout_s",
                value_name: "SECONDS",
                help: "The time for the whole exchange [default: 30]",
                read: read_seconds,
            },
        ],
        // One request has one user.
        left_out: &["users"],
        rare: &["addresses", "once", "safe", "capture", "name"],
    };
}

impl RequestFlags for DriftQuery {
    const FLAGS: Flags = Flags {
        short: &[("routes", 'r')],
        long: &[("routes", "route"), ("check_schema", "no-schema"), ("check_health", "no-health")],
        // Here the version is compared when it is asked for.
        left_out: &["check_version"],
        ..Flags::PLAIN
    };
}

impl RequestFlags for DeployRequest {
    const FLAGS: Flags = Flags { positional: &["service"], short: &[("provider", 'p')], ..Flags::PLAIN };
}

impl RequestFlags for ContextQuery {
    const FLAGS: Flags = Flags { positional: &["query"], ..Flags::PLAIN };
}

/// The short flags of every filter of memories.
const OF_MEMORIES: &[(&str, char)] = &[("limit", 'l'), ("type", 't'), ("category", 'c')];

impl RequestFlags for RecallQuery {
    const FLAGS: Flags = Flags { positional: &["query"], short: OF_MEMORIES, ..Flags::PLAIN };
}

impl RequestFlags for NewMemory {
    const FLAGS: Flags =
        Flags { positional: &["content"], short: OF_MEMORIES, long: &[("ttl_days", "ttl")], ..Flags::PLAIN };
}

impl RequestFlags for MemoryFilter {
    const FLAGS: Flags = Flags { short: OF_MEMORIES, ..Flags::PLAIN };
}

impl RequestFlags for ForgetQuery {
    const FLAGS: Flags = Flags { positional: &["memory_id"], short: OF_MEMORIES, ..Flags::PLAIN };
}

impl RequestFlags for NewSwarm {
    const FLAGS: Flags = Flags { positional: &["name"], short: &[("description", 'd')], ..Flags::PLAIN };
}

impl RequestFlags for JoinSwarm {
    const FLAGS: Flags = Flags {
        short: &[("swarm_id", 's'), ("agent_id", 'a'), ("role", 'r'), ("capabilities", 'c')],
        long: &[("capabilities", "capability")],
        ..Flags::PLAIN
    };
}

impl RequestFlags for NewFeature {
    const FLAGS: Flags = Flags {
        positional: &["title"],
        short: &[("swarm_id", 's'), ("description", 'd'), ("owner", 'o'), ("workstreams", 'w')],
        long: &[
            ("workstreams", "workstream"),
            ("custom_workstreams", "custom-workstream"),
            ("workstream_owners", "workstream-owner"),
            ("create_actionable_tasks", "create-actionable-tasks"),
            ("create_actionable_tasks", "actionable-tasks"),
        ],
        ..Flags::PLAIN
    };
}

impl RequestFlags for NewInitiative {
    const FLAGS: Flags = Flags::PLAIN;
}

impl RequestFlags for SwarmPlacement {
    const FLAGS: Flags = Flags::PLAIN;
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
        ..Flags::PLAIN
    };
}

impl RequestFlags for NextQuery {
    const FLAGS: Flags = Flags {
        short: &[("swarm_id", 's'), ("owner", 'o'), ("limit", 'l')],
        long: &[("exclude_blocked", "include-blocked")],
        ..Flags::PLAIN
    };
}

impl RequestFlags for CompleteRequest {
    const FLAGS: Flags = Flags {
        positional: &["task_id"],
        short: &[("swarm_id", 's'), ("evidence", 'e')],
        long: &[("learnings", "learning")],
        left_out: &["result"],
        ..Flags::PLAIN
    };
}

impl RequestFlags for TreeQuery {
    const FLAGS: Flags = Flags {
        short: &[("swarm_id", 's'), ("task_id", 't')],
        long: &[("include_completed", "hide-completed")],
        ..Flags::PLAIN
    };
}

impl RequestFlags for BlockRequest {
    const FLAGS: Flags = Flags {
        positional: &["task_id"],
        short: &[("swarm_id", 's'), ("blocker_type", 't'), ("blocker_reason", 'r')],
        long: &[("blocker_type", "type"), ("blocker_reason", "reason"), ("blocked_by_task_id", "blocked-by")],
        ..Flags::PLAIN
    };
}

impl RequestFlags for UnblockRequest {
    const FLAGS: Flags = Flags { positional: &["task_id"], short: &[("swarm_id", 's')], ..Flags::PLAIN };
}

impl RequestFlags for CloseRequest {
    const FLAGS: Flags = UnblockRequest::FLAGS;
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use crate::cli::arguments::{Command, CommandLine, HTaskCommand};
    use crate::domain::{HTaskLevel, Priority, SwarmId};

    fn parse(line: &str) -> Command {
        let words = shlex::split(&line.replace("\\\n", "")).expect("words");
        CommandLine::read(words.into_iter().map(OsString::from).collect()).expect(line).1.command
    }

    fn parse_htask(line: &str) -> HTaskCommand {
        match parse(line) {
            Command::HTask { command } => command,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_htask_commands_of_the_quick_start_parse_verbatim() {
        let HTaskCommand::CreateFeature(feature) = parse_htask(
            r#"snipara-orchestrator htask-create-feature "Auth Overhaul" \
  --swarm-id swarm_abc123 \
  --description "Move auth to OAuth and JWT" \
  --owner codex \
  --workstream API \
  --workstream QA"#,
        ) else {
            panic!("htask-create-feature")
        };
        let feature = feature.feature.0;
        assert_eq!(feature.swarm_id.as_ref().map(SwarmId::as_str), Some("swarm_abc123"));
        assert_eq!(feature.workstreams.as_deref(), Some(&["API".to_owned(), "QA".to_owned()][..]));
        let HTaskCommand::Create(task) = parse_htask(
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
        let HTaskCommand::Next(next) = parse_htask("snipara-orchestrator htask-next --swarm-id swarm_abc123 --limit 5")
        else {
            panic!("htask-next")
        };
        assert_eq!(next.query.0.limit, Some(5));
        let HTaskCommand::Complete(complete) = parse_htask(
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
    fn the_htask_commands_of_1_13_1_parse_verbatim() {
        let HTaskCommand::Bootstrap(bootstrap) = parse_htask(
            r#"snipara-orchestrator htask-bootstrap "Auth Overhaul" \
  --swarm-name default-agent-orchestrator \
  --description "Move auth to OAuth and JWT" \
  --owner coordinator \
  --workstream API \
  --workstream QA \
  --custom-workstream DEPLOY_PROD_VERIFY"#,
        ) else {
            panic!("htask-bootstrap")
        };
        assert_eq!(bootstrap.placement.0.swarm_name.as_deref(), Some("default-agent-orchestrator"));
        assert_eq!(bootstrap.feature.0.custom_workstreams, ["DEPLOY_PROD_VERIFY"]);
        let HTaskCommand::Next(next) = parse_htask(
            r"snipara-orchestrator htask-next \
  --swarm-name default-agent-orchestrator \
  --claim-for-agent hermes-worker-1 \
  --limit 1",
        ) else {
            panic!("htask-next")
        };
        assert_eq!(next.query.0.claim_for_agent.as_deref(), Some("hermes-worker-1"));
        let feature = "x htask-create-feature T -d d -o o --auto-create-swarm --swarm-name n --swarm-description s \
                       --swarm-max-agents 3 --create-initiative --initiative-title i --initiative-description j";
        for (more, starters) in [("--actionable-tasks", true), ("--no-actionable-tasks", false), ("", false)] {
            let HTaskCommand::CreateFeature(feature) = parse_htask(&format!("{feature} {more}")) else {
                panic!("feature")
            };
            assert_eq!(feature.feature.0.create_actionable_tasks, starters, "{more}");
        }
        let HTaskCommand::Create(task) = parse_htask("x htask-create T -d d -o o --no-auto-create-swarm") else {
            panic!("htask-create")
        };
        assert!(!task.placement.0.auto_create_swarm);
        parse("x swarm-create n --reuse-existing");
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
