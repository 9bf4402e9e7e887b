//! Programs that start the program named in their arguments.

use super::recognise::{is_one_of, program_name};

/// A launcher: its words, its options that take the next argument, and how many other words stand before the program.
struct Launcher {
    words: &'static str,
    valued: &'static [&'static str],
    before: usize,
}

const fn launcher(words: &'static str, valued: &'static [&'static str], before: usize) -> Launcher {
    Launcher { words, valued, before }
}

/// Those after which a name of the repository's own scripts could stand (`yarn jest`, `pdm run`, `pipenv run`, `hatch run`)
/// are script starters and not here.
const LAUNCHERS: &[Launcher] = &[
    launcher("npx|bunx|pnpx", &["-p", "--package", "-c", "--call", "-w", "--workspace"], 0),
    launcher("npm exec|x", &["-p", "--package", "-w", "--workspace", "--prefix"], 0),
    launcher("pnpm exec|dlx", &["-C", "--dir", "--filter", "-F"], 0),
    launcher("yarn exec|dlx", &["-p", "--package"], 0),
    launcher("bun x", &[], 0),
    launcher(
        "uv run",
        &["--with", "--group", "--extra", "--package", "--project", "--directory", "-p", "--python", "--env-file"],
        0,
    ),
    launcher("uvx", &["--from", "--with", "-p", "--python"], 0),
    launcher("poetry run", &["-C", "--directory", "-P", "--project"], 0),
    launcher("bundle exec", &[], 0),
    launcher("composer exec", &["-d", "--working-dir"], 0),
    launcher("mise exec|x", &[], 0),
    launcher("direnv exec", &[], 1),
    launcher("timeout", &["-k", "--kill-after", "-s", "--signal"], 1),
    launcher("nice", &["-n"], 0),
    launcher("ionice", &["-c", "-n"], 0),
    launcher("stdbuf", &["-i", "-o", "-e"], 0),
    launcher("env", &["-u", "-C"], 0),
    launcher("cross-env|time|nohup|command|setsid", &[], 0),
    launcher("xvfb-run", &["-s", "--server-args", "-n", "--server-num", "-e", "-f"], 0),
    launcher("c8|nyc", &["-r", "--reporter", "-x", "--exclude", "-n", "--include", "-o", "--reports-dir"], 0),
    launcher("php|php8*|php7*", &["-d", "-c"], 0),
    launcher("sail bin", &[], 0),
    launcher("pipx run", &["--spec"], 0),
];

/// Returns the part of `argv` from the program on that is started in the end.
pub(super) fn behind_launchers<'a, 'b>(argv: &'b [&'a str]) -> &'b [&'a str] {
    let mut argv = without_assignments(argv);
    while let Some(rest) = LAUNCHERS.iter().find_map(|launcher| launcher.behind(argv)) {
        argv = without_assignments(rest);
    }
    argv
}

impl Launcher {
    fn behind<'a, 'b>(&self, argv: &'b [&'a str]) -> Option<&'b [&'a str]> {
        let mut words = self.words.split(' ');
        let (program, mut rest) = argv.split_first()?;
        is_one_of(words.next()?, program_name(program)).then_some(())?;
        for word in words {
            let (given, after) = self.behind_options(rest).split_first()?;
            is_one_of(word, given).then_some(())?;
            rest = after;
        }
        rest = self.behind_options(rest);
        for _ in 0..self.before {
            rest = self.behind_options(rest.split_first()?.1);
        }
        // `php artisan test` and `php -v` are no launches of another program.
        let (program, _) = rest.split_first()?;
        (*program != "artisan").then_some(rest)
    }

    fn behind_options<'a, 'b>(&self, mut rest: &'b [&'a str]) -> &'b [&'a str] {
        while let Some((option, after)) = rest.split_first().filter(|(option, _)| option.starts_with('-')) {
            rest = after;
            if *option == "--" {
                break;
            }
            if self.valued.contains(option) {
                rest = rest.split_first().map_or(rest, |(_, after)| after);
            }
        }
        rest
    }
}

fn without_assignments<'a, 'b>(mut argv: &'b [&'a str]) -> &'b [&'a str] {
    while let Some((_, rest)) = argv.split_first().filter(|(first, _)| is_assignment(first)) {
        argv = rest;
    }
    argv
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && !name.starts_with(|character: char| character.is_ascii_digit())
            && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
    })
}
