//! Against a real bus, and a notification server on it that says what it was asked for.

#![expect(clippy::used_underscore_binding, reason = "what is served reads every argument, used or not")]

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;
use tokio::sync::mpsc;
use zbus::{interface, object_server::SignalEmitter, zvariant::OwnedValue};

use super::*;
use crate::links::Place;

/// A bus of our own, which ends with this.
struct Bus {
    daemon: Child,
    address: String,
    _folder: TempDir,
}

impl Bus {
    fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("roost-bus-").tempdir().unwrap();
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile", "--print-address=1"])
            .arg(format!("--address=unix:path={}", folder.path().join("bus").display()))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(daemon.stdout.as_mut().unwrap()).read_line(&mut address).unwrap();
        Self { daemon, address: address.trim().to_owned(), _folder: folder }
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        self.daemon.kill().unwrap();
        self.daemon.wait().unwrap();
    }
}

/// What the server was asked for.
#[derive(Debug, PartialEq)]
enum Asked {
    Shown { id: u32, replaces: u32, title: String, body: String, actions: Vec<String>, hints: Vec<String> },
    Closed(u32),
}

struct Daemon {
    asked: mpsc::UnboundedSender<Asked>,
    last: u32,
    markup: bool,
}

#[interface(name = "org.freedesktop.Notifications")]
impl Daemon {
    #[expect(clippy::too_many_arguments, reason = "the specification has so many")]
    fn notify(
        &mut self,
        _app_name: String,
        replaces: u32,
        _app_icon: String,
        title: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        _expire_timeout: i32,
    ) -> u32 {
        self.last += u32::from(replaces == 0);
        let id = if replaces == 0 { self.last } else { replaces };
        let mut hints: Vec<_> = hints.into_keys().collect();
        hints.sort();
        self.asked.send(Asked::Shown { id, replaces, title, body, actions, hints }).unwrap();
        id
    }

    async fn close_notification(&mut self, #[zbus(signal_emitter)] emitter: SignalEmitter<'_>, id: u32) {
        self.asked.send(Asked::Closed(id)).unwrap();
        Self::notification_closed(&emitter, id, 3).await.unwrap();
    }

    fn get_capabilities(&self) -> Vec<String> {
        if self.markup { vec!["body".to_owned(), "body-markup".to_owned()] } else { vec!["body".to_owned()] }
    }

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action_key: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn notification_closed(emitter: &SignalEmitter<'_>, id: u32, reason: u32) -> zbus::Result<()>;
}

struct Scene {
    system: System,
    asked: mpsc::UnboundedReceiver<Asked>,
    clicked: mpsc::UnboundedReceiver<Link>,
    daemon: Connection,
    _bus: Bus,
}

impl Scene {
    async fn start(markup: bool) -> Self {
        let bus = Bus::start();
        let (asked_sender, asked) = mpsc::unbounded_channel();
        let (clicked_sender, clicked) = mpsc::unbounded_channel();
        let daemon = zbus::connection::Builder::address(&*bus.address)
            .unwrap()
            .name("org.freedesktop.Notifications")
            .unwrap()
            .serve_at("/org/freedesktop/Notifications", Daemon { asked: asked_sender, last: 0, markup })
            .unwrap()
            .build()
            .await
            .unwrap();
        let system = System::at(Some(bus.address.clone()), move |link| clicked_sender.send(link).unwrap());
        Self { system, asked, clicked, daemon, _bus: bus }
    }

    async fn click(&self, id: u32, action: &str) {
        let server = self.daemon.object_server();
        let daemon = server.interface::<_, Daemon>("/org/freedesktop/Notifications").await.unwrap();
        Daemon::action_invoked(daemon.signal_emitter(), id, action).await.unwrap();
    }

    async fn shown(&mut self) -> (u32, u32, String) {
        match self.asked.recv().await.unwrap() {
            Asked::Shown { id, replaces, body, .. } => (id, replaces, body),
            asked @ Asked::Closed(_) => panic!("{asked:?}"),
        }
    }
}

fn notice(peer: &str, body: &str) -> Notice {
    Notice {
        peer: peer.to_owned(),
        title: format!("{peer} wrote"),
        body: body.to_owned(),
        sound: true,
        link: link(peer),
    }
}

fn link(peer: &str) -> Link {
    let place = Place { key: "m1".to_owned(), position: "p1".to_owned() };
    Link::Open { peer: peer.to_owned(), message: Some(place) }
}

#[tokio::test]
async fn it_is_asked_for_as_the_specification_says() {
    let mut scene = Scene::start(true).await;
    scene.system.show(notice("ben", "1 < 2 & <b>bold</b>")).await;
    assert_eq!(
        scene.asked.recv().await.unwrap(),
        Asked::Shown {
            id: 1,
            replaces: 0,
            title: "ben wrote".to_owned(),
            body: "1 &lt; 2 &amp; &lt;b&gt;bold&lt;/b&gt;".to_owned(),
            actions: vec!["default".to_owned(), String::new()],
            hints: vec!["category".to_owned(), "desktop-entry".to_owned(), "sound-name".to_owned()],
        }
    );
    scene.system.show(Notice { sound: false, ..notice("ana", "quietly") }).await;
    let Some(Asked::Shown { hints, .. }) = scene.asked.recv().await else { panic!("nothing was shown") };
    assert_eq!(hints, ["category", "desktop-entry", "suppress-sound"]);
}

#[tokio::test]
async fn texts_are_as_they_are_where_the_server_reads_no_markup() {
    let mut scene = Scene::start(false).await;
    scene.system.show(notice("ben", "1 < 2")).await;
    assert_eq!(scene.shown().await, (1, 0, "1 < 2".to_owned()));
}

#[tokio::test]
async fn a_conversation_has_one_notification() {
    let mut scene = Scene::start(true).await;
    for (peer, body, shown) in
        [("ben", "one", (1, 0)), ("ana", "hello", (2, 0)), ("ben", "two", (1, 1)), ("ben", "three", (1, 1))]
    {
        scene.system.show(notice(peer, body)).await;
        assert_eq!(scene.shown().await, (shown.0, shown.1, body.to_owned()));
    }
}

#[tokio::test]
async fn a_click_leads_to_the_message() {
    let mut scene = Scene::start(true).await;
    scene.system.show(notice("ben", "one")).await;
    scene.system.show(notice("ana", "two")).await;
    // Neither another action nor another program's notification is a click on this one.
    scene.click(2, "settings").await;
    scene.click(99, "default").await;
    scene.click(2, "default").await;
    assert_eq!(scene.clicked.recv().await.unwrap(), link("ana"));
    scene.click(1, "default").await;
    assert_eq!(scene.clicked.recv().await.unwrap(), link("ben"));
}

#[tokio::test]
async fn what_was_read_is_taken_back_once() {
    let mut scene = Scene::start(true).await;
    scene.system.withdraw("ben").await;
    for peer in ["ben", "ana", "eva"] {
        scene.system.show(notice(peer, "hello")).await;
        scene.shown().await;
    }
    scene.system.withdraw("ben").await;
    scene.system.withdraw("ben").await;
    assert_eq!(scene.asked.recv().await.unwrap(), Asked::Closed(1));
    scene.system.withdraw_all().await;
    let mut closed = [scene.asked.recv().await.unwrap(), scene.asked.recv().await.unwrap()];
    closed.sort_by_key(|asked| matches!(asked, Asked::Closed(3)));
    assert_eq!(closed, [Asked::Closed(2), Asked::Closed(3)]);
    // The next one is a new one.
    scene.system.show(notice("ben", "again")).await;
    assert_eq!(scene.shown().await, (4, 0, "again".to_owned()));
}
