//! Settings: where they come from, what is refused, what is shown.

use std::{fs, path::Path};

use companion_server::config::{Config, settings::TABLE};

use crate::{command, ends, told};

const SECRET: &str = "qYv4nT0m8Jr2Xb6Ks9Ld3Wf7Hg1Pc5Za";

/// Arguments, variables, and what is to be read.
type Case<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], &'a str);

/// The lines of `config show`, and how it ended.
fn show(arguments: &[&str], variables: &[(&str, &str)]) -> (String, bool, String) {
    let mut show = command(&["config", "show"]);
    let output = ends(show.args(arguments).envs(variables.iter().copied()));
    let told = told(&output);
    (String::from_utf8(output.stdout).unwrap(), output.status.success(), told)
}

fn write(dir: &Path, name: &str, text: &str) -> String {
    let path = dir.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn flags_beat_variables_beat_their_files_beat_the_file_of_settings_beat_defaults() {
    let dir = tempfile::tempdir().unwrap();
    let toml = write(dir.path(), "roost.toml", "name = \"of the file\"\nlisten = \"127.0.0.1:1\"\n");
    let file = write(dir.path(), "name", "of its file\n");
    let of_toml = format!("name = of the file (from {toml} line 1)");
    let of_file = format!("name = of its file (from ROOST_NAME_FILE, {file})");
    let config = ("ROOST_CONFIG", toml.as_str());
    let cases: [Case<'_>; 5] = [
        (&[], &[], "name = Roost (the default)"),
        (&["--config", &toml], &[], &of_toml),
        (&[], &[config, ("ROOST_NAME_FILE", &file)], &of_file),
        (&[], &[config, ("ROOST_NAME", "of the variable")], "name = of the variable (from ROOST_NAME)"),
        (
            &["--name", "of the flag"],
            &[config, ("ROOST_NAME", "of the variable")],
            "name = of the flag (from --name)",
        ),
    ];
    for (arguments, variables, line) in cases {
        let (shown, well, told) = show(arguments, variables);
        assert!(well && shown.lines().any(|shown| shown == line), "{shown}{told}");
    }
    for (variables, line) in [
        (&[("PORT", "4000")][..], "listen = 127.0.0.1:4000 (from PORT)"),
        (&[("PORT", "4000"), ("ROOST_LISTEN", "0.0.0.0:1")], "listen = 0.0.0.0:1 (from ROOST_LISTEN)"),
        (&[config, ("PORT", "4000")], "listen = 127.0.0.1:4000 (from PORT)"),
        (&[("ROOST_NAME", "")], "name = Roost (the default)"),
        (&[("ROOST_LEGACY_SOCKETS", "1")], "legacy-sockets = on (from ROOST_LEGACY_SOCKETS)"),
    ] {
        let (shown, well, told) = show(&[], variables);
        assert!(well && shown.lines().any(|shown| shown == line), "{shown}{told}");
    }
}

#[test]
fn a_secret_is_never_shown() {
    let dir = tempfile::tempdir().unwrap();
    let file = write(dir.path(), "secret", &format!("{SECRET}\r\n"));
    for (variable, value, origin) in [
        ("ROOST_JWT_SECRET", SECRET, "from ROOST_JWT_SECRET"),
        ("JWT_SECRET", SECRET, "from JWT_SECRET"),
        ("ROOST_JWT_SECRET_FILE", &file, "from ROOST_JWT_SECRET_FILE"),
    ] {
        let (shown, well, told) = show(&[], &[(variable, value)]);
        assert!(well && shown.contains(&format!("jwt-secret = (set, 32 bytes) ({origin}")), "{shown}{told}");
        assert!(!shown.contains(SECRET) && !told.contains(SECRET));
    }
    let (shown, well, told) = show(&[], &[("JWT_SECRET", "short but secret")]);
    assert!(!well && told.contains("jwt-secret is 16 bytes long (from JWT_SECRET)"), "{told}");
    assert!(!shown.contains("but secret") && !told.contains("but secret"));
}

/// `ROOST_TLS_KEY_FILE` could mean the path of the key, or a file that holds this path.
#[test]
fn the_content_of_a_key_is_never_taken_for_its_path() {
    let dir = tempfile::tempdir().unwrap();
    let pem = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n";
    let key = write(dir.path(), "key.pem", pem);
    let toml = write(dir.path(), "roost.toml", &format!("tls-key = \"\"\"{pem}\"\"\"\n"));
    let cases: [Case<'_>; 5] = [
        (
            &[],
            &[("ROOST_TLS_KEY_FILE", &key)],
            "ROOST_TLS_KEY_FILE is no setting: put the path into ROOST_TLS_KEY",
        ),
        (&[], &[("ROOST_DATA_DIR_FILE", &key)], "ROOST_DATA_DIR_FILE is no setting"),
        (&[], &[("ROOST_TLS_KEY", pem)], "tls-key is 63 bytes long (from ROOST_TLS_KEY): it must be a path"),
        (&["--config", &toml], &[], "tls-key is 63 bytes long (from "),
        (&[], &[("ROOST_LISTEN_FILE", &key)], "listen is 62 bytes long (from ROOST_LISTEN_FILE"),
    ];
    for (arguments, variables, text) in cases {
        let (shown, well, told) = show(arguments, variables);
        assert!(!well && told.contains(text), "{told}");
        assert!(!shown.contains("c2VjcmV0") && !told.contains("c2VjcmV0"), "{shown}{told}");
    }
}

#[test]
fn config_show_names_everything_that_cannot_be_used() {
    let dir = tempfile::tempdir().unwrap();
    let (shown, well, told) = show(&["--listen", "nowhere"], &[("ROOST_REGISTRATION", "maybe")]);
    assert!(!well && told.contains("listen is \"nowhere\"") && told.contains("registration is \"maybe\""));
    assert!(shown.contains("name = Roost (the default)"), "the others are shown: {shown}");

    let missing = dir.path().join("missing");
    let missing = missing.to_str().unwrap();
    let typo = write(dir.path(), "typo.toml", "name = \"x\"\nlisen = \"127.0.0.1:1\"\n");
    let kind = write(dir.path(), "kind.toml", "name = 7\n");
    let cases: [Case<'_>; 5] = [
        (
            &[],
            &[("ROOST_NAME", "a"), ("ROOST_NAME_FILE", "b")],
            "both ROOST_NAME and ROOST_NAME_FILE are set",
        ),
        (&[], &[("ROOST_NAME_FILE", missing)], "missing (from ROOST_NAME_FILE): No such file"),
        (&["--config", missing], &[], "missing (from --config): No such file"),
        (&["--config", &typo], &[], "typo.toml line 2: there is no setting \"lisen\""),
        (&["--config", &kind], &[], "kind.toml line 1: name must be a text in quotes"),
    ];
    for (arguments, variables, text) in cases {
        let (_, well, told) = show(arguments, variables);
        assert!(!well && told.contains(text), "{told}");
    }
}

#[test]
fn a_setting_that_cannot_be_used_is_named_with_its_value_and_origin() {
    let dir = tempfile::tempdir().unwrap();
    for (arguments, variables, text) in [
        (
            &["--listen", "nowhere"][..],
            &[][..],
            "listen is \"nowhere\" (from --listen): it must be an address",
        ),
        (&[], &[("ROOST_LISTEN", "70000")], "listen is \"70000\" (from ROOST_LISTEN): it must be an address"),
        (&[], &[("PORT", "http")], "listen is \"http\" (from PORT): it must be an address"),
        (&["--trusted-proxies", "proxy"], &[], "trusted-proxies is \"proxy\" (from --trusted-proxies)"),
        (&["--legacy-sockets", "maybe"], &[], "legacy-sockets is \"maybe\" (from --legacy-sockets)"),
        (&["--public-url", "chat"], &[], "public-url is \"chat\" (from --public-url)"),
        (&[], &[("ROOST_REGISTRATION", "maybe")], "registration is \"maybe\" (from ROOST_REGISTRATION)"),
        (&["--cors-origin", "example.org"], &[], "cors-origin is \"example.org\" (from --cors-origin)"),
        (&["--name", " "], &[], "name is \" \" (from --name): it must have 1 to 100 characters"),
        (&[], &[("JWT_SECRET", "secret")], "jwt-secret is 6 bytes long (from JWT_SECRET): it is shorter"),
        (
            &[],
            &[("ROOST_JWT_SECRET", "your-256-bit-secret-your-256-bit-secret")],
            "jwt-secret is 39 bytes long (from ROOST_JWT_SECRET): it is a well-known example",
        ),
    ] {
        let mut serve = command(&["serve", "--data-dir", dir.path().join("data").to_str().unwrap()]);
        let refused = ends(serve.args(arguments).envs(variables.iter().copied()));
        assert_eq!(refused.status.code(), Some(1));
        assert!(told(&refused).contains(text), "{}", told(&refused));
    }
    assert!(!dir.path().join("data").exists(), "nothing was made");
}

/// The table for those who host a server names every setting with its default.
#[test]
fn the_guide_has_every_setting_with_its_default() {
    let guide = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/hosting.md")).unwrap();
    let defaults = Config::default();
    let rows: Vec<Vec<&str>> = guide
        .lines()
        .map(|line| line.split(" | ").map(|cell| cell.trim_matches(['|', ' '])).collect())
        .collect();
    for setting in TABLE {
        let row = rows.iter().find(|row| row[0] == format!("`{}`", setting.name));
        let row = row.unwrap_or_else(|| panic!("docs/hosting.md lacks {}", setting.name));
        let default = setting.shown(&defaults);
        assert!(
            default.is_empty() || row[1] == format!("`{default}`"),
            "{}: {row:?}, not {default}",
            setting.name
        );
    }
}
