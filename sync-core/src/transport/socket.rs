//! Live events: hints that the feed has something new.
//!
//! An [`EventSource`] opens one session at a time and never reconnects; the engine supervises. What an event says
//! is not used, only that there was one: the feed is the truth (I7), so an event that was lost, repeated or forged
//! costs one request at most. The one exception is who somebody is: a server of the document alone tells that in
//! `newMessage` and nowhere else.
//!
//! # Finding a dead connection
//!
//! A server of our own answers the heartbeat. For others there is Engine.IO's own ping: the library ends the session
//! when the server was silent for longer than the ping interval and the time-out that its handshake announced, which
//! are 25 and 20 seconds by default. A server that announces years instead delays its own hints; the polling goes on.
//!
//! # Proxies
//!
//! The library knows none. Where the server can only be reached through a proxy, no session comes about, and the
//! engine asks at the shorter interval, [`limits::POLL_WITHOUT_HINTS`].

use std::{future::Future, pin::Pin, sync::Arc};

use futures_util::FutureExt;
use native_tls::TlsConnector;
use rust_socketio::{
    Event, Payload, TransportType,
    asynchronous::{Client, ClientBuilder},
};
use serde_json::json;
use tokio::{
    runtime::{Builder, Handle, Runtime},
    sync::{Notify, mpsc},
};
use url::Url;

use crate::{
    convert,
    domain::{MessageId, Person, UserId},
    limits,
};

use super::trust::TrustedCertificate;

/// Where a session goes, and whose it is. No `Debug`, because it holds a token.
pub(crate) struct Opening {
    /// The server's origin.
    pub(crate) server: Url,
    /// The access token; a server of the document alone takes no notice of it.
    pub(crate) token: String,
    /// Whose room is joined.
    pub(crate) me: UserId,
    /// The certificate that is the only one trusted there.
    pub(crate) trusted: Option<TrustedCertificate>,
}

/// What a session tells the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Signal {
    /// The socket is in its room: from here on events arrive.
    Joined,
    /// Something happened; also the answer to a heartbeat, after which asking the feed is not worth a request.
    Alive {
        /// Whether the feed may have something new.
        news: bool,
    },
    /// The server told who somebody is.
    Person(Person),
    /// The session is over, or was refused.
    Ended,
}

/// What the engine tells the server over a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Say {
    /// Show that you are there; the answer is a signal.
    Heartbeat(u64),
    /// These messages are stored on this device (extension `delivery`).
    Delivered(Vec<MessageId>),
}

/// A way to learn of news at once.
pub(crate) trait EventSource: Send + Sync + 'static {
    /// Begins a session. Whether it comes about is told by its signals.
    fn open(&self, to: Opening) -> Result<Session, std::io::Error>;
}

/// A session under way. Dropping it ends it, wherever it hangs.
pub(crate) struct Session {
    signals: mpsc::Receiver<Signal>,
    says: mpsc::Sender<Say>,
    runtime: Option<Runtime>,
}

impl Session {
    /// The next signal; [`Signal::Ended`] for ever once it is over.
    pub(crate) async fn signal(&mut self) -> Signal {
        self.signals.recv().await.unwrap_or(Signal::Ended)
    }

    /// Tells the server something. False where earlier words are still stuck; if they stay so, the missing answers
    /// to heartbeats show it.
    pub(crate) fn say(&self, what: Say) -> bool {
        self.says.try_send(what).is_ok()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Socket.IO over websocket.
///
/// The library can hang in a connect or in a full send buffer, and gives no event after a clean close. So each
/// session has a runtime of its own, which dropping the session ends with everything on it, and the heartbeat is
/// the one sign of life that covers every case. Its callbacks run under a lock on the reading loop and only put a
/// signal into a bounded channel.
pub(crate) struct SocketIo;

/// Events that answer what this account did itself and changed nothing.
const NO_NEWS: [&str; 5] = ["heartbeat", "joined", "messagesFetched", "messageSearched", "messageViewed"];

type Callback = Pin<Box<dyn Future<Output = ()> + Send>>;

impl EventSource for SocketIo {
    fn open(&self, to: Opening) -> Result<Session, std::io::Error> {
        let runtime =
            Builder::new_multi_thread().worker_threads(1).thread_name("roost-socket").enable_all().build()?;
        let (signal, signals) = mpsc::channel(limits::SOCKET_SIGNALS);
        let (says, said) = mpsc::channel(2);
        // Never without it: no other authority is trusted at this server.
        let trusted = to.trusted.as_ref().map(TrustedCertificate::connector).transpose();
        runtime.spawn(run(to, trusted.map_err(std::io::Error::other)?, signal, said));
        Ok(Session { signals, says, runtime: Some(runtime) })
    }
}

/// One session, from connecting to its end.
async fn run(
    to: Opening,
    connector: Option<TlsConnector>,
    signal: mpsc::Sender<Signal>,
    said: mpsc::Receiver<Say>,
) {
    match connect(&to, connector, &signal).await {
        Ok((client, connected)) => talk(&client, &to.me, &connected, &signal, said).await,
        Err(error) => tracing::debug!(%error, "no socket"),
    }
    let _ = signal.send(Signal::Ended).await;
}

/// Connects, and hands over what is notified when the namespace is joined.
async fn connect(
    to: &Opening,
    connector: Option<TlsConnector>,
    signal: &mpsc::Sender<Signal>,
) -> Result<(Client, Arc<Notify>), rust_socketio::Error> {
    let connected = Arc::new(Notify::new());
    let mut builder = ClientBuilder::new(to.server.as_str());
    if let Some(connector) = connector {
        builder = builder.tls_config(connector);
    }
    let client = builder
        .transport_type(TransportType::Websocket)
        .reconnect(false)
        .auth(json!({ "token": to.token }))
        .on(Event::Connect, {
            let connected = Arc::clone(&connected);
            move |_: Payload, _: Client| -> Callback {
                connected.notify_one();
                async {}.boxed()
            }
        })
        // A refused connection, a broken one, and an `error` event of the server look alike here.
        .on(Event::Error, tell(signal, Signal::Ended))
        .on(Event::Close, tell(signal, Signal::Ended))
        .on_any({
            let signal = signal.clone();
            move |event: Event, payload: Payload, _: Client| {
                if let Event::Custom(name) = &event
                    && name == "newMessage"
                    && let Payload::Text(values) = &payload
                    && let Some(person) = values.first().and_then(convert::sender)
                {
                    let _ = signal.try_send(Signal::Person(person));
                }
                let news = !matches!(event, Event::Custom(name) if NO_NEWS.contains(&name.as_str()));
                let _ = signal.try_send(Signal::Alive { news });
                async {}.boxed()
            }
        })
        .connect()
        .await?;
    Ok((client, connected))
}

/// Joins one's room, and says what there is to say until the session is over on either side.
async fn talk(
    client: &Client,
    me: &UserId,
    connected: &Notify,
    signal: &mpsc::Sender<Signal>,
    mut said: mpsc::Receiver<Say>,
) {
    // Whatever is emitted before makes servers close.
    let joined = async {
        connected.notified().await;
        // A server of our own has done it by the token, and says `joined` once more.
        client.emit("join", json!(me.as_str())).await.is_ok()
    };
    let joined = tokio::select! {
        joined = joined => joined,
        () = ended() => false,
    };
    if !joined || signal.send(Signal::Joined).await.is_err() {
        return;
    }
    while let Some(what) = next(&mut said).await {
        let (event, payload) = match what {
            Say::Heartbeat(n) => ("heartbeat", json!({ "n": n })),
            Say::Delivered(ids) => {
                let ids: Vec<_> = ids.iter().map(MessageId::as_str).collect();
                ("delivered", json!({ "messageIds": ids }))
            }
        };
        if client.emit(event, payload).await.is_err() {
            return;
        }
    }
}

/// What to say next; `None` when the session is over on either side.
async fn next(said: &mut mpsc::Receiver<Say>) -> Option<Say> {
    tokio::select! {
        what = said.recv() => what,
        () = ended() => None,
    }
}

/// Waits until the library has given the connection up.
async fn ended() {
    // After a clean close the library's reading task just ends, and tells nobody. The runtime belongs to this session,
    // and the library starts no other task that lasts: with this one alone, it is over.
    while Handle::current().metrics().num_alive_tasks() >= 2 {
        tokio::time::sleep(limits::SOCKET_LOOK).await;
    }
}

fn tell(
    signal: &mpsc::Sender<Signal>,
    what: Signal,
) -> impl FnMut(Payload, Client) -> Callback + Send + Sync + 'static {
    let signal = signal.clone();
    move |_, _| {
        let _ = signal.try_send(what.clone());
        async {}.boxed()
    }
}
