//! The reader of tools' arguments: any JSON is read or told what is wrong with it; nothing panics.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use snipara_orchestrator::domain::Principal;
use snipara_orchestrator::orchestrator::OrchestratorError;
use snipara_orchestrator::tools::tools;

fuzz_target!(|data: &[u8]| {
    let Some((first, text)) = data.split_first() else { return };
    let Ok(Value::Object(arguments)) = serde_json::from_slice(text) else { return };
    let tool = &tools()[usize::from(*first) % tools().len()];
    // What can be read would open the store: this is where it ends.
    let opening = async { Err(OrchestratorError::internal("read")) };
    let _ = futures::executor::block_on(tool.call.run(tool.name, &Principal::anonymous(), arguments, opening));
});
