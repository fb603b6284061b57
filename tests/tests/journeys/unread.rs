//! What is new: where it is told, and when it counts as read.

use anyhow::{Context, ensure};
use reqwest::Method;
use roost_tests::{Size, people::BEN, rest::Rest, wait};
use serde_json::Value;

use crate::{
    at_both_sizes,
    stage::{Journey, Stage},
};

at_both_sizes!(news);

/// More than a window has room for.
const NEWS: usize = 40;

async fn news(size: Size) -> Journey {
    let stage = Stage::set("news", size).await?;
    let (ben, me) = (stage.ben().await?, stage.ana_elsewhere().await?);
    let app = stage.open().await?;
    for number in 0..NEWS {
        tell(&ben, me.id(), number).await?;
    }
    app.says("unread-badge", "40 unread messages").await?;
    stage.picture(&app, "1-badge").await?;

    app.open_conversation(&BEN).await?;
    app.says("new-divider", "New messages").await?;
    wait::until("the first of the news", async || {
        let view = app.in_view().await?;
        ensure!(view.first().is_some_and(|first| first == "News 0"), "it shows {view:?}");
        Ok(())
    })
    .await?;
    stage.picture(&app, "2-first-unread").await?;
    // What is in view of the window that has the focus is read, what is further down is not.
    wait::until("the reads", async || {
        let (read, view) = (read(&ben).await?, app.in_view().await?.len());
        ensure!((view - 1..=view).contains(&read) && read < NEWS, "{read} are read, {view} are in view");
        Ok(())
    })
    .await?;
    app.says("to-newest", " new").await?;
    app.click("to-newest").await?;
    app.gone("to-newest").await?;
    until_read(&ben, NEWS).await?;
    app.to_list().await?;
    app.gone("unread-badge").await?;
    app.open_conversation(&BEN).await?;

    // While somebody looks elsewhere, nothing is read.
    stage.display.point_at(&stage.scene.ben)?;
    app.is_focused(false).await?;
    tell(&ben, me.id(), NEWS).await?;
    wait::until("the news", async || app.seen(&format!("News {NEWS}")).await).await?;
    if size == Size::Desktop {
        app.says("unread-badge", "1 unread message").await?;
    }
    assert_eq!(read(&ben).await?, NEWS);
    stage.display.point_at(&stage.scene.ana)?;
    until_read(&ben, NEWS + 1).await?;

    // To come back to it later.
    app.to_list().await?;
    app.gone("unread-badge").await?;
    app.choose_for_conversation(&BEN, "menu-unread").await?;
    app.says("unread-badge", "Marked as unread").await?;
    stage.picture(&app, "3-marked").await?;
    app.choose_for_conversation(&BEN, "menu-read").await?;
    app.gone("unread-badge").await?;
    Ok(())
}

async fn tell(ben: &Rest, to: &str, number: usize) -> anyhow::Result<()> {
    ben.send(to, &format!("News {number}"), &format!("0199c2f4-0000-7000-8000-{number:012}")).await.map(drop)
}

/// How many of Ben's messages Ana has read.
async fn read(ben: &Rest) -> anyhow::Result<usize> {
    let list: Value = ben.any(Method::GET, "/api/message").send().await?.error_for_status()?.json().await?;
    let list = list.as_array().context("a list")?;
    Ok(list.iter().filter(|message| message["isRead"] == Value::Bool(true)).count())
}

async fn until_read(ben: &Rest, wanted: usize) -> anyhow::Result<()> {
    wait::until("the reads", async || {
        let read = read(ben).await?;
        ensure!(read == wanted, "{read} are read");
        Ok(())
    })
    .await
}
