//! Checks the arguments of a prompt.

use rmcp::model::JsonObject;
use serde_json::{Map, Value};

use crate::domain::{nearest, one_line, printable};
use crate::orchestrator::OrchestratorError;

use super::catalog::Listed;

/// The longest argument, in bytes.
const LONGEST: usize = 8 * 1024;

/// Reads the arguments: known names, and texts of a length that a person writes. Control and direction-changing
/// characters are made harmless.
///
/// # Errors
/// When an argument cannot be used. The message names the prompt, the argument, and what is wrong with it.
pub(super) fn read(prompt: &Listed, given: Option<JsonObject>) -> Result<Map<String, Value>, OrchestratorError> {
    let mut arguments = Map::new();
    for (name, value) in given.unwrap_or_default() {
        if !prompt.arguments.iter().any(|argument| argument.name == name) {
            return Err(unknown(prompt, &name));
        }
        match value {
            // Clients that fill every field write null or nothing for "not given".
            Value::Null => {}
            Value::String(text) if text.trim().is_empty() => {}
            Value::String(text) if text.len() <= LONGEST => {
                arguments.insert(name, Value::String(printable(text.trim())));
            }
            Value::String(text) => {
                let message = format!("{name} of {} has {} bytes: at most {LONGEST}", prompt.name, text.len());
                return Err(OrchestratorError::invalid(message, "Shorten it."));
            }
            _ => {
                let message = format!("{name} of {} must be text", prompt.name);
                return Err(OrchestratorError::invalid(message, "Arguments of prompts are texts."));
            }
        }
    }
    let missing = prompt.arguments.iter().find(|argument| argument.required && !arguments.contains_key(argument.name));
    match missing {
        None => Ok(arguments),
        Some(argument) => Err(OrchestratorError::invalid(
            format!("missing argument `{}` of {}", argument.name, prompt.name),
            format!("Give `{}`: {}", argument.name, argument.description),
        )),
    }
}

fn unknown(prompt: &Listed, name: &str) -> OrchestratorError {
    let known = prompt.arguments.iter().map(|argument| argument.name);
    let shown = one_line(name, 60);
    let message = match nearest(name, known.clone()) {
        Some(meant) => format!("unknown argument `{shown}` of {}: did you mean `{meant}`?", prompt.name),
        None => format!("unknown argument `{shown}` of {}", prompt.name),
    };
    OrchestratorError::invalid(message, format!("Known arguments: {}.", known.collect::<Vec<_>>().join(", ")))
}
