//! How many messages are unread, as the title, the taskbar or dock, and the tray show it.

use tauri::{AppHandle, Manager as _, image::Image};

use super::Desktop;
use crate::window;

/// More than this many are shown as such.
const MOST: u32 = 99;
/// The dot's colour: red, opaque.
const DOT: [u8; 4] = [0xd9, 0x2d, 0x20, 0xff];

/// Shows the number wherever this system has a place for it. On the main thread.
pub(super) fn show(app: &AppHandle, unread: u32) {
    let desktop = app.state::<Desktop>();
    *desktop.unread() = unread;
    let name = &app.package_info().name;
    if let Some(window) = window::of(app) {
        let count = (unread > 0).then(|| i64::from(unread));
        let mut done = vec![window.set_title(&title(name, unread))];
        // The dock of macOS and those of Linux that know Unity's launcher interface.
        #[cfg(not(windows))]
        done.push(window.set_badge_count(count));
        #[cfg(windows)]
        done.push(window.set_overlay_icon(count.map(|_| dot(16))));
        for done in done {
            if let Err(error) = done {
                tracing::debug!(%error, "the number of unread messages is not shown somewhere");
            }
        }
    }
    if let Some(tray) = &*desktop.tray() {
        tray.show_unread(app, unread);
    }
}

/// The number as it is shown, if any.
pub(super) fn label(unread: u32) -> Option<String> {
    match unread {
        0 => None,
        1..=MOST => Some(unread.to_string()),
        _ => Some(format!("{MOST}+")),
    }
}

/// The app's name with the number before it.
pub(super) fn title(name: &str, unread: u32) -> String {
    label(unread).map_or_else(|| name.to_owned(), |label| format!("({label}) {name}"))
}

/// The icon with a dot in its upper right quarter.
pub(super) fn dotted(icon: &Image<'_>) -> Image<'static> {
    let (width, height) = (icon.width(), icon.height());
    let mut rgba = icon.rgba().to_vec();
    let side = width.min(height) / 2;
    paint(&mut rgba, width, (width - side, 0), side);
    Image::new_owned(rgba, width, height)
}

/// A dot alone, this many pixels wide.
#[cfg(windows)]
fn dot(side: u32) -> Image<'static> {
    let mut rgba = vec![0; side as usize * side as usize * 4];
    paint(&mut rgba, side, (0, 0), side);
    Image::new_owned(rgba, side, side)
}

/// Fills the circle of this diameter whose box begins at `(left, top)`.
fn paint(rgba: &mut [u8], width: u32, (left, top): (u32, u32), diameter: u32) {
    let diameter = u64::from(diameter);
    for (row, y) in (0..diameter).zip(top..) {
        for (column, x) in (0..diameter).zip(left..) {
            // Distances from the centre to the pixel's middle, doubled, so that they are whole.
            let off = |at: u64| (2 * at + 1).abs_diff(diameter).pow(2);
            if off(row) + off(column) > diameter.pow(2) {
                continue;
            }
            let at = (y as usize * width as usize + x as usize) * 4;
            if let Some(pixel) = rgba.get_mut(at..at + 4) {
                pixel.copy_from_slice(&DOT);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_begins_with_the_number() {
        for (unread, shown) in [(0, "Roost"), (1, "(1) Roost"), (99, "(99) Roost"), (100, "(99+) Roost")] {
            assert_eq!(title("Roost", unread), shown);
        }
    }

    #[test]
    fn the_dot_is_in_the_upper_right_quarter_and_nowhere_else() {
        let icon = Image::new_owned(vec![7; 8 * 8 * 4], 8, 8);
        let dotted = dotted(&icon);
        let red = |x: usize, y: usize| dotted.rgba()[(y * 8 + x) * 4..][..4] == DOT;
        let painted: Vec<_> =
            (0..8).flat_map(|y| (0..8).map(move |x| (x, y))).filter(|&(x, y)| red(x, y)).collect();
        assert!(painted.contains(&(5, 1)) && painted.contains(&(6, 2)));
        assert!(painted.iter().all(|&(x, y)| x >= 4 && y < 4));
        // Its corners are round.
        assert!(!red(4, 0) && !red(7, 0) && !red(4, 3) && !red(7, 3));
        assert_eq!((dotted.width(), dotted.height()), (8, 8));
    }
}
