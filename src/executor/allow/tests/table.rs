//! The table itself: every word of it can be read, and no runner stands in it by mistake.

use super::super::arguments::{OptionShape, read};
use super::super::runners::{self, Rest, Then};
use super::super::value;

#[test]
fn every_value_of_the_table_is_one_that_is_known() {
    let mut wrong = Vec::new();
    for runner in runners::all() {
        let mut lists = vec![runner.before, runner.options];
        let mut values = Vec::new();
        for row in runner.rows {
            lists.push(row.options);
            values.extend(row.words.split_whitespace().chain([row.takes]));
            if let Rest::Options(options, takes) = row.rest {
                lists.push(options);
                values.push(takes);
            }
        }
        for spec in lists.into_iter().flatten().flat_map(|list| list.split_whitespace()) {
            let (names, shape) = read(spec);
            if let OptionShape::Value(known) | OptionShape::Perhaps(known) | OptionShape::Several(known) = shape {
                values.push(known);
            }
            if !names.split(',').all(|name| name.len() > 1 && name.starts_with('-')) {
                wrong.push(format!("{}: option {spec}", runner.programs));
            }
        }
        for known in values.into_iter().filter(|known| !value::is_known(known)) {
            wrong.push(format!("{}: value {known}", runner.programs));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_may_be_wrapped_is_in_the_table() {
    let mut unknown = Vec::new();
    for row in runners::all().flat_map(|runner| runner.rows) {
        if let Then::Command(programs) = row.then {
            unknown.extend(
                programs
                    .split_whitespace()
                    .filter(|program| !program.contains('/'))
                    .filter(|program| !runners::all().any(|runner| runner.is_named(program))),
            );
        }
    }
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn shells_and_interpreters_of_code_are_no_runners() {
    for program in ["sh", "bash", "env", "sudo", "git", "curl", "docker", "xargs", "java", "perl", "make2", "evil"] {
        assert!(!runners::all().any(|runner| runner.is_named(program)), "{program}");
    }
}
