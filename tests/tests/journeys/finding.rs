//! Finding a message again: by its words, and by its day.

use anyhow::{Context, ensure};
use chrono::{DateTime, Datelike, Local};
use fantoccini::key::Key;
use roost_tests::{Size, people::BEN, wait};

use crate::{
    at_both_sizes,
    stage::{Journey, Stage},
};

at_both_sizes!(search, days);

/// Two weeks of a message an hour.
const HISTORY: (usize, usize, fn(usize) -> String) = (300, HOUR_MS, said);
const HOUR_MS: usize = 3_600_000;

fn said(number: usize) -> String {
    if number == 80 { "Die grüne Mangófrucht".to_owned() } else { format!("Number {number}") }
}

async fn search(size: Size) -> Journey {
    let stage = Stage::with_history("search", size, HISTORY).await?;
    let app = stage.open().await?;
    app.says("conversation", "Number 299").await?;
    app.gone("progress").await?;

    app.click("search-messages").await?;
    app.focus_is_on("message-search").await?;
    app.says("search-reach", "It has all your messages.").await?;
    app.fill("message-search", "zebra").await?;
    app.says("conversation-list", "No message found for “zebra”.").await?;
    stage.picture(&app, "1-nothing").await?;
    // Accents and case do not matter, and the last word may be a beginning.
    app.fill("message-search", "GRUNE mangofr").await?;
    app.count("hit", 1).await?;
    stage.picture(&app, "2-found").await?;
    app.click("hit").await?;
    wait::until("the hit among its neighbours", async || {
        let view = app.in_view().await?;
        let at = view.iter().position(|text| text == "Die grüne Mangófrucht").context("it is not in view")?;
        ensure!(view[at - 1] == "Number 79" && view[at + 1] == "Number 81", "it shows {view:?}");
        Ok(())
    })
    .await?;
    stage.picture(&app, "3-where-it-stands").await?;

    // The way back leads to the hits.
    if size == Size::Phone {
        app.click("back").await?;
    }
    app.holds("message-search", "GRUNE mangofr").await?;
    app.count("hit", 1).await?;
    app.click("finder-back").await?;
    app.gone("message-search").await?;
    app.says("conversation", "Number 299").await?;
    Ok(())
}

async fn days(size: Size) -> Journey {
    let stage = Stage::with_history("days", size, HISTORY).await?;
    let app = stage.open().await?;
    app.open_conversation(&BEN).await?;
    wait::until("the newest message", async || app.seen("Number 299").await).await?;
    app.gone("progress").await?;

    // The last day is the one in view; the driver would scroll to any other.
    app.click_last("go-to-date").await?;
    app.says("dialog", "November 2023").await?;
    app.focus_is_on("day").await?;
    stage.picture(&app, "1-calendar").await?;
    app.click_that_says("day", "18").await?;
    app.gone("dialog").await?;
    // The app and this test have the same calendar.
    let first = (0..HISTORY.0).find(|number| {
        let at = i64::try_from(roost_tests::history::BEGAN_MS + number * HOUR_MS).unwrap_or_default();
        DateTime::from_timestamp_millis(at).is_some_and(|at| at.with_timezone(&Local).day() == 18)
    });
    let first = said(first.context("a message of that day")?);
    wait::until("the first message of the day on top", async || {
        let seen = app.under_the_eye().await?;
        ensure!(seen.text == first, "it is {seen:?} instead of {first}");
        Ok(())
    })
    .await?;
    stage.picture(&app, "2-that-day").await?;
    app.click("to-place").await?;
    wait::until("the newest message", async || {
        let view = app.in_view().await?;
        ensure!(view.last().is_some_and(|last| last == "Number 299"), "it shows {view:?}");
        Ok(())
    })
    .await?;

    // By the keyboard as well.
    app.click_last("go-to-date").await?;
    app.focus_is_on("day").await?;
    app.key(Key::Up).await?;
    app.key(Key::Enter).await?;
    app.gone("dialog").await?;
    app.says("to-place", "Back to where you were").await?;
    Ok(())
}
