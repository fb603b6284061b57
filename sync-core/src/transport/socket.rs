//! Live events: hints that the feed has something new.
//!
//! An [`EventSource`] opens one session at a time and never reconnects; the engine supervises. What an event says
//! is not used, only that there was one: the feed is the truth (I7), so an event that was lost, repeated or forged
//! costs one request at most.

use std::{future::Future, pin::Pin};

use futures_util::FutureExt;
use rust_socketio::{
    Event, Payload, TransportType,
    asynchronous::{Client, ClientBuilder},
};
use serde_json::json;
use tokio::{
    runtime::{Builder, Handle, Runtime},
    sync::mpsc,
};
use url::Url;

use crate::{domain::MessageId, limits};

/// What a session tells the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// The socket is in its room: from here on events arrive.
    Joined,
    /// Something happened; also the answer to a heartbeat, after which asking the feed is not worth a request.
    Alive {
        /// Whether the feed may have something new.
        news: bool,
    },
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
    fn open(&self, server: &Url, token: String) -> Result<Session, std::io::Error>;
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
    fn open(&self, server: &Url, token: String) -> Result<Session, std::io::Error> {
        let runtime =
            Builder::new_multi_thread().worker_threads(1).thread_name("roost-socket").enable_all().build()?;
        let (signal, signals) = mpsc::channel(limits::SOCKET_SIGNALS);
        let (says, said) = mpsc::channel(2);
        runtime.spawn(run(server.clone(), token, signal, said));
        Ok(Session { signals, says, runtime: Some(runtime) })
    }
}

/// One session, from connecting to its end.
async fn run(server: Url, token: String, signal: mpsc::Sender<Signal>, mut said: mpsc::Receiver<Say>) {
    let client = ClientBuilder::new(server.as_str())
        .transport_type(TransportType::Websocket)
        .reconnect(false)
        .auth(json!({ "token": token }))
        .on(Event::Connect, tell(&signal, Signal::Joined))
        // A refused connection, a broken one, and an `error` event of the server look alike here.
        .on(Event::Error, tell(&signal, Signal::Ended))
        .on(Event::Close, tell(&signal, Signal::Ended))
        .on_any({
            let signal = signal.clone();
            move |event: Event, _: Payload, _: Client| {
                let news = !matches!(event, Event::Custom(name) if NO_NEWS.contains(&name.as_str()));
                let _ = signal.try_send(Signal::Alive { news });
                async {}.boxed()
            }
        })
        .connect()
        .await;
    match client {
        Ok(client) => {
            while let Some(what) = next(&mut said).await {
                let (event, payload) = match what {
                    Say::Heartbeat(n) => ("heartbeat", json!({ "n": n })),
                    Say::Delivered(ids) => {
                        let ids: Vec<_> = ids.iter().map(MessageId::as_str).collect();
                        ("delivered", json!({ "messageIds": ids }))
                    }
                };
                if client.emit(event, payload).await.is_err() {
                    break;
                }
            }
        }
        Err(error) => tracing::debug!(%error, "no socket"),
    }
    let _ = signal.send(Signal::Ended).await;
}

/// What to say next; `None` when the session is over on either side.
async fn next(said: &mut mpsc::Receiver<Say>) -> Option<Say> {
    loop {
        tokio::select! {
            what = said.recv() => return what,
            () = tokio::time::sleep(limits::SOCKET_LOOK) => {
                // After a clean close the library's reading task just ends, and tells nobody. The runtime belongs to
                // this session, and the library starts no other task that lasts: with this one alone, it is over.
                if Handle::current().metrics().num_alive_tasks() < 2 {
                    return None;
                }
            }
        }
    }
}

fn tell(
    signal: &mpsc::Sender<Signal>,
    what: Signal,
) -> impl FnMut(Payload, Client) -> Callback + Send + Sync + 'static {
    let signal = signal.clone();
    move |_, _| {
        let _ = signal.try_send(what);
        async {}.boxed()
    }
}
