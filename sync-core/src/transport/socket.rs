//! Live events: hints that the feed has something new.
//!
//! An [`EventSource`] opens one session at a time and never reconnects; the engine supervises. What an event says
//! is not used, only that there was one: the feed is the truth (I7), so an event that was lost, repeated or forged
//! costs one request at most. The exceptions are who somebody is, which a server of the document alone tells in
//! `newMessage` and nowhere else, and who is there and who is writing, which no feed tells.
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
use serde_json::{Value, json};
use tokio::{
    runtime::{Builder, Handle, Runtime},
    sync::{Notify, mpsc},
};
use url::Url;

use crate::{
    convert,
    domain::{MessageId, Person, Presence, UserId},
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
    /// Somebody is writing to this account, or not any more (extension `typing`).
    Typing {
        /// Who.
        peer: UserId,
        /// Whether they are.
        is_typing: bool,
    },
    /// Whether somebody is there (extension `presence`).
    Presence(Presence),
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
    /// A message to somebody is being written, or not any more (extension `typing`).
    Typing {
        /// To whom.
        peer: UserId,
        /// Whether it is.
        is_typing: bool,
    },
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

/// Events that answer what this account did itself and changed nothing, and those that are no matter of the feed.
const NO_NEWS: [&str; 7] =
    ["heartbeat", "joined", "messagesFetched", "messageSearched", "messageViewed", "typing", "presence"];

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
                if is_too_large(&payload) {
                    tracing::warn!("the server sent an event that is too large: ending the socket");
                    let _ = signal.try_send(Signal::Ended);
                    return async {}.boxed();
                }
                if let (Event::Custom(name), Payload::Text(values)) = (&event, &payload)
                    && let Some(told) = values.first().and_then(|value| told(name, value))
                {
                    let _ = signal.try_send(told);
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

/// What an event says that is not left to the feed.
fn told(name: &str, value: &Value) -> Option<Signal> {
    match name {
        "newMessage" => convert::sender_of(value).map(Signal::Person),
        "typing" => convert::typing(value).map(|(peer, is_typing)| Signal::Typing { peer, is_typing }),
        "presence" => convert::presence(value).map(Signal::Presence),
        _ => None,
    }
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
            Say::Typing { peer, is_typing } => {
                ("typing", json!({ "receiver": peer.as_str(), "isTyping": is_typing }))
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

/// Whether an event is larger than [`limits::EVENT_BYTES`].
fn is_too_large(payload: &Payload) -> bool {
    /// What is left of the room after this value. It is no deeper than the parser of it allows.
    fn left(room: usize, value: &Value) -> Option<usize> {
        let room = room.checked_sub(32)?;
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => Some(room),
            Value::String(text) => room.checked_sub(text.len()),
            Value::Array(list) => list.iter().try_fold(room, left),
            Value::Object(map) => {
                map.iter().try_fold(room, |room, (name, value)| left(room.checked_sub(name.len())?, value))
            }
        }
    }
    match payload {
        Payload::Text(values) => values.iter().try_fold(limits::EVENT_BYTES, left).is_none(),
        Payload::Binary(bytes) => bytes.len() > limits::EVENT_BYTES,
        // The library keeps this form for old callers, and never makes it.
        #[expect(deprecated, reason = "a match has to name it")]
        Payload::String(text) => text.len() > limits::EVENT_BYTES,
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

#[cfg(test)]
mod tests {
    use std::{fs, time::Duration};

    use futures_util::{SinkExt, StreamExt};
    use tokio::{
        net::{TcpListener, TcpStream},
        time::timeout,
    };
    use tokio_tungstenite::{WebSocketStream, accept_async, tungstenite::Message};

    use super::*;

    /// Far more than anything here takes, and far less than the defaults of Engine.IO.
    const SOON: Duration = Duration::from_secs(20);

    async fn server() -> (Url, TcpListener) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        (format!("http://{}", listener.local_addr().unwrap()).parse().unwrap(), listener)
    }

    /// A socket of a server of the document, in its namespace. It announces these times, in milliseconds.
    async fn admit(listener: &TcpListener, interval: u64, patience: u64) -> WebSocketStream<TcpStream> {
        let (stream, _) = listener.accept().await.unwrap();
        let mut socket = accept_async(stream).await.unwrap();
        let opening = json!({
            "sid": "e", "upgrades": [], "pingInterval": interval, "pingTimeout": patience, "maxPayload": 1_000_000,
        });
        say(&mut socket, &format!("0{opening}")).await;
        hear(&mut socket, "40").await;
        say(&mut socket, r#"40{"sid":"s"}"#).await;
        socket
    }

    async fn say(socket: &mut WebSocketStream<TcpStream>, packet: &str) {
        socket.send(Message::text(packet)).await.unwrap();
    }

    /// Waits for a packet that begins so; others are passed over. The rest of it.
    async fn hear(socket: &mut WebSocketStream<TcpStream>, begins: &str) -> String {
        loop {
            let packet = timeout(SOON, socket.next()).await.unwrap().unwrap().unwrap().into_text().unwrap();
            if let Some(rest) = packet.strip_prefix(begins) {
                return rest.to_owned();
            }
        }
    }

    fn open(server: &Url) -> Session {
        let opening =
            Opening { server: server.clone(), token: "t".to_owned(), me: "ana".into(), trusted: None };
        SocketIo.open(opening).unwrap()
    }

    async fn signal(session: &mut Session) -> Signal {
        timeout(SOON, session.signal()).await.unwrap()
    }

    #[tokio::test]
    async fn one_joins_ones_room_and_learns_who_writes_and_who_is_there() {
        let (url, listener) = server().await;
        let mut session = open(&url);
        let mut socket = admit(&listener, 25_000, 20_000).await;
        assert_eq!(hear(&mut socket, "42").await, r#"["join","ana"]"#);
        assert_eq!(signal(&mut session).await, Signal::Joined);
        let event = json!(["newMessage", {"_id": "m1", "content": "Hi",
            "sender": {"_id": "ben", "firstName": "Ben", "lastName": "Reyes"}}]);
        say(&mut socket, &format!("42{event}")).await;
        let Signal::Person(ben) = signal(&mut session).await else { panic!("nobody was told of") };
        assert_eq!((ben.id.as_str(), ben.first_name.as_str()), ("ben", "Ben"));
        assert_eq!(signal(&mut session).await, Signal::Alive { news: true });
        say(&mut socket, r#"42["newMessage",{"_id":"m2","sender":"ben"}]"#).await;
        assert_eq!(signal(&mut session).await, Signal::Alive { news: true });
        say(&mut socket, r#"42["messagesFetched",{"userId":"ana"}]"#).await;
        assert_eq!(signal(&mut session).await, Signal::Alive { news: false });
        say(&mut socket, r#"42["typing",{"sender":"ben","isTyping":true}]"#).await;
        assert_eq!(signal(&mut session).await, Signal::Typing { peer: "ben".into(), is_typing: true });
        assert_eq!(signal(&mut session).await, Signal::Alive { news: false });
        say(&mut socket, r#"42["presence",{"userId":"ben","online":true}]"#).await;
        let there = Presence { id: "ben".into(), online: true, last_seen_at: None };
        assert_eq!(signal(&mut session).await, Signal::Presence(there));
        assert_eq!(signal(&mut session).await, Signal::Alive { news: false });
        assert!(session.say(Say::Typing { peer: "ben".into(), is_typing: false }));
        assert_eq!(hear(&mut socket, "42").await, r#"["typing",{"isTyping":false,"receiver":"ben"}]"#);
        assert!(session.say(Say::Heartbeat(7)));
        assert_eq!(hear(&mut socket, "42").await, r#"["heartbeat",{"n":7}]"#);
        socket.close(None).await.unwrap();
        drop(socket);
        assert_eq!(signal(&mut session).await, Signal::Ended);
    }

    /// Nothing closes the connection: only the missing pings tell that nobody is there any more.
    #[tokio::test]
    async fn a_half_open_connection_is_found_by_the_servers_missing_pings() {
        let (url, listener) = server().await;
        let mut session = open(&url);
        let mut socket = admit(&listener, 300, 200).await;
        assert_eq!(signal(&mut session).await, Signal::Joined);
        // While there are pings it lives, for far longer than the interval and the time-out.
        for _ in 0..10 {
            say(&mut socket, "2").await;
            hear(&mut socket, "3").await;
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        assert!(timeout(Duration::ZERO, session.signal()).await.is_err());
        assert_eq!(signal(&mut session).await, Signal::Ended);
        drop(socket);
    }

    #[tokio::test]
    async fn whatever_a_server_says_ends_the_session_at_worst() {
        for packet in
            ["", "9", "4", "42", "42[]", "42{", "44{\"message\":\"no\"}", "451-", "43999[]", "\u{0}", "1"]
        {
            let (url, listener) = server().await;
            let mut session = open(&url);
            let mut socket = admit(&listener, 400, 300).await;
            assert_eq!(signal(&mut session).await, Signal::Joined);
            say(&mut socket, packet).await;
            while signal(&mut session).await != Signal::Ended {}
        }
    }

    #[tokio::test]
    async fn an_event_that_is_too_large_ends_the_session() {
        let fits = json!(["newMessage", {"content": "x".repeat(60_000)}]);
        for large in
            [json!(["x", {"content": "x".repeat(limits::EVENT_BYTES)}]), json!(["x", vec![0; 40_000]])]
        {
            let (url, listener) = server().await;
            let mut session = open(&url);
            let mut socket = admit(&listener, 25_000, 20_000).await;
            assert_eq!(signal(&mut session).await, Signal::Joined);
            say(&mut socket, &format!("42{fits}")).await;
            assert_eq!(signal(&mut session).await, Signal::Alive { news: true });
            say(&mut socket, &format!("42{large}")).await;
            assert_eq!(signal(&mut session).await, Signal::Ended);
        }
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_dropped_session_leaves_no_thread_behind_wherever_it_hangs() {
        let threads = || {
            let tasks = fs::read_dir("/proc/self/task").unwrap().flatten();
            tasks
                .filter(|task| {
                    fs::read_to_string(task.path().join("comm")).is_ok_and(|name| name == "roost-socket\n")
                })
                .count()
        };
        let (url, silent) = server().await;
        for round in 0..20 {
            let mut session = open(&url);
            let (stream, _) = silent.accept().await.unwrap();
            // In the middle of the handshake, or in its room.
            if round % 2 == 0 {
                drop(session);
            } else {
                drop(stream);
                assert_eq!(signal(&mut session).await, Signal::Ended);
            }
        }
        // Other tests have sessions at the same time, though never as many.
        timeout(SOON, async {
            while threads() >= 10 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await
        .unwrap();
    }
}
