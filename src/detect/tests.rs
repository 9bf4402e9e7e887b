//! Each framework by a project of its own (`tests/frameworks.txt`).

use proptest::prelude::*;
use regex::Regex;

use super::frameworks::FRAMEWORKS;
use super::runners::patterns;
use super::{Detected, Sources, detect};

const PROJECTS: &str = include_str!("tests/frameworks.txt");

fn read(project: &str) -> Detected {
    let files = project.split("\n-- ").skip(1).filter_map(|file| file.split_once('\n'));
    detect(&Sources::of(files.map(|(path, text)| (path.to_owned(), text.to_owned()))))
}

#[test]
fn each_framework_is_recognised_with_its_routes_its_tests_and_its_port() {
    let mut told = Vec::new();
    for project in PROJECTS.split("\n== ").skip(1) {
        let expected = project.lines().next().expect("a first line");
        let found = read(project);
        let line = format!(
            "{} | {} | tests: {} | port: {}",
            found.frameworks.join(", "),
            found.routes.join(" "),
            found.test_commands.join(", "),
            found.port.unwrap_or_default()
        );
        assert_eq!(line.replace("tests:  |", "tests: |"), expected);
        told.push(found.frameworks[0]);
    }
    assert_eq!(told.len(), FRAMEWORKS.len(), "each row has a project: {told:?}");
}

#[test]
fn every_expression_of_the_tables_is_one() {
    for framework in FRAMEWORKS {
        let marks = framework.marks.iter().map(|(_, says)| says);
        let pages = framework.pages.iter().flat_map(|(path, says)| [path, says]);
        let lists = [
            framework.routes,
            framework.folders,
            framework.owners,
            framework.mounts,
            framework.classes,
            framework.blocks,
            framework.closed,
            framework.globals,
        ];
        for pattern in lists.into_iter().flatten().chain(marks).chain(pages) {
            assert!(Regex::new(pattern).is_ok(), "{}: {pattern}", framework.name);
        }
    }
    assert!(patterns().all(|pattern| Regex::new(pattern).is_ok()));
}

#[test]
fn several_frameworks_of_one_repository_are_told_and_a_page_beside_them_is_none_of_its_own() {
    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let found = detect(&Sources::of([
        file(
            "backend/main.py",
            "from fastapi import FastAPI\napp = FastAPI()\n@app.get(\"/items\")\ndef items(): ...\n",
        ),
        file("web/package.json", r#"{"dependencies": {"express": "5"}}"#),
        file("web/app.js", "app.get('/pages', (req, res) => {})"),
        file("index.html", "<title>x</title>"),
    ]));
    assert_eq!(found.frameworks, ["FastAPI", "Express"]);
    assert_eq!(found.routes, ["/items", "/pages"]);
}

#[test]
fn a_runner_that_would_run_no_test_or_never_end_is_not_proposed() {
    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    for files in [
        vec![file("requirements.txt", "pytest\n"), file("app.py", "x = 1\n")],
        vec![file("package.json", r#"{"scripts": {"test": "jest --watch"}}"#)],
        vec![file("Cargo.toml", "[package]\n"), file("src/lib.rs", "pub fn x() {}\n")],
        vec![file("go.mod", "module x\n"), file("main.go", "package main\n")],
    ] {
        assert_eq!(detect(&Sources::of(files.clone())).test_commands, Vec::<&str>::new(), "{files:?}");
    }
}

#[test]
fn a_repository_on_disk_is_read_without_what_git_ignores_and_without_other_peoples_code() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("written");
    };
    write("app.py", "from flask import Flask\napp = Flask(__name__)\n@app.get('/ours')\ndef ours(): ...\n");
    write(".gitignore", "old/\n");
    write("old/app.py", "from flask import Flask\n@app.get('/ignored')\n");
    write("node_modules/express/app.py", "from flask import Flask\n@app.get('/theirs')\n");
    let found = detect(&Sources::read(folder.path()));
    assert_eq!((found.frameworks, found.routes), (vec!["Flask"], vec!["/ours".to_owned()]));
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(text in "\\PC{0,200}", name in prop::sample::select(vec![
        "app.py", "urls.py", "package.json", "config/routes.rb", "routes/api.php", "openapi.yaml", "main.go", "src/main.rs",
    ])) {
        let marks = "from fastapi import x\nfrom django import y\nfrom flask import z\n";
        let files = [("m.py".to_owned(), marks.to_owned()), (name.to_owned(), text)];
        prop_assert!(detect(&Sources::of(files)).routes.iter().all(|path| path.starts_with('/')));
    }
}
