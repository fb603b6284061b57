//! Every screen of the chat, in every size, theme and direction: pictures of it, what axe says of it, and whether its
//! layout is intact.
//!
//! The pages are built by `npm run gallery` in `ui/`: the chat over a scripted engine. With `ROOST_UPDATE_GALLERY=1` the
//! pictures in `docs/gallery` are drawn anew; `ROOST_GALLERY=search` keeps to the scenes whose names begin so.

mod pages;
mod sheets;

use std::fmt::Write;

use anyhow::{Context, ensure};
use futures_util::future::try_join_all;
use roost_tests::{Browser, Display, programs, wait};
use serde::Deserialize;
use serde_json::Value;

use self::pages::Pages;

/// A screen in one of its states.
#[derive(Debug, Clone, Deserialize)]
struct Scene {
    name: String,
    group: String,
    about: String,
}

impl Scene {
    /// Whether it is to be drawn: all are, unless somebody names some.
    fn is_wanted(&self) -> bool {
        std::env::var("ROOST_GALLERY").map_or(true, |beginning| self.name.starts_with(&beginning))
    }
}

/// What is wrong with one variant of a scene.
#[derive(Debug, Deserialize)]
struct Report {
    variant: String,
    problems: Vec<String>,
}

/// How large the page with all variants is, in pixels.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Size {
    width: u32,
    height: u32,
}

/// Room for that page and for the browser's own bars, in pixels.
const DISPLAY: Size = Size { width: 5000, height: 1100 };

/// How many browsers draw at once: each has a process of its own for its page. More than processors, because a browser
/// that waits for a picture or for what a scene comes to leaves its own idle.
const BROWSERS: usize = 3;

#[tokio::test]
async fn every_screen_is_whole_and_accessible() {
    let pages = Pages::serve().await.unwrap();
    let drawn = try_join_all((0..BROWSERS).map(|part| draw(&pages, part))).await.unwrap();
    let (scenes, problems): (Vec<_>, Vec<_>) = drawn.into_iter().unzip();
    sheets::keep(&scenes[0]).unwrap();
    let problems = problems.concat();
    assert!(problems.is_empty(), "{problems}");
}

/// Draws every so many-th scene, beginning with this one. All scenes, and what is wrong with those that were drawn: one
/// line for each problem.
async fn draw(pages: &Pages, part: usize) -> anyhow::Result<(Vec<Scene>, String)> {
    let pictures = programs::artifacts("gallery")?;
    let display = Display::start(DISPLAY.width, DISPLAY.height).await?;
    let browser = Browser::open(&display).await?;
    browser.go_to(pages.address()).await?;
    wait::until("the gallery", async || {
        let there = browser.value_of("window.gallery !== undefined", "").await?;
        ensure!(there == Value::Bool(true), "it is not there");
        Ok(())
    })
    .await?;
    let size: Size = serde_json::from_value(browser.value_of("gallery.size", "").await?)?;
    browser.make_room(size.width, size.height).await?;
    let scenes: Vec<Scene> = serde_json::from_value(browser.value_of("gallery.scenes", "").await?)?;
    let mut problems = String::new();
    let wanted = scenes.iter().filter(|scene| scene.is_wanted());
    for Scene { name, .. } in wanted.skip(part).step_by(BROWSERS) {
        for (colours, script) in [("light", "gallery.show(given)"), ("dark", "gallery.darken()")] {
            let reports = browser.value_of(script, name).await.with_context(|| name.clone())?;
            std::fs::write(pictures.join(format!("{name}-{colours}.png")), browser.screenshot().await?)?;
            for Report { variant, problems: found } in serde_json::from_value::<Vec<Report>>(reports)? {
                for problem in found {
                    writeln!(problems, "{name}, {variant}, {colours}: {problem}")?;
                }
            }
        }
    }
    Ok((scenes, problems))
}
