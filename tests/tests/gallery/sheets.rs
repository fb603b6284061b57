//! The pictures that are kept in the repository, and their index.

use std::{
    collections::BTreeSet,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, ensure};
use roost_tests::programs::{artifacts, installed, repository};

use crate::Scene;

/// Asks for the pictures in the repository to be drawn anew.
const UPDATE: &str = "ROOST_UPDATE_GALLERY";

/// Of each direction: small, and every line can still be told from the next.
const SCALE: &str = "40%";

/// How faithful the pictures are, in percent.
const QUALITY: &str = "30";

/// Draws the pictures of these scenes and their index anew where that is asked for. Where not, every scene must be in
/// the index.
pub(crate) fn keep(scenes: &[Scene]) -> anyhow::Result<()> {
    let folder = repository().join("docs/gallery");
    let index = folder.join("README.md");
    let text = text(scenes)?;
    if std::env::var_os(UPDATE).is_none() {
        ensure!(
            fs::read_to_string(&index).is_ok_and(|kept| kept == text),
            "docs/gallery is of other scenes: run the test with {UPDATE}=1"
        );
        return Ok(());
    }
    fs::create_dir_all(&folder)?;
    let drawn = artifacts("gallery")?;
    for Scene { name, .. } in scenes.iter().filter(|scene| scene.is_wanted()) {
        let of = |colours: &str| drawn.join(format!("{name}-{colours}.png"));
        shrink([&of("light"), &of("dark")], &folder.join(file(name)))?;
    }
    let known: BTreeSet<PathBuf> = scenes.iter().map(|scene| folder.join(file(&scene.name))).collect();
    for kept in fs::read_dir(&folder)? {
        let path = kept?.path();
        if path != index && !known.contains(&path) {
            fs::remove_file(path)?;
        }
    }
    Ok(fs::write(index, text)?)
}

fn file(name: &str) -> String {
    format!("{name}.webp")
}

fn text(scenes: &[Scene]) -> anyhow::Result<String> {
    let mut text = String::from(
        "# Every screen\n\nIn 1280×800, 390×844 and 320×640 pixels, light and dark, in English and in a pseudo-language from \
         right to left; then once in Filipino, and once with the largest text. `tests/tests/gallery` draws them, and checks \
         each with axe and for an intact layout. To draw them anew: `ROOST_UPDATE_GALLERY=1 cargo test -p roost-tests \
         --test gallery`, after `cargo xtask build`.\n",
    );
    let mut group = "";
    for scene in scenes {
        if scene.group != group {
            group = &scene.group;
            write!(text, "\n## {group}\n")?;
        }
        write!(text, "\n**{0}** {1}\n\n![{1}]({2})\n", scene.name, scene.about, file(&scene.name))?;
    }
    Ok(text)
}

/// Puts these under one another.
fn shrink(from: [&Path; 2], to: &Path) -> anyhow::Result<()> {
    // Debian's name for the real one: plain `convert` may be something else.
    let convert = installed("convert-im6.q16").or_else(|_| installed("convert"))?;
    let mut command = Command::new(convert);
    command.args(from).args(["-append", "-resize", SCALE, "-strip", "-quality", QUALITY]);
    let output =
        command.args(["-define", "webp:method=4"]).arg(to).output().context("convert did not start")?;
    ensure!(output.status.success(), "convert failed: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
