//! pytest, unittest and Django.

use crate::executor::test_counts::pattern::OutputPattern;
use crate::executor::test_counts::runner::{CountedRunner, Reader, once};

const PYTHON_VALUED: &[&str] = &["-W", "-X"];

pub(in crate::executor::test_counts) static RUNNERS: &[CountedRunner] = &[
    CountedRunner {
        name: "pytest",
        commands: &[
            "pytest|py.test|pytest-3",
            "python*|py|pypy3 -m pytest",
            "coverage run -m pytest",
            "python*|py -m coverage run -m pytest",
        ],
        valued: PYTHON_VALUED,
        nothing: &[
            "--collect-only",
            "--co",
            "--collectonly",
            "--setup-plan",
            "--setup-only",
            "--setuponly",
            "--fixtures",
            "--funcargs",
            "--fixtures-per-test",
            "--markers",
            "--cache-show",
            "--trace-config",
            "-h",
            "-V",
        ],
        reader: Reader::Summaries(&[once(
            r"^(?:=+ )?(?:no tests ran|(?P<list>\d+ [a-z]+(?: [a-z]+)?(?:, \d+ [a-z]+(?: [a-z]+)?)*)) in [\d.]+s(?: \([\d:, a-z]+\))?(?: =+)?$",
        )]),
        fix: "run it with at most one `-q`, without `--no-header -qq` and other reporters",
        ..CountedRunner::DEFAULT
    },
    CountedRunner {
        name: "unittest",
        commands: &[
            "python*|py|pypy3 -m unittest",
            "coverage run -m unittest",
            "python* *manage.py test",
            "manage.py test",
            "django-admin test",
            "coverage run *manage.py test",
        ],
        valued: PYTHON_VALUED,
        nothing: &["-h"],
        reader: Reader::Summaries(&[once(
            r"^Ran (?P<total>\d+) tests? in [\d.]+s\n\n(?:OK|FAILED|NO TESTS RAN)(?: \((?P<list>[a-z =\d,]+)\))?$",
        )]),
        none: &[OutputPattern::new(r"^NO TESTS RAN$")],
        fix: "run it with its default runner",
        ..CountedRunner::DEFAULT
    },
];
