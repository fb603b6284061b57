//! What `ARCHITECTURE.md` says of the crates and their dependencies, checked against the manifests, and what
//! `CONTRIBUTING.md` says of files, checked against the files under version control.

#![expect(clippy::unwrap_used, reason = "the whole file is a test, its functions included")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// Each crate with those of ours that it may name. Whatever is not here may not be.
const ARROWS: &[(&str, &[&str])] = &[
    ("protocol", &[]),
    ("sync-core", &["protocol"]),
    ("companion-server", &["protocol"]),
    ("roost", &["sync-core"]),
    // Not the server: it is run as the program that ships, with the SQLite that it ships with.
    ("roost-tests", &["protocol", "sync-core", "roost"]),
    ("xtask", &[]),
];

/// Beginnings of the names of other people's crates that a crate of ours may never name, not even in its tests.
const NEVER: &[(&str, &[&str])] = &[
    (
        "protocol",
        &[
            "tokio",
            "reqwest",
            "hyper",
            "axum",
            "rusqlite",
            "tauri",
            "socketioxide",
            "rust_socketio",
            "tracing",
        ],
    ),
    ("sync-core", &["tauri", "axum", "socketioxide", "specta"]),
    ("companion-server", &["tauri", "rust_socketio", "keyring", "specta"]),
    // The shell only delegates: it opens no database and no connection.
    ("roost", &["rusqlite", "reqwest", "rust_socketio", "axum", "hyper"]),
];

/// Files longer than this are split.
const LINES_MAX: usize = 500;

/// What people write by hand.
const SOURCES: &[&str] = &["rs", "ts", "svelte", "js", "mjs", "css", "sql"];

/// Written by programs, so as long as they are.
const GENERATED: &[&str] = &["ui/src/lib/bindings.ts"];

#[test]
fn dependencies_point_one_way() {
    let allowed: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    let packages = packages();
    let present: BTreeSet<&str> = packages.iter().map(name).collect();
    assert_eq!(present, allowed, "a crate was added or removed: say here what it may depend on");

    for package in &packages {
        let (_, may_name) = ARROWS.iter().find(|(crate_name, _)| *crate_name == name(package)).unwrap();
        for dependency in
            dependencies(package).iter().filter(|dependency| allowed.contains(dependency.as_str()))
        {
            assert!(
                may_name.contains(&dependency.as_str()),
                "{} may not depend on {dependency}",
                name(package)
            );
        }
    }
}

#[test]
fn crates_keep_to_their_own_layer() {
    let packages = packages();
    for (crate_name, never) in NEVER {
        let package = packages.iter().find(|package| name(package) == *crate_name).unwrap();
        for dependency in dependencies(package) {
            let barred = never.iter().any(|prefix| {
                dependency == *prefix
                    || dependency.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(['-', '_']))
            });
            assert!(!barred, "{crate_name} may not depend on {dependency}");
        }
    }
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    for package in packages() {
        let manifest = fs::read_to_string(package["manifest_path"].as_str().unwrap()).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{} leaves the lints out", name(&package));
    }
}

#[test]
fn files_are_short_enough_to_read() {
    let long: Vec<String> = tracked()
        .into_iter()
        .filter(|path| {
            has_extension(path, SOURCES) && !GENERATED.iter().any(|generated| path.ends_with(generated))
        })
        .filter_map(|path| {
            let lines = fs::read_to_string(&path).unwrap().lines().count();
            (lines > LINES_MAX).then(|| format!("{}: {lines} lines", path.display()))
        })
        .collect();
    assert!(long.is_empty(), "split these files:\n{}", long.join("\n"));
}

#[test]
fn nothing_names_a_machine_or_a_registry() {
    // Written in two parts, so that this file does not find itself.
    let names = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("npmjs", ".org"),
        concat!("static.crates", ".io"),
        concat!("index.crates", ".io"),
        concat!("deb.debian", ".org"),
        concat!("pypi", ".org"),
    ];
    let mut found = Vec::new();
    for path in tracked().into_iter().filter(|path| !is_lock_file(path)) {
        // What is not text, such as an icon, names nothing.
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for (number, line) in text.lines().enumerate() {
            if let Some(name) = names.iter().find(|name| line.contains(*name)) {
                found.push(format!("{}:{}: {name}", path.display(), number + 1));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn lock_files_name_only_the_public_registries() {
    let public =
        [concat!("https://registry.npmjs", ".org/"), "registry+https://github.com/rust-lang/crates.io-index"];
    for path in tracked().into_iter().filter(|path| is_lock_file(path)) {
        for line in fs::read_to_string(&path).unwrap().lines() {
            let origin =
                ["\"resolved\": \"", "source = \""].iter().find_map(|key| line.trim().strip_prefix(key));
            if let Some(origin) = origin {
                assert!(public.iter().any(|host| origin.starts_with(host)), "{}: {line}", path.display());
            }
        }
    }
}

fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    serde_json::from_value(metadata["packages"].take()).unwrap()
}

fn name(package: &Value) -> &str {
    package["name"].as_str().unwrap()
}

/// What the package names in any of its tables of dependencies.
fn dependencies(package: &Value) -> Vec<String> {
    package["dependencies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|dependency| dependency["name"].as_str().unwrap().to_owned())
        .collect()
}

/// The files under version control that are still there.
fn tracked() -> Vec<PathBuf> {
    let output = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let paths: Vec<PathBuf> = String::from_utf8(output.stdout)
        .unwrap()
        .split_terminator('\0')
        .map(|path| root().join(path))
        .filter(|path| path.is_file())
        .collect();
    assert!(paths.len() > 50, "git lists only {} files", paths.len());
    paths
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension().is_some_and(|extension| extensions.iter().any(|known| extension == *known))
}

fn is_lock_file(path: &Path) -> bool {
    path.ends_with("Cargo.lock") || path.ends_with("package-lock.json")
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
