//! Two people, one server, two windows: what `cargo xtask run` starts once everything is built.
//!
//! Either both windows are opened on the display that is there and stay until they are closed, or, with
//! `--screenshots`, the two write to each other under a virtual display and pictures of that are left in a folder.

#![expect(clippy::print_stdout, reason = "a person reads along")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::Context;
use clap::Parser;
use roost_tests::{
    Device, Display, Person, SecretService, Server, chat,
    people::{ANA, BEN},
    process::Process,
    programs,
    scene::WINDOW,
};

/// A window that is small enough for a picture of two to be read, in pixels of the page.
const HALF: (u32, u32) = (800, 520);

/// A phone's screen, in pixels of the page.
const PHONE: (u32, u32) = (390, 844);

#[derive(Parser)]
#[command(name = "demo", about = "Two demo people on a server of their own")]
struct Options {
    /// Where the server and both people keep everything. What is there already is used again.
    #[arg(long)]
    data_dir: PathBuf,
    /// Use a virtual display, let the two write to each other, and leave screenshots in this folder.
    #[arg(long)]
    screenshots: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let demo = async {
        tokio::select! {
            result = demo(&options) => result,
            interrupted = tokio::signal::ctrl_c() => {
                println!("\nEnding what was started.");
                interrupted.context("Ctrl-C could not be waited for")
            }
        }
    };
    match demo.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("\nThe demo stopped: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn demo(options: &Options) -> anyhow::Result<()> {
    let data = &options.data_dir;
    fs::create_dir_all(data).with_context(|| format!("{} could not be made", data.display()))?;
    let secrets = SecretService::keeping(&data.join("secrets")).await?;
    let server = serve(data).await?;
    println!("The server answers at {}.", server.url());
    for person in [&ANA, &BEN] {
        let profile = profile(&home(data, person));
        if !profile.exists() {
            chat::sign_in(&profile, &server, person, &secrets.environment()).await?;
        }
        println!(
            "{} {} is signed in (user name {}, password {}).",
            person.first_name, person.last_name, person.user_name, person.password
        );
    }
    match &options.screenshots {
        Some(pictures) => story(data, &secrets, server, pictures).await,
        None => windows(data, &secrets).await,
    }
}

/// The server, on the port that it had the last time, because both profiles remember it.
async fn serve(data: &Path) -> anyhow::Result<Server> {
    let note = data.join("address");
    let mut server = Server::with_data(data.join("server"));
    if let Ok(address) = fs::read_to_string(&note) {
        server = server.at(address.parse().context("the noted address of the server is broken")?);
        server.start().await?;
    } else {
        server.start().await?;
        for person in [&ANA, &BEN] {
            server.add(person)?;
        }
        fs::write(&note, server.url().trim_start_matches("http://"))?;
    }
    Ok(server)
}

/// Opens both windows for people to use, until both are closed.
async fn windows(data: &Path, secrets: &SecretService) -> anyhow::Result<()> {
    let open = |person: &Person| {
        let mut command = Command::new(programs::built("roost")?);
        command.arg("--data-dir").arg(home(data, person).join("roost")).envs(secrets.environment());
        Process::spawn(&format!("the app of {}", person.first_name), &mut command)
    };
    let mut ana = open(&ANA)?;
    let mut ben = open(&BEN)?;
    println!("Both windows are open. Close them, or press Ctrl-C here, to end the demo.");
    ana.ended().await;
    ben.ended().await;
    Ok(())
}

/// Lets the two write to each other where nobody watches.
async fn story(
    data: &Path,
    secrets: &SecretService,
    mut server: Server,
    pictures: &Path,
) -> anyhow::Result<()> {
    fs::create_dir_all(pictures).with_context(|| format!("{} could not be made", pictures.display()))?;
    let save = |name: &str| {
        let path = pictures.join(format!("{name}.png"));
        println!("  {}", path.display());
        path
    };
    let (width, height) = WINDOW;
    let display = Display::start(2 * width, height.max(PHONE.1)).await?;
    let device = |person, x| Device::at(home(data, person), &display, secrets, (x, 0, width, height));
    let (anas, bens) = (device(&ANA, 0), device(&BEN, width));
    let (ana, ben) = (anas.open().await?, bens.open().await?);
    println!("Both windows are open on a virtual display. Screenshots:");

    display.point_at(&anas)?;
    ana.start_conversation(&BEN).await?;
    ana.send("Good morning! My first week at the clinic is over.").await?;
    ana.send("Could you look at my hours before Friday?").await?;
    display.point_at(&bens)?;
    ben.open_conversation(&ANA).await?;
    ben.send("Good morning, Ana. Well done!").await?;
    ben.send("Send them over, I have time at two.").await?;
    display.point_at(&anas)?;
    ben.status("Send them over, I have time at two.", "read").await?;
    ana.status("Could you look at my hours before Friday?", "read").await?;
    ana.painted().await?;
    ben.painted().await?;
    ana.screenshot(&save("ana")).await?;
    ben.screenshot(&save("ben")).await?;
    ana.place((0, 0, HALF.0, HALF.1)).await?;
    ben.place((HALF.0, 0, HALF.0, HALF.1)).await?;
    ana.painted().await?;
    ben.painted().await?;
    display.screenshot_of((0, 0, 2 * HALF.0, HALF.1), &save("two-windows")).await?;
    ana.place((0, 0, width, height)).await?;
    ben.place((width, 0, width, height)).await?;

    server.kill();
    ana.send("Here they are: 38 hours on the ward, 2 in the lab.").await?;
    ben.send("I have no signal here, I will read them later.").await?;
    ana.says("offline-bar", "1 waiting").await?;
    ben.says("offline-bar", "1 waiting").await?;
    ana.painted().await?;
    ben.painted().await?;
    display.screenshot_of((0, 0, 2 * width, height), &save("server-away")).await?;

    server.start().await?;
    ana.gone("offline-bar").await?;
    ben.gone("offline-bar").await?;
    ana.status("Here they are: 38 hours on the ward, 2 in the lab.", "delivered").await?;
    ben.status("I have no signal here, I will read them later.", "read").await?;
    ana.painted().await?;
    ben.painted().await?;
    display.screenshot_of((0, 0, 2 * width, height), &save("server-back")).await?;

    let (width, height) = PHONE;
    ana.place((0, 0, width, height)).await?;
    ana.screenshot(&save("phone-conversation")).await?;
    ana.click("back").await?;
    ana.screenshot(&save("phone-list")).await
}

/// Where a person's device keeps everything.
fn home(data: &Path, person: &Person) -> PathBuf {
    data.join(person.user_name)
}

/// The profile that the app opens there.
fn profile(home: &Path) -> PathBuf {
    home.join("roost/profiles/default")
}
