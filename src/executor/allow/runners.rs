//! The table of known runners: which first words, options and paths a caller may give to which program.
//!
//! What the table does not name is refused. One family of runners is one file of `src/executor/allow/runners/`; a
//! runner is one entry, and a row of it one beginning. The words of the table:
//!
//! - **words** are what the arguments begin with, one value each (`run {script}`);
//! - **options** are `-v` (alone), `-k,--keyword={text}` (with a value, in the same word or the next),
//!   `--cov[={path}]` (with a value in the same word, or alone) and `--reporters+=dot|json` (with all words up to the
//!   next option, as yargs reads lists);
//! - **takes** is what else may stand there; values are those of `src/executor/allow/value.rs`.
//!
//! An option belongs into the table when no value that it may have starts a program, loads code or a configuration
//! that the runner would not load by itself, writes beside reports, opens a port or reaches the network, or lets a
//! failing test pass.
//!
//! How a runner tells the number of the tests that ran becomes one more field of [`Runner`]: rows and runners are made
//! by functions, so that entries which say nothing of it stay as they are.

mod beam;
mod dotnet;
mod javascript;
mod javascript_checks;
mod javascript_tests;
mod jvm;
mod linters;
mod mobile;
mod native;
mod php;
mod python;
mod python_checks;
mod ruby;
mod rust_go;

/// The families, with what they are about.
pub(super) const FAMILIES: [(&str, &[Runner]); 14] = [
    ("Package managers and workspaces of JavaScript", javascript::RUNNERS),
    ("Test runners of JavaScript", javascript_tests::RUNNERS),
    ("Linters, type checks and builds of JavaScript", javascript_checks::RUNNERS),
    ("Python", python::RUNNERS),
    ("Linters and type checks of Python", python_checks::RUNNERS),
    ("Rust and Go", rust_go::RUNNERS),
    ("Java, Kotlin, Scala, Clojure", jvm::RUNNERS),
    (".NET", dotnet::RUNNERS),
    ("Ruby", ruby::RUNNERS),
    ("PHP", php::RUNNERS),
    ("Elixir, Erlang, Haskell, OCaml and others", beam::RUNNERS),
    ("Build tools of any language", native::RUNNERS),
    ("Dart, Flutter and telephones", mobile::RUNNERS),
    ("Shells, Perl, documents and infrastructure", linters::RUNNERS),
];

/// Every runner that is known.
pub(super) fn all() -> impl Iterator<Item = &'static Runner> {
    FAMILIES.into_iter().flat_map(|(_, runners)| runners)
}

/// How a program reads its options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Each option is a word of its own.
    Plain,
    /// Short options may be written together (`-xvs`).
    Clusters,
    /// Long options have one dash or two (Go).
    OneDash,
}

/// What may follow `--`.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rest {
    Refused,
    /// More of what the row takes, and no options.
    Positionals,
    /// The options and words of another program, to which they are passed on.
    Options(&'static [&'static str], &'static str),
}

/// What follows the words of a row.
#[derive(Debug, Clone, Copy)]
pub(super) enum Then {
    /// Options and words of the row.
    Arguments,
    /// Options of the row, then a command that is itself in the table: of one of these programs, of any without names.
    Command(&'static str),
    /// As a command, but the program is the repository's own in `node_modules/.bin`, and that file is started.
    OwnBinary,
}

/// One beginning of a runner's arguments, and what it allows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) words: &'static str,
    pub(super) options: &'static [&'static str],
    pub(super) takes: &'static str,
    pub(super) then: Then,
    pub(super) rest: Rest,
    pub(super) sets: &'static [(&'static str, &'static str)],
}

/// One program and its rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Runner {
    /// Its names, found on the server's PATH or in the folders where repositories keep programs.
    pub(super) programs: &'static str,
    /// Where it lies in the repository, when it is a wrapper.
    pub(super) wrappers: &'static str,
    pub(super) style: Style,
    /// Whether it hands its arguments on to a shell.
    pub(super) has_shell: bool,
    /// Options before the words of its rows, and among them.
    pub(super) before: &'static [&'static str],
    /// Options before and after the words of its rows.
    pub(super) options: &'static [&'static str],
    pub(super) rows: &'static [Row],
}

const fn runner(programs: &'static str, options: &'static [&'static str], rows: &'static [Row]) -> Runner {
    Runner { programs, wrappers: "", style: Style::Plain, has_shell: false, before: &[], options, rows }
}

impl Runner {
    const fn wrapped(self, wrappers: &'static str) -> Self {
        Self { wrappers, ..self }
    }

    const fn style(self, style: Style) -> Self {
        Self { style, ..self }
    }

    const fn before(self, before: &'static [&'static str]) -> Self {
        Self { before, ..self }
    }

    const fn with_shell(self) -> Self {
        Self { has_shell: true, ..self }
    }

    pub(super) fn is_named(&self, program: &str) -> bool {
        self.programs.split(' ').any(|known| match known.split_once('*') {
            None => known == program,
            // `python3.*` is `python3.12` and nothing else.
            Some((before, _)) => program
                .strip_prefix(before)
                .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit())),
        })
    }
}

const fn row(words: &'static str, options: &'static [&'static str], takes: &'static str) -> Row {
    Row { words, options, takes, then: Then::Arguments, rest: Rest::Refused, sets: &[] }
}

const fn wraps(words: &'static str, options: &'static [&'static str], programs: &'static str) -> Row {
    Row { then: Then::Command(programs), ..row(words, options, "") }
}

impl Row {
    const fn rest(self, rest: Rest) -> Self {
        Self { rest, ..self }
    }

    const fn then(self, then: Then) -> Self {
        Self { then, ..self }
    }

    const fn sets(self, sets: &'static [(&'static str, &'static str)]) -> Self {
        Self { sets, ..self }
    }
}
