//! From arguments to exit code.

use std::ffi::{OsStr, OsString};
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::error::ErrorKind;

use super::arguments::{Command, CommandLine, PROGRAM};
use super::audit::{CommandAudit, audited};
use super::commands::{Context, Opened, dispatch};
use super::completion;
use super::error::CliError;
use super::exit_code::Exit;
use super::interrupt::ignore_sigxfsz;
use super::output::{Colours, Output};
#[cfg(target_os = "linux")]
use crate::app::{SUPERVISE, supervise};
use crate::config::Environment;
use crate::domain::{error_chain, out_of_descriptors};

/// Runs the command line: reads the words, does what they ask, and says how it ended.
///
/// Exit codes: 0 done, passed, no drift; 2 usage or configuration; 3 could not; 4 local tests failed; 5 refused by the
/// gate, a check failed, a ledger does not verify; 6 drift; 70 our bug; 130 interrupted. Never panics.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    // A panic's message may hold anything; its place is all that is told.
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(|place| format!(" at {}:{}", place.file(), place.line())).unwrap_or_default();
        let told = match info.payload_as_str() {
            Some(text) if text.starts_with(NO_THREAD) => {
                "no thread can be started: memory or threads are short; raise \
                 the limits (`ulimit -v`, `ulimit -u`) and run it again"
                    .to_owned()
            }
            _ => format!("internal error{place}"),
        };
        Output::of_process(false, false, Colours { forbidden: true }).ask(&format!("snipara-orchestrator: {told}\n"));
    }));
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    #[cfg(target_os = "linux")]
    if arguments.get(1).is_some_and(|word| word == SUPERVISE) {
        ignore_sigxfsz();
        // Its exit code is the command's: a shortage of its own must not look like one.
        return supervise(arguments.into_iter().skip(2));
    }
    caught(|| {
        // Below this, the runtime itself could not start, and would say so in a panic.
        if let Err(error) = spare_descriptors() {
            let json = arguments.iter().any(|argument| argument == OsStr::new("--json"));
            Output::of_process(json, false, Colours { forbidden: true }).error(&error);
            return error.exit;
        }
        ignore_sigxfsz();
        answer(&arguments)
    })
    .into()
}

/// How tokio's panic begins where the system starts no thread (`runtime/blocking/pool.rs`); it has no error for that.
const NO_THREAD: &str = "OS can't spawn worker thread";

/// How many descriptors the runtime, the store and one connection need.
const NEEDED_DESCRIPTORS: usize = 8;

/// Makes sure that some descriptors can be opened.
fn spare_descriptors() -> Result<(), CliError> {
    let opened: Result<Vec<_>, _> = (0..NEEDED_DESCRIPTORS).map(|_| std::fs::File::open("/dev/null")).collect();
    match opened {
        Err(error) if out_of_descriptors(&error) => Err(CliError::could_not(
            "no_descriptors",
            format!("this process may open too few files: {}", error_chain(&error)),
            "Raise the limit (`ulimit -n 1024`) and run it again; nothing was done.",
        )),
        // Where there is no such file nothing can be told before.
        _ => Ok(()),
    }
}

/// Does the work and makes a panic the exit code of a bug of ours, but for a shortage of threads.
fn caught(work: impl FnOnce() -> Exit) -> Exit {
    panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let is_shortage = payload.downcast_ref::<String>().is_some_and(|text| text.starts_with(NO_THREAD));
        if is_shortage { Exit::CouldNot } else { Exit::Bug }
    })
}

fn answer(arguments: &[OsString]) -> Exit {
    // The link leads to this program also after its file was replaced (proc_pid_exe(5)).
    let supervisor = Some(PathBuf::from("/proc/self/exe")).filter(|link| cfg!(target_os = "linux") && link.exists());
    let environment = Environment { supervisor, ..Environment::of_process() };
    if let Some(shell) = environment.value(completion::VARIABLE).filter(|shell| !shell.is_empty()) {
        // As with a document: what stands between the answers is no text, and must not be taken for any.
        let output = Output::of_process(true, true, Colours { forbidden: true });
        return completion::complete(&output, shell, arguments, &environment);
    }
    let (name, line) = match CommandLine::read(arguments.to_vec()) {
        Ok(read) => read,
        Err(error) => return not_parsed(&error, arguments, &environment),
    };
    let colours = colours(&environment, line.globals.no_color);
    // Standard output of `mcp` carries the protocol and nothing else; `serve` has no result.
    let json = line.globals.json && !matches!(line.command, Command::Mcp(_) | Command::Serve(_));
    let output = Output::of_process(json, line.globals.quiet, colours);
    let output = Arc::new(output.with_items(line.globals.verbose));
    let program = arguments.first().cloned().unwrap_or_default();
    let (audit, opened) = (CommandAudit::default(), Opened::default());
    let context = Context { output: output.clone(), globals: line.globals, environment, program, opened, audit };
    match audited(&context, name, line.command, arguments, dispatch) {
        Ok(exit) => exit,
        Err(error) => {
            output.error(&error);
            error.exit
        }
    }
}

/// Tells what clap has to say: help and version are results, all else is an error of usage.
fn not_parsed(error: &clap::Error, arguments: &[OsString], environment: &Environment) -> Exit {
    let given = |flag: &str| arguments.iter().any(|argument| argument == OsStr::new(flag));
    let output = Output::of_process(given("--json"), false, colours(environment, given("--no-color")));
    // Without a word the help is the answer.
    let is_help =
        [ErrorKind::DisplayHelp, ErrorKind::DisplayVersion, ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand];
    if is_help.contains(&error.kind()) {
        let text = error.render();
        let text = if output.json { text.to_string() } else { text.ansi().to_string() };
        return if output.raw(text.as_bytes()).is_ok() { Exit::Success } else { Exit::CouldNot };
    }
    output.error(&usage_error(error));
    Exit::Usage
}

/// Makes clap's message an error of ours: what is wrong, then what was meant, or how it is used.
fn usage_error(error: &clap::Error) -> CliError {
    let text = in_plain_words(&error.render().to_string());
    let mut parts = text.strip_prefix("error: ").unwrap_or(&text).trim().split("\n\n").map(str::trim);
    let message = parts.next().unwrap_or_default().replace("\n  ", " ");
    let rest: Vec<&str> = parts.filter(|part| !part.starts_with("For more information")).collect();
    // What was meant says more than how the command is used.
    let tips: Vec<&str> = rest.iter().filter_map(|part| part.strip_prefix("tip: ")).collect();
    let ways_out: Vec<&str> = rest.iter().copied().filter(|part| !part.starts_with("Usage:")).collect();
    let hint = match (tips.as_slice(), ways_out.as_slice()) {
        ([], []) => rest.join("\n\n"),
        ([], ways_out) => ways_out.join("\n\n"),
        (tips, _) => tips.join("\n"),
    };
    CliError::usage(message, if hint.is_empty() { format!("`{PROGRAM} help` lists the commands") } else { hint })
}

/// What Rust says of numbers, and how people say it.
const NUMBERS: [(&str, &str); 6] = [
    ("invalid digit found in string", "it is no whole number"),
    ("number would be zero for non-zero type", "it must be at least 1"),
    ("number too large to fit in target type", "it is too large"),
    ("number too small to fit in target type", "it is too small"),
    ("cannot parse integer from empty string", "it is empty"),
    ("invalid float literal", "it is no number"),
];

fn in_plain_words(text: &str) -> String {
    NUMBERS.iter().fold(text.to_owned(), |text, (rust, plain)| text.replace(rust, plain))
}

/// Asks the environment whether colours are wanted: NO_COLOR that is set and not empty (no-color.org), TERM=dumb.
fn colours(environment: &Environment, flag: bool) -> Colours {
    let variable = |name: &str| environment.variables.get(OsStr::new(name)).map(OsString::as_os_str);
    let no_color = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
    Colours { forbidden: flag || no_color || variable("TERM") == Some(OsStr::new("dumb")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(words: &[&str]) -> CliError {
        let words = words.iter().map(OsString::from).collect();
        usage_error(&CommandLine::read(words).expect_err("refused"))
    }

    #[test]
    fn a_panic_is_our_bug_and_no_crash() {
        assert_eq!(caught(|| panic!("a secret")), Exit::Bug);
        assert_eq!(caught(|| panic!("{NO_THREAD}: {}", std::io::Error::from_raw_os_error(11))), Exit::CouldNot);
        assert_eq!(caught(|| Exit::Drift), Exit::Drift);
    }

    #[test]
    fn no_color_counts_when_it_is_not_empty() {
        let environment = |name: &str, value: &str| Environment {
            variables: [(name.into(), value.into())].into(),
            ..Environment::default()
        };
        assert!(colours(&environment("NO_COLOR", "1"), false).forbidden);
        assert!(!colours(&environment("NO_COLOR", ""), false).forbidden);
        assert!(colours(&environment("TERM", "dumb"), false).forbidden);
        assert!(colours(&environment("TERM", "xterm"), true).forbidden);
    }

    #[test]
    fn a_wrong_word_is_named_with_what_was_meant() {
        let error = error_of(&["x", "chek-drift"]);
        assert_eq!(error.message, "unrecognized subcommand 'chek-drift'");
        assert!(error.hint.contains("'check-drift'") && !error.hint.contains("Usage"), "{}", error.hint);
        assert_eq!(error_of(&["x", "run", "--tset", "a"]).hint, "a similar argument exists: '--test'");
        let group = error_of(&["x", "task"]);
        assert!(group.message.ends_with("[subcommands: list, show, log, cancel]"), "{}", group.message);
        assert!(group.hint.starts_with("Usage: snipara-orchestrator task "), "{}", group.hint);
    }

    #[test]
    fn a_value_that_a_request_cannot_have_is_told_with_its_flag() {
        let error = error_of(&["x", "remember", "a", "--type", "desicion"]);
        assert!(error.message.contains("did you mean `decision`?"), "{}", error.message);
        assert!(error.hint.starts_with("Correct `--type`."), "{}", error.hint);
    }

    #[test]
    fn a_number_that_is_none_is_told_in_plain_words() {
        for (words, told) in [
            (&["x", "remember", "a", "--ttl", "1d"][..], "it is no whole number"),
            (&["x", "proofs", "list", "--limit", "0"], "give a whole number of at least 1"),
            (&["x", "serve", "--rate-per-minute", "0"], "it must be at least 1"),
        ] {
            let error = error_of(words);
            assert!(error.message.contains(told), "{}", error.message);
        }
    }
}
