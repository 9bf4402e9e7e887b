//! The command table: any line is allowed or refused, and what is allowed never goes through a shell.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use snipara_orchestrator::domain::Redactor;
use snipara_orchestrator::executor::{CommandPolicy, Executor, ExecutorSettings, Invocation};

static EXECUTOR: LazyLock<Executor> = LazyLock::new(|| {
    Executor::with_settings(ExecutorSettings {
        repository: std::env::current_dir().unwrap_or_default(),
        search_path: "/usr/bin:/bin".into(),
        hidden_variables: Vec::new(),
        redactor: Redactor::default(),
        supervisor: None,
        policy: CommandPolicy::Restricted { allowed: Vec::new() },
    })
});

fuzz_target!(|line: &str| {
    if let Ok(invocation) = EXECUTOR.prepare(line) {
        assert!(!matches!(invocation, Invocation::Shell(_)), "{line}");
    }
});
