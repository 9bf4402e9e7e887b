//! The redactor: any text comes out without a panic and without a known secret.

#![no_main]

use libfuzzer_sys::fuzz_target;
use snipara_orchestrator::domain::{Redactor, SecretText};

fuzz_target!(|text: &str| {
    let redactor = Redactor::new([SecretText::new("0f1e2d3c4b5a69788796a5b4")]);
    let once = redactor.text(text);
    assert!(!once.contains("0f1e2d3c4b5a69788796a5b4"));
});
