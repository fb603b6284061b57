//! `backup`, `verify` and `restore`, as people type them.

use std::{fs, path::Path};

use crate::{Running, command, ends, login, told};

/// Runs a command on a data directory: what it printed, whether it went well, what it complained of.
fn run(arguments: &[&str], data: &Path) -> (String, bool, String) {
    let output = ends(command(arguments).env("ROOST_DATA_DIR", data));
    let told = told(&output);
    (String::from_utf8(output.stdout).unwrap(), output.status.success(), told)
}

fn serve(data: &Path) -> Running {
    Running::start(command(&["serve", "--listen", "127.0.0.1:0"]).env("ROOST_DATA_DIR", data))
}

fn add(data: &Path, name: &str) {
    let mut add = command(&["user", "add", "--user-name", name, "--first-name", name, "--email"]);
    let added = ends(
        add.arg(format!("{name}@example.org"))
            .env("ROOST_PASSWORD", "correct horse")
            .env("ROOST_DATA_DIR", data),
    );
    assert!(added.status.success(), "{}", told(&added));
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_backup_of_a_running_server_is_restored_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    let (data, elsewhere) = (dir.path().join("data"), dir.path().join("elsewhere"));
    let (backups, file) = (dir.path().join("backups"), dir.path().join("backups/monday.tar"));
    fs::create_dir(&backups).unwrap();
    let file_name = file.to_str().unwrap();
    let running = serve(&data);
    add(&data, "ana");

    let (printed, well, complaint) = run(&["backup", file_name], &data);
    assert!(well && printed.contains("holds 0 messages of 1 users"), "{printed}{complaint}");
    assert_eq!((mode(&file), names(&backups)), (0o600, vec!["monday.tar".to_owned()]));
    let (_, well, complaint) = run(&["backup", file_name], &data);
    assert!(!well && complaint.contains("exists already; use --force"), "{complaint}");
    add(&data, "ben");
    let (printed, well, _) = run(&["backup", "--force", file_name], &data);
    assert!(well && printed.contains("of 2 users"), "{printed}");
    let (printed, well, complaint) = run(&["verify", file_name], &data);
    assert!(well && printed.contains("is sound: 0 messages of 2 users"), "{printed}{complaint}");
    assert_eq!(names(&backups), ["monday.tar"], "nothing is left behind");

    let (_, well, complaint) = run(&["restore", file_name], &data);
    assert!(!well && complaint.contains("another server is running on"), "{complaint}");
    add(&data, "eve");
    let (_, well) = running.stop();
    assert!(well);

    // One that was killed leaves its work, and the next that ends well removes it.
    fs::create_dir_all(elsewhere.join("restore-killed")).unwrap();
    fs::write(elsewhere.join("restore-killed/token-secret"), "a copy").unwrap();
    let mut private = fs::metadata(&elsewhere).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut private, 0o700);
    fs::set_permissions(&elsewhere, private).unwrap();
    let (printed, well, complaint) = run(&["restore", file_name], &elsewhere);
    assert!(well && printed.contains("of 2 users"), "{printed}{complaint}");
    assert_eq!(names(&elsewhere), ["lock", "roost.db", "token-secret"]);
    for name in names(&elsewhere) {
        assert_eq!(mode(&elsewhere.join(name)), 0o600);
    }
    assert_eq!(mode(&elsewhere), 0o700);
    assert_eq!(
        fs::read(data.join("token-secret")).unwrap(),
        fs::read(elsewhere.join("token-secret")).unwrap()
    );
    let running = serve(&elsewhere);
    assert_eq!(login(&running.base, "ben", "correct horse").await.0, 200);
    assert_eq!(login(&running.base, "eve", "correct horse").await.0, 401);
    running.stop();

    // In the same place, what was there is put aside.
    let (printed, well, complaint) = run(&["restore", file_name], &data);
    assert!(well, "{complaint}");
    let aside = printed.trim().rsplit(' ').next().unwrap();
    assert_eq!(names(Path::new(aside)), ["roost.db", "token-secret"]);
    assert_eq!(mode(Path::new(aside)), 0o700);
    let running = serve(&data);
    assert_eq!(login(&running.base, "eve", "correct horse").await.0, 401);
}

#[test]
fn what_is_no_sound_backup_is_refused_and_nothing_is_changed() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    add(&data, "ana");
    fs::write(data.join("token-secret"), "qYv4nT0m8Jr2Xb6Ks9Ld3Wf7Hg1Pc5Za").unwrap();
    let file = dir.path().join("good.tar");
    assert!(run(&["backup", file.to_str().unwrap()], &data).1);
    let good = fs::read(&file).unwrap();
    let before = fs::read(data.join("roost.db")).unwrap();

    let flipped = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    let replaced = |from: &str, to: &str| {
        let at = good.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
        let mut bytes = good.clone();
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        bytes
    };
    let cases = [
        ("empty", Vec::new(), "is no backup of Roost: it is empty"),
        ("text", b"this is no archive".repeat(100), "is no backup of Roost"),
        ("database", before.clone(), "is no backup of Roost"),
        ("short", good[..good.len() / 2].to_vec(), "is damaged"),
        ("flipped", flipped(good.len() / 2), "is damaged: roost.db is not what was backed up"),
        ("counts", replaced("\"users\": 1", "\"users\": 7"), "is not the one that its manifest describes"),
        (
            "newer",
            replaced("\"schemaVersion\": 2", "\"schemaVersion\": 9"),
            "the backup has schema version 9",
        ),
        ("format", replaced("roost-backup-1", "roost-backup-9"), "its format is \"roost-backup-9\""),
        ("name", replaced("\"name\": \"roost.db\"", "\"name\": \"../a.out\""), "it holds ../a.out"),
        ("entry", replaced("token-secret\0\0", "../../secret\0\0"), "is damaged"),
    ];
    for (name, bytes, text) in cases {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        for command in ["verify", "restore"] {
            let (_, well, complaint) = run(&[command, path.to_str().unwrap()], &data);
            assert!(!well && complaint.contains(text), "{name}: {complaint}");
        }
    }
    assert_eq!(fs::read(data.join("roost.db")).unwrap(), before);
    assert_eq!(names(&data), ["lock", "roost.db", "token-secret"]);

    let missing = dir.path().join("mistyped");
    let (_, well, complaint) = run(&["backup", dir.path().join("x.tar").to_str().unwrap()], &missing);
    assert!(!well && complaint.contains("there is no database in"), "{complaint}");
    assert!(!run(&["restore", "/nowhere.tar"], &missing).1);
    assert!(!missing.exists(), "nothing was made");
}
