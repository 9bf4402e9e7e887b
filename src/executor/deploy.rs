//! Turns a deployment into a command, without running it.
//!
//! Every name is an argument of its own: no shell ever reads it.

use super::{CommandSpec, Invocation};

/// The environment of a deployment that names none.
const PRODUCTION: &str = "production";
const PROVIDERS: [&str; 4] = ["infomaniak_vps", "vercel", "fly", "custom"];

/// A deployment cannot be planned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeployError {
    /// A deployment is never guessed: it is named, or the configuration describes it.
    #[error("provider is missing: give infomaniak_vps, vercel or fly, or describe `deploy` in the configuration")]
    NoProvider,
    /// The provider is unknown.
    #[error("unknown deployment provider `{provider}`; known are {}", PROVIDERS.join(", "))]
    UnknownProvider {
        /// What was asked for.
        provider: String,
    },
    /// A name has other characters than `A-Za-z0-9._-`, begins with `-`, or is empty.
    #[error("the {what} `{name}` may hold only letters, digits, `.`, `_`, `-`, and not begin with `-`")]
    BadName {
        /// `service` or `environment`.
        what: &'static str,
        /// What was asked for.
        name: String,
    },
    /// The provider knows production only.
    #[error("the provider `{provider}` deploys to production only, not to `{environment}`; use a custom deployment")]
    OnlyProduction {
        /// The provider.
        provider: &'static str,
        /// What was asked for.
        environment: String,
    },
    /// The provider `custom` has no command.
    #[error("the provider `custom` needs a command in `deploy`")]
    NoCustomCommand,
}

/// Plans a deployment; without a provider it is `custom`, when that has a command.
///
/// Providers: `infomaniak_vps` (also `infomaniak`, `vps`) runs the repository's
/// `deploy/infomaniak/deploy-zero-downtime.sh SERVICE`, with `DEPLOY_ENVIRONMENT` unless it is production; `vercel`
/// runs `vercel deploy` on the linked project, with `--prod` for production and as a preview otherwise; `fly` runs
/// `fly deploy --app SERVICE` and knows production only. `custom` runs the configured command and replaces `{service}`
/// and `{environment}` in its words.
///
/// # Errors
/// When the provider is unknown, when a name could be taken for an option or a path, or when `custom` has no command.
pub fn plan(
    provider: Option<&str>,
    service: &str,
    environment: &str,
    custom: Option<&[String]>,
    timeout_ms: u64,
) -> Result<CommandSpec, DeployError> {
    check_name("service", service)?;
    check_name("environment", environment)?;
    let provider = provider.or(custom.map(|_| "custom")).ok_or(DeployError::NoProvider)?;
    let is_production = environment == PRODUCTION;
    let mut variables = Vec::new();
    let words: Vec<String> = match provider {
        "infomaniak_vps" | "infomaniak" | "vps" => {
            if !is_production {
                variables.push(("DEPLOY_ENVIRONMENT".to_owned(), environment.to_owned()));
            }
            vec!["./deploy/infomaniak/deploy-zero-downtime.sh".to_owned(), service.to_owned()]
        }
        "vercel" => {
            let flag = is_production.then_some("--prod");
            ["vercel", "deploy"].into_iter().chain(flag).map(str::to_owned).collect()
        }
        "fly" if !is_production => {
            return Err(DeployError::OnlyProduction { provider: "fly", environment: environment.to_owned() });
        }
        "fly" => ["fly", "deploy", "--app", service].map(str::to_owned).to_vec(),
        "custom" => custom
            .filter(|words| words.first().is_some_and(|program| !program.is_empty()))
            .ok_or(DeployError::NoCustomCommand)?
            .iter()
            .map(|word| word.replace("{service}", service).replace("{environment}", environment))
            .collect(),
        _ => return Err(DeployError::UnknownProvider { provider: provider.to_owned() }),
    };
    Ok(CommandSpec {
        label: words.join(" "),
        invocation: Invocation::Direct(words),
        directory: None,
        environment: variables,
        timeout_ms,
    })
}

fn check_name(what: &'static str, name: &str) -> Result<(), DeployError> {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-');
    if name.is_empty() || name.starts_with('-') || !name.chars().all(is_plain) {
        return Err(DeployError::BadName { what, name: name.to_owned() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(provider: &str, service: &str, environment: &str) -> Vec<String> {
        match plan(Some(provider), service, environment, None, 1).expect("a plan").invocation {
            Invocation::Direct(words) => words,
            Invocation::Shell(line) => panic!("a shell: {line}"),
        }
    }

    #[test]
    fn b07_a_provider_is_named_or_configured_never_guessed() {
        let custom = ["./ship".to_owned()];
        let label = |provider, custom| plan(provider, "api", "production", custom, 1).map(|spec| spec.label);
        assert_eq!(label(Some("fly"), Some(&custom[..])).as_deref(), Ok("fly deploy --app api"));
        assert_eq!(label(None, Some(&custom[..])).as_deref(), Ok("./ship"));
        assert_eq!(label(None, None), Err(DeployError::NoProvider));
    }

    #[test]
    fn the_providers_of_the_seed_are_known() {
        let script = "./deploy/infomaniak/deploy-zero-downtime.sh";
        for name in ["infomaniak_vps", "infomaniak", "vps"] {
            assert_eq!(words(name, "api", "production"), [script, "api"]);
        }
        assert_eq!(words("vercel", "web", "production"), ["vercel", "deploy", "--prod"]);
        assert_eq!(words("vercel", "web", "preview"), ["vercel", "deploy"]);
        assert_eq!(words("fly", "api", "production"), ["fly", "deploy", "--app", "api"]);
        let staging = plan(Some("vps"), "api", "staging", None, 1).expect("a plan");
        assert_eq!(staging.environment, [("DEPLOY_ENVIRONMENT".to_owned(), "staging".to_owned())]);
    }

    #[test]
    fn b07_an_unknown_provider_is_an_error_that_lists_the_known_ones() {
        let error = plan(Some("x'; touch /tmp/pwned; '"), "api", "production", None, 1).expect_err("refused");
        assert!(error.to_string().contains("infomaniak_vps, vercel, fly, custom"), "{error}");
    }

    #[test]
    fn b07_names_that_a_shell_or_a_program_could_misread_are_refused() {
        for name in ["", "-rf", "a b", "a;b", "$(id)", "a/b", "a\nb", "ä"] {
            let error = plan(Some("fly"), name, "production", None, 1).expect_err(name);
            assert!(matches!(error, DeployError::BadName { what: "service", .. }), "{name}");
            assert!(plan(Some("vercel"), "web", name, None, 1).is_err(), "{name}");
        }
    }

    #[test]
    fn a_custom_command_keeps_its_words_whatever_is_put_into_them() {
        let custom = ["ship", "--to={environment}", "{service}", "a b; c"].map(str::to_owned);
        let spec = plan(Some("custom"), "api", "staging", Some(&custom), 5).expect("a plan");
        let expected = ["ship", "--to=staging", "api", "a b; c"].map(str::to_owned).to_vec();
        assert_eq!(spec.invocation, Invocation::Direct(expected));
        assert_eq!(plan(Some("custom"), "api", "staging", Some(&[]), 5), Err(DeployError::NoCustomCommand));
        assert_eq!(plan(Some("custom"), "api", "staging", None, 5), Err(DeployError::NoCustomCommand));
    }

    #[test]
    fn fly_does_not_deploy_to_production_when_staging_was_asked_for() {
        assert!(matches!(plan(Some("fly"), "api", "staging", None, 1), Err(DeployError::OnlyProduction { .. })));
    }
}
