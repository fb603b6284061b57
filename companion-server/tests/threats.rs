//! Every test that `docs/security.md` and `docs/reliability.md` name exists.

#![allow(clippy::unwrap_used, reason = "a test that can't read its files has failed")]

use std::{collections::BTreeSet, fs, path::Path};

fn functions(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            functions(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let names =
                text.split("fn ").skip(1).filter_map(|rest| rest.split_once('(')).map(|(name, _)| name);
            found.extend(names.map(str::to_owned));
        }
    }
}

/// Each row of the document's tables ends with the names of tests.
fn every_named_test_exists(document: &str, folders: &[&str], least: usize) {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut known = BTreeSet::new();
    for folder in folders {
        functions(&repository.join(folder), &mut known);
    }
    let text = fs::read_to_string(repository.join(document)).unwrap();
    let rows: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("| ") && !line.trim_end_matches(['|', ' ']).ends_with("shown by"))
        .collect();
    assert!(rows.len() > least, "the tables are there");
    for row in rows {
        let tests = row.trim_end_matches('|').rsplit('|').next().unwrap();
        let named: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "{row} names no test");
        for name in named {
            assert!(known.contains(name), "{name} does not exist");
        }
    }
}

/// Where tests are.
const FOLDERS: [&str; 5] =
    ["companion-server/src", "companion-server/tests", "sync-core/src", "sync-core/tests", "tests/tests"];

#[test]
fn every_test_that_the_threats_name_exists() {
    every_named_test_exists("docs/security.md", &FOLDERS, 20);
}

#[test]
fn every_test_that_the_promises_and_faults_name_exists() {
    every_named_test_exists("docs/reliability.md", &FOLDERS, 20);
}
