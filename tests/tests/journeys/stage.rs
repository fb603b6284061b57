//! What each journey begins with.

use std::{ops::Deref, path::PathBuf};

use roost_tests::{
    App, History, Scene, Size,
    people::{ANA, BEN},
    programs::artifacts,
    rest::Rest,
};

/// How a journey ends.
pub(crate) type Journey = Result<(), Stopped>;

/// What never comes of a journey: a step that fails ends the test right there, while the windows are still open, so
/// that their picture and their logs are kept.
#[derive(Debug)]
pub(crate) enum Stopped {}

impl From<anyhow::Error> for Stopped {
    #[track_caller]
    #[expect(clippy::panic, reason = "that is how a test fails")]
    fn from(error: anyhow::Error) -> Self {
        panic!("{error:?}")
    }
}

/// A server with people on it, Ana's device in front, and where the pictures go.
pub(crate) struct Stage {
    /// The server and the devices.
    pub(crate) scene: Scene,
    /// The size of Ana's window.
    pub(crate) size: Size,
    journey: &'static str,
}

impl Stage {
    /// Everything but the app.
    pub(crate) async fn set(journey: &'static str, size: Size) -> anyhow::Result<Self> {
        let mut scene = Scene::sized(size).await?;
        // Somebody who writes as quickly as a test does is held back otherwise.
        scene.server.stop().await?;
        scene.server = scene.server.arg("--rate-limits").arg("off");
        scene.server.start().await?;
        scene.display.point_at(&scene.ana)?;
        Ok(Self { scene, size, journey })
    }

    /// As [`Stage::set`], where Ana and Ben have written to each other before.
    pub(crate) async fn with_history(
        journey: &'static str,
        size: Size,
        (count, every_ms, said): (usize, usize, fn(usize) -> String),
    ) -> anyhow::Result<Self> {
        let mut stage = Self::set(journey, size).await?;
        let (ana, ben) = (stage.ana_elsewhere().await?, stage.ben().await?);
        let history = History { between: [ana.id(), ben.id()], count, every_ms, said };
        stage.scene.server.stop().await?;
        stage.scene.server.import(&history.documents())?;
        stage.scene.server.start().await?;
        Ok(stage)
    }

    /// Ana's app, for the first time.
    pub(crate) async fn open(&self) -> anyhow::Result<App> {
        let app = self.scene.ana.open().await?;
        app.sign_in(&self.scene.server.url(), &ANA).await?;
        Ok(app)
    }

    /// Ben, without an app.
    pub(crate) async fn ben(&self) -> anyhow::Result<Rest> {
        Rest::sign_in(&self.scene.server, &BEN).await
    }

    /// Ana on another device.
    pub(crate) async fn ana_elsewhere(&self) -> anyhow::Result<Rest> {
        Rest::sign_in(&self.scene.server, &ANA).await
    }

    /// Keeps what the window shows.
    pub(crate) async fn picture(&self, app: &App, moment: &str) -> anyhow::Result<()> {
        let folder: PathBuf = artifacts("journeys")?.join(self.journey);
        std::fs::create_dir_all(&folder)?;
        app.screenshot(&folder.join(format!("{moment}-{}.png", self.size.name()))).await
    }
}

impl Deref for Stage {
    type Target = Scene;

    fn deref(&self) -> &Scene {
        &self.scene
    }
}
