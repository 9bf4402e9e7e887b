//! `deploy`.

use tokio_util::sync::CancellationToken;

use crate::app;
use crate::cli::arguments::Deploy;
use crate::cli::commands::Context;
use crate::cli::error::CliError;
use crate::cli::exit_code::{self, Exit};
use crate::cli::interrupt::Interrupt;
use crate::cli::render::command_run;
use crate::domain::Actor;
use crate::orchestrator::DeployRequest;

/// Runs a deployment and records it.
///
/// # Errors
/// Unknown provider, names that are not allowed, or when it could not be recorded.
pub(super) fn deploy(context: &Context, words: &Deploy) -> Result<Exit, CliError> {
    let run = context.block_on(async {
        let mut interrupt = Interrupt::listen()?;
        let config = context.settings()?;
        let provider = provider(words.provider.as_deref(), config.custom_deployment.is_some())?;
        let request =
            DeployRequest { service: words.service.clone(), environment: words.environment.clone(), provider };
        let opening = app::compose(&config, Actor::Person, "command line");
        let orchestrator = context.opened.keep(interrupt.unless_interrupted(opening).await?);
        let cancel = CancellationToken::new();
        interrupt.cancelling(&context.output, &cancel, orchestrator.deploy(request, &cancel)).await
    })?;
    let quiet = context.output.quiet;
    context.output.result(&run, |paint| command_run(&run, *paint, quiet))?;
    Ok(exit_code::of_command(&run))
}

/// A deployment is never guessed: it is named, or the configuration describes it.
fn provider(named: Option<&str>, custom: bool) -> Result<String, CliError> {
    match named {
        Some(name) => Ok(name.to_owned()),
        None if custom => Ok("custom".to_owned()),
        None => Err(CliError::usage(
            "which provider?",
            "Add --provider infomaniak_vps, vercel or fly, or describe `deploy` in the configuration.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b07_a_provider_is_named_or_configured_never_guessed() {
        assert_eq!(provider(Some("fly"), true).as_deref(), Ok("fly"));
        assert_eq!(provider(None, true).as_deref(), Ok("custom"));
        assert_eq!(provider(None, false).expect_err("refused").exit, Exit::Usage);
    }
}
