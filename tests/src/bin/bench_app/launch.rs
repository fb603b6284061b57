//! Starting the two windows in turns, and looking at them from outside.

use std::{
    ops::Range,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use roost_tests::{Device, Display, process::Process, programs};

use crate::{
    memory,
    picture::{Look, Picture},
};

/// How long a window must look the same to have come to rest, and how long memory has to settle.
const REST: Duration = Duration::from_secs(3);

/// The same for a first start, of which nothing is known: an empty page must not count.
const FIRST_REST: Duration = Duration::from_secs(10);

/// Where the pointer is while a window starts: over nothing.
const ASIDE: (u32, u32) = (998, 698);

/// Where the first conversation of the list is, in pixels.
const FIRST: (u32, u32) = (160, 110);

/// Where the first conversations of the list are, in pixels: their names and the beginnings of their last messages,
/// without what may change beside them.
const LIST: (Range<u64>, Range<u64>) = (70..220, 70..340);

/// Where the open conversation is.
const CONVERSATION: (Range<u64>, Range<u64>) = (400..900, 100..600);

/// A program that opens a window.
pub(crate) struct Program {
    path: PathBuf,
    args: Vec<String>,
    title: &'static str,
    /// Whether a conversation is opened before its memory is looked at.
    opens: bool,
}

impl Program {
    /// The app with what this device holds.
    pub(crate) fn app(device: &Device) -> anyhow::Result<Self> {
        Ok(Self { path: programs::built("roost")?, args: device.arguments(), title: "Roost", opens: true })
    }

    /// The window with an empty page.
    pub(crate) fn empty() -> anyhow::Result<Self> {
        Ok(Self {
            path: programs::built("examples/empty_window")?,
            args: Vec::new(),
            title: "Empty window",
            opens: false,
        })
    }
}

/// What one start cost.
pub(crate) struct Start {
    /// From the start of the process until its content was painted.
    pub(crate) painted: Duration,
    /// What the program and what it started hold in memory afterwards, by the name of each process, in KiB.
    pub(crate) memory: Vec<(String, u64)>,
}

/// Where the windows are shown.
pub(crate) struct Bench<'a> {
    display: &'a Display,
    device: &'a Device,
    list: Picture,
    conversation: Picture,
    /// What the display looks like without a window.
    bare: (Look, Look),
}

impl<'a> Bench<'a> {
    /// The display draws into this folder, and nothing is on it yet.
    pub(crate) fn new(display: &'a Display, folder: &Path, device: &'a Device) -> anyhow::Result<Self> {
        let list = Picture::of(folder, &LIST.0, LIST.1)?;
        let conversation = Picture::of(folder, &CONVERSATION.0, CONVERSATION.1)?;
        let bare = (list.look()?, conversation.look()?);
        Ok(Self { display, device, list, conversation, bare })
    }

    /// Starts a program and waits for what its window comes to.
    pub(crate) async fn learn(&self, program: &Program) -> anyhow::Result<Look> {
        let (mut process, _) = self.start(program)?;
        let look = self.list.rests(&self.bare.0, FIRST_REST).await?;
        self.end(program, &mut process).await?;
        Ok(look)
    }

    /// Starts a program, waits until its content is painted, and then for its memory to settle.
    pub(crate) async fn round(&self, program: &Program, content: &Look) -> anyhow::Result<Start> {
        let (mut process, begun) = self.start(program)?;
        let painted = self.list.becomes(content).await?.duration_since(begun);
        if program.opens {
            let without = self.conversation.look()?;
            self.display.click(FIRST)?;
            self.conversation.rests(&without, REST).await?;
        } else {
            tokio::time::sleep(REST).await;
        }
        let memory = memory::of(process.id())?;
        self.end(program, &mut process).await?;
        Ok(Start { painted, memory })
    }

    fn start(&self, program: &Program) -> anyhow::Result<(Process, Instant)> {
        self.display.point(ASIDE)?;
        let mut command = Command::new(&program.path);
        self.device.prepare(&mut command)?;
        let begun = Instant::now();
        Ok((Process::spawn("the window", command.args(&program.args))?, begun))
    }

    /// Closes the window as a person does, and waits until the display is bare again.
    async fn end(&self, program: &Program, process: &mut Process) -> anyhow::Result<()> {
        // It is drawn into the picture.
        self.display.point(ASIDE)?;
        self.display.close(program.title)?;
        process.ended().await;
        self.list.becomes(&self.bare.0).await?;
        self.conversation.becomes(&self.bare.1).await?;
        Ok(())
    }
}
