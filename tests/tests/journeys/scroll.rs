//! Somebody reads in a long conversation, and whatever happens around it, the message under the eye stays where it is.

use std::collections::BTreeSet;

use anyhow::{Context, bail, ensure};
use fantoccini::key::Key;
use roost_tests::{App, Size, history, people::BEN, rest::Rest, wait};

use crate::{
    at_both_sizes,
    stage::{Journey, Stage},
};

at_both_sizes!(reading_in_peace, pages_both_ways, another_shape, hits_and_back);

/// More than the chat ever holds at once.
const MESSAGES: usize = 3_000;

/// How many messages the chat holds at most.
const HELD_MOST: usize = 400;

/// A message that is further up than what it holds at once.
const FAR_UP: usize = MESSAGES - 700;

/// Less than what it keeps ready beyond the view, in CSS pixels.
const READ_AHEAD_PX: f64 = 1_000.;

/// More screens than the way to there has.
const STEPS_MOST: usize = 300;

/// A history of hours, with long messages among the short ones.
const HISTORY: (usize, usize, fn(usize) -> String) = (MESSAGES, 60_000, said);

fn said(number: usize) -> String {
    match number % 9 {
        2 => format!(
            "Message {number}\n{}",
            ["which says more than fits on a line of any screen."; 4].join(" ")
        ),
        5 => format!("Message {number}\nfirst\nsecond\nthird"),
        _ => format!("Message {number}"),
    }
}

/// The number of a message of the history; `None` for all others.
fn number(text: &str) -> Option<usize> {
    text.strip_prefix("Message ")?.split_whitespace().next()?.parse().ok()
}

async fn reading_in_peace(size: Size) -> Journey {
    let stage = Stage::with_history("reading_in_peace", size, HISTORY).await?;
    let ben = stage.ben().await?;
    let app = stage.open().await?;
    app.open_conversation(&BEN).await?;
    let newest = said(MESSAGES - 1);
    wait::until("the newest message", async || app.seen(&newest).await).await?;
    app.scroll_up_to(&said(MESSAGES - 300)).await?;

    let eye = app.under_the_eye().await?;
    let at = number(&eye.text).context("a message of the history")?;
    app.watch(&eye).await?;
    let me = stage.ana_elsewhere().await?.id().to_owned();
    arrive(&app, &ben, &me).await?;
    app.stood_still("messages arrived").await?;
    stage.picture(&app, "1-pill").await?;

    // Ben wrote those with odd numbers. One of them above the eye is out of sight, one is well below.
    let nearest = |from: usize| if from % 2 == 1 { from } else { from + 1 };
    for (near, what) in [(at - 7, "above"), (at + 4, "below")] {
        let changed = nearest(near);
        let longer = format!("Message {changed} {}", ["has become much longer than it was."; 20].join(" "));
        ben.edit(&history::id(changed), &longer).await?;
        wait::until("the change", async || app.seen(&longer).await).await?;
        app.stood_still(&format!("a message {what} grew")).await?;
        ben.edit(&history::id(changed), "short").await?;
        wait::until("the second change", async || app.seen("short").await).await?;
        app.stood_still(&format!("a message {what} shrank")).await?;
        ben.delete(&history::id(changed)).await?;
        wait::until("the deletion", async || {
            ensure!(app.seen("short").await.is_err(), "it is still there");
            Ok(())
        })
        .await?;
        app.stood_still(&format!("a message {what} was deleted")).await?;
    }
    // A far one, which the window does not hold.
    ben.edit(&history::id(1), "Message 1 is another now").await?;
    ben.send(&me, "One more", "0199c2f4-0000-7000-8000-000000000100").await?;
    app.says("to-newest", "4 new").await?;
    app.stood_still("a message that is not held was changed").await?;

    app.click("to-newest").await?;
    app.gone("to-newest").await?;
    let shown = app.in_view().await?;
    assert!(shown.last().is_some_and(|last| last == "One more"), "it shows {shown:?}");
    stage.picture(&app, "2-newest").await?;
    Ok(())
}

/// Three messages come, and the pill counts them.
async fn arrive(app: &App, ben: &Rest, to: &str) -> anyhow::Result<()> {
    for n in 0..3 {
        ben.send(to, &format!("Arrived {n}"), &format!("0199c2f4-0000-7000-8000-{n:012}")).await?;
    }
    app.says("to-newest", "3 new").await.map(drop)
}

async fn pages_both_ways(size: Size) -> Journey {
    let stage = Stage::with_history("pages_both_ways", size, HISTORY).await?;
    let app = stage.open().await?;
    // At once: what is further up comes from the server meanwhile.
    app.open_conversation(&BEN).await?;
    let newest = said(MESSAGES - 1);
    wait::until("the newest message", async || app.seen(&newest).await).await?;

    let up = read(&app, -1., |seen| seen.first() <= Some(&FAR_UP)).await?;
    stage.picture(&app, "1-far-up").await?;
    let scrolled = app.scrolled().await?;
    assert!(scrolled.held <= HELD_MOST, "{scrolled:?}");
    let down = read(&app, 1., |seen| seen.contains(&(MESSAGES - 1))).await?;
    // Each one came into view, in both directions.
    for (seen, way) in [(up, "up"), (down, "down")] {
        let missed: Vec<usize> = (FAR_UP..MESSAGES).filter(|number| !seen.contains(number)).collect();
        assert!(missed.is_empty(), "not seen on the way {way}: {missed:?}");
    }
    app.scroll_by(scrolled.height).await?;
    app.gone("to-newest").await?;
    stage.picture(&app, "2-down-again").await?;
    Ok(())
}

/// Scrolls a good part of a screen at a time, towards older messages where that is negative, until it is `enough`. What
/// came into view on the way.
async fn read(
    app: &App,
    towards: f64,
    enough: impl Fn(&BTreeSet<usize>) -> bool,
) -> anyhow::Result<BTreeSet<usize>> {
    let newest = said(MESSAGES - 1);
    let mut passed = BTreeSet::new();
    for _ in 0..STEPS_MOST {
        let numbers: Vec<usize> = app.in_view().await?.iter().filter_map(|text| number(text)).collect();
        ensure!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]), "there are gaps in {numbers:?}");
        passed.extend(numbers);
        if enough(&passed) {
            return Ok(passed);
        }
        let height = app.scrolled().await?.height;
        app.scroll_watching(towards * 0.7 * height).await?;
        wait::until("the next page", async || {
            let scrolled = app.scrolled().await?;
            let ahead = if towards < 0. { scrolled.above } else { scrolled.below };
            let last = towards > 0. && app.seen(&newest).await.is_ok();
            ensure!(last || ahead >= READ_AHEAD_PX, "there are {ahead} px");
            Ok(())
        })
        .await?;
        app.stood_still("a page came").await?;
    }
    bail!("{STEPS_MOST} steps lead no further than {:?} to {:?}", passed.first(), passed.last())
}

async fn another_shape(size: Size) -> Journey {
    let stage = Stage::with_history("another_shape", size, HISTORY).await?;
    let app = stage.open().await?;
    app.open_conversation(&BEN).await?;
    let newest = said(MESSAGES - 1);
    wait::until("the newest message", async || app.seen(&newest).await).await?;
    app.scroll_up_to(&said(MESSAGES - 100)).await?;
    let eye = app.under_the_eye().await?;
    let stands = async |why: &str| {
        app.painted().await?;
        let now = app.seen(&eye.text).await?;
        ensure!((now.top - eye.top).abs() < 1., "{why}: it stood at {} and is at {}", eye.top, now.top);
        anyhow::Ok(())
    };

    let (width, height) = size.pixels();
    app.place((0, 0, width - 60, height - 150)).await?;
    stands("the window became smaller").await?;
    app.place((0, 0, width, height)).await?;
    stands("the window became larger").await?;

    app.chord(&[Key::Control], ',').await?;
    if size == Size::Desktop {
        app.click("settings-appearance").await?;
    }
    for (key, times, moment) in [(Key::Right, 4, "1-large"), (Key::Left, 6, "2-small")] {
        for _ in 0..times {
            app.press("text-size", key).await?;
        }
        stands("the text changed its size").await?;
        stage.picture(&app, moment).await?;
    }
    app.key(Key::Escape).await?;
    app.gone("settings").await?;
    stands("the settings are closed").await?;
    Ok(())
}

async fn hits_and_back(size: Size) -> Journey {
    let stage = Stage::with_history("hits_and_back", size, HISTORY).await?;
    let app = stage.open().await?;
    app.open_conversation(&BEN).await?;
    let newest = said(MESSAGES - 1);
    wait::until("the newest message", async || app.seen(&newest).await).await?;
    // What is looked for has to be on this device.
    app.gone("progress").await?;
    app.scroll_up_to(&said(MESSAGES - 100)).await?;
    let left = app.under_the_eye().await?;

    let wanted = said(600);
    app.chord(&[Key::Control], 'f').await?;
    app.fill("message-search", "message 600").await?;
    app.click_that_says("hit", "Message 600").await?;
    wait::until("the hit in the middle", async || {
        let hit = app.seen(&wanted).await?;
        let (room, off) = (app.scrolled().await?.height, hit.top + hit.height / 2.);
        ensure!((off - room / 2.).abs() <= 1., "its middle is at {off} of {room}");
        Ok(())
    })
    .await?;
    app.focus_is_on("message-actions").await?;
    stage.picture(&app, "1-hit").await?;

    app.click("to-place").await?;
    wait::until("the place from before", async || {
        let now = app.seen(&left.text).await?;
        ensure!((now.top - left.top).abs() < 1., "it stood at {} and is at {}", left.top, now.top);
        Ok(())
    })
    .await?;
    app.gone("to-place").await?;
    app.click("to-newest").await?;
    app.gone("to-newest").await?;
    Ok(())
}
