//! Words that deploy people use for one another.
//!
//! A question rarely has the words of the memory that answers it: "cert" and "certificate", "logout" and "signed out",
//! "db" and "Postgres". The groups are general vocabulary of operations, not of one project. They are loose, so a word
//! that is found by another one of its group counts less than the word itself (`ranking`), and a word may be in several
//! groups. The index handles endings, except a plural `s`.

const GROUPS: &[&str] = &[
    "access permission permissions rights",
    "account accounts user users",
    "admin administrator",
    "alarm alert page pager notification",
    "app application",
    "approval approve approver review reviewer",
    "auth authentication authenticate login signin logon",
    "authorization authorize permission",
    "automatic automatically automated",
    "backend api server",
    "backup snapshot dump restore",
    "billing invoice payment charge",
    "boot start startup launch",
    "branch trunk main",
    "broken corrupt corrupted unreadable damaged",
    "browser frontend client",
    "bucket s3 blob",
    "bug defect",
    "build compile",
    "cache cached caching",
    "cancel abort",
    "cap limit quota maximum max ceiling threshold",
    "cert certificate tls ssl",
    "change edit modify alter",
    "ci pipeline",
    "cleanup prune purge gc",
    "clock time ntp",
    "cluster kubernetes k8s",
    "column field",
    "commit sha revision",
    "concurrency concurrent parallel simultaneous",
    "config configuration configure settings configmap",
    "container docker image",
    "cost price expensive spend",
    "cpu processor cores",
    "crash crashed die died killed",
    "cron schedule scheduled",
    "customer customers client user visitor",
    "cutover switch move",
    "daily day days",
    "db database postgres postgresql mysql sql",
    "debug diagnose troubleshoot",
    "delay late lag slow",
    "delete remove drop erase",
    "denied deny refuse refused reject rejected forbidden",
    "dependency dependencies package library",
    "deploy deployment release rollout ship publish",
    "deprecated legacy old outdated stale",
    "disk storage volume",
    "dns domain hostname subdomain",
    "docs documentation readme",
    "down outage offline unavailable downtime unreachable",
    "duplicate duplicates twice double",
    "email mail smtp",
    "encrypt encrypted decrypt encryption",
    "end expire expiry ttl",
    "endpoint route path url",
    "env environment",
    "error failure fail fails failed failing exception",
    "failover fallback standby",
    "fix repair resolve solution",
    "flag toggle",
    "flaky intermittent sporadic",
    "full exhausted",
    "hang hung stuck blocked stalled",
    "health healthcheck probe liveness readiness",
    "host machine server node vm",
    "idle inactive inactivity",
    "install installation setup",
    "job jobs task worker",
    "keep retain retention",
    "latency slow",
    "lock locked",
    "logout signout",
    "memory ram heap oom",
    "metrics monitoring prometheus observability",
    "mfa 2fa totp otp",
    "migration migrate schema",
    "missing absent unset",
    "mock stub fake",
    "oncall rota pager escalation",
    "order purchase checkout buy",
    "owner responsible maintainer",
    "parallel concurrency",
    "password credential passphrase secret",
    "picture image photo",
    "pod pods container",
    "primary leader",
    "prod production live",
    "proxy nginx gateway ingress",
    "queue backlog",
    "quick fast performance",
    "ratelimit throttle throttling rate",
    "replica replication standby follower",
    "repo repository git",
    "restart reboot",
    "revert rollback undo downgrade",
    "revoke invalidate",
    "rotate rotation renew renewal",
    "runbook playbook procedure",
    "scale scaling autoscaling",
    "secret secrets credential vault",
    "session sessions cookie",
    "shutdown sigterm terminate drain stop",
    "size large big huge",
    "spike burst peak",
    "staging preview",
    "terraform infrastructure iac",
    "ticket issue",
    "timeout deadline",
    "timezone utc",
    "translation locale language",
    "truncated cut",
    "unique distinct",
    "upgrade update bump",
    "validate validation verify check",
    "variable env",
    "version tag",
    "warn warning",
    "websocket ws",
    "wrong incorrect invalid",
];

/// Returns the words that are used for a lower-case word, without it; each once.
pub(super) fn synonyms(word: &str) -> Vec<&'static str> {
    let is_it = |entry: &str| word.strip_prefix(entry).is_some_and(|ending| matches!(ending, "" | "s"));
    let mut found: Vec<&'static str> = Vec::new();
    for group in GROUPS.iter().filter(|group| group.split(' ').any(is_it)) {
        for other in group.split(' ') {
            if !is_it(other) && !found.contains(&other) {
                found.push(other);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snipara::embedded::memories::stop_words::is_stop_word;

    #[test]
    fn a_word_has_the_others_of_all_its_groups() {
        assert_eq!(synonyms("cert"), ["certificate", "tls", "ssl"]);
        assert_eq!(synonyms("certificates"), ["cert", "tls", "ssl"]);
        let of_client = synonyms("client");
        assert!(of_client.contains(&"browser") && of_client.contains(&"customer"), "{of_client:?}");
        assert_eq!(synonyms("pgbouncer"), [""; 0]);
    }

    #[test]
    fn groups_are_of_several_plain_words_each_once() {
        for group in GROUPS {
            let mut words: Vec<&str> = group.split(' ').collect();
            let count = words.len();
            assert!(words.iter().all(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric())));
            assert!(words.iter().all(|word| !is_stop_word(word) || *word == "down"), "{group}");
            words.sort_unstable();
            words.dedup();
            assert!(count > 1 && words.len() == count, "{group}");
        }
    }
}
