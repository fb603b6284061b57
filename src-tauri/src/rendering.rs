//! How the webview paints on Linux.
//!
//! `WebKitGTK` puts pages together with OpenGL. Where there is no graphics card the processor has to imitate one: the
//! first picture comes later, the page takes half as much memory again, and with some versions the window stays blank
//! (<https://github.com/tauri-apps/tauri/issues/15936>). There the page is painted without OpenGL. What that costs is in
//! `docs/performance.md`: it scrolls at 30 frames a second instead of 45.

use std::path::Path;

/// What tells `WebKitGTK` to do without OpenGL. Somebody who has set it, to `0` too, knows their machine better.
const WITHOUT_OPENGL: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

/// Where Linux lists its graphics cards.
const CARDS: &str = "/dev/dri";

/// What the name of a graphics card that draws for programs begins with there.
const RENDER_NODE: &str = "renderD";

/// Chooses for the webviews of this process.
///
/// To be called before anything else runs: the environment must not change under other threads.
pub(crate) fn choose() {
    if has_card(Path::new(CARDS)) {
        return;
    }
    if let Err(error) = glib::setenv(WITHOUT_OPENGL, "1", false) {
        tracing::warn!(%error, "the page is painted with OpenGL although there is no graphics card");
    }
}

/// Whether a card in this folder draws for programs.
fn has_card(cards: &Path) -> bool {
    let entries = cards.read_dir().into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name()).any(|name| name.to_string_lossy().starts_with(RENDER_NODE))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_card_is_one_that_draws_for_programs() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!has_card(&folder.path().join("none")));
        assert!(!has_card(folder.path()));
        // A screen without a card has this and nothing else.
        fs::write(folder.path().join("card0"), "").unwrap();
        assert!(!has_card(folder.path()));
        fs::write(folder.path().join("renderD128"), "").unwrap();
        assert!(has_card(folder.path()));
    }
}
