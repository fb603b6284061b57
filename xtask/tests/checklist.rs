//! `docs/ux.md` names, for everything that people expect of the app, the tests and pictures that show it. They must exist.

#![expect(clippy::unwrap_used, reason = "the whole file is a test, its functions included")]

use std::{fs, path::Path};

const LIST: &str = "docs/ux.md";

/// One expectation, with what shows it: a file and the names of tests in it.
struct Expectation {
    text: String,
    shown_by: Vec<(String, Vec<String>)>,
}

#[test]
fn every_expectation_is_met_and_shown() {
    let all = read();
    assert!(all.len() >= 30, "only {} expectations are read", all.len());
    for Expectation { text, shown_by } in all {
        assert!(!shown_by.is_empty(), "nothing shows: {text}");
    }
}

#[test]
fn what_shows_it_exists() {
    let mut missing = Vec::new();
    for (path, names) in read().into_iter().flat_map(|expectation| expectation.shown_by) {
        let Ok(found) = fs::read(root().join(&path)) else {
            missing.push(path);
            continue;
        };
        let source = String::from_utf8_lossy(&found);
        missing.extend(
            names.into_iter().filter(|name| !has_test(&source, name)).map(|name| format!("{path}: {name}")),
        );
    }
    assert!(missing.is_empty(), "{LIST} names what is not there:\n{}", missing.join("\n"));
}

/// Whether the file has a test of this name: a function in Rust, a description in TypeScript.
fn has_test(source: &str, name: &str) -> bool {
    source.contains(&format!("fn {name}(")) || source.contains(&format!("'{name}'"))
}

/// Expectations are items of a task list; below each stand items of the form "`path`: `test`, `test`".
fn read() -> Vec<Expectation> {
    let mut all: Vec<Expectation> = Vec::new();
    for line in fs::read_to_string(root().join(LIST)).unwrap().lines() {
        assert!(!line.starts_with("- [ ]"), "not met: {line}");
        if let Some(text) = line.strip_prefix("- [x] ") {
            all.push(Expectation { text: text.to_owned(), shown_by: Vec::new() });
        } else if let (Some(shown), Some(last)) = (line.strip_prefix("  - `"), all.last_mut()) {
            let (path, names) = shown.split_once('`').unwrap();
            let names = names.split('`').skip(1).step_by(2).map(str::to_owned).collect();
            last.shown_by.push((path.to_owned(), names));
        }
    }
    all
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
