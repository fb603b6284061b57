//! Starts a server for one test, and speaks to it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use crate::contract;
use companion_server::{
    clock::Clock,
    config::Config,
    model::audit::Actor,
    serve,
    store::{AccountStore as _, Joining, NewAccount, Store as _, sqlite::SqliteStore},
};
use futures_util::{SinkExt as _, StreamExt as _};
use protocol::{Role, Timestamp, sync::Registration};
use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, tungstenite::Message};

/// Long enough for the slowest machine; nothing waits for it unless it has gone wrong.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// When each test begins.
const BEGIN: i64 = 1_759_919_400_000;

/// A clock that stands still until it is moved.
pub(crate) struct Hand(AtomicI64);

impl Hand {
    pub(crate) fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::clamped(self.0.load(Ordering::SeqCst))
    }
}

pub(crate) struct Server {
    pub(crate) base: String,
    pub(crate) clock: Arc<Hand>,
    dir: TempDir,
    http: reqwest::Client,
    stop: oneshot::Sender<()>,
    running: JoinHandle<()>,
}

/// Somebody who is signed in.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) token: String,
    pub(crate) refresh: String,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    pub(crate) async fn start_with(configure: impl FnOnce(&mut Config)) -> Self {
        Self::start_with_code(configure).await.0
    }

    /// A server with somebody who administers it.
    pub(crate) async fn start_with_admin(configure: impl FnOnce(&mut Config)) -> (Self, Person) {
        let (dir, config) = configured(configure);
        let hash = companion_server::auth::password::hash("password of rosa").unwrap();
        let admin = add_account(&config, "rosa", Role::Admin, hash).await;
        let server = Self::launch(dir, config).await.0;
        let body = json!({"userName": "rosa", "password": "password of rosa"});
        let session = server.ask("POST", "/api/auth/login", None, body).await;
        assert_eq!((session.status, &session.json()["data"]["user"]["_id"]), (StatusCode::OK, &json!(admin)));
        (server, Person::of(&session.json()["data"]))
    }

    /// A server on which somebody has an account with this hash of a password.
    pub(crate) async fn start_with_hash(name: &str, hash: &str) -> Self {
        let (dir, config) = configured(|_| ());
        add_account(&config, name, Role::Student, hash.to_owned()).await;
        Self::launch(dir, config).await.0
    }

    /// A server and its code for the first administrator.
    pub(crate) async fn start_with_code(configure: impl FnOnce(&mut Config)) -> (Self, String) {
        let (dir, config) = configured(configure);
        let (server, code) = Self::launch(dir, config).await;
        (server, code.expect("there is no administrator yet"))
    }

    async fn launch(dir: TempDir, mut config: Config) -> (Self, Option<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        config.listen = listener.local_addr().unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let clock = Arc::new(Hand(AtomicI64::new(BEGIN)));
        let (stop, stopped) = oneshot::channel();
        let shutdown = async {
            stopped.await.ok();
        };
        let server = serve::open(config, Arc::clone(&clock) as Arc<dyn Clock>).unwrap();
        let code = server.invite_first_admin().await.unwrap().map(|code| code.text);
        let running = tokio::spawn(server.run(listener, shutdown));
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        (Self { base, clock, dir, http, stop, running }, code)
    }

    /// What the database holds of somebody's password.
    pub(crate) fn password_hash(&self, name: &str) -> String {
        let hash = "SELECT password_hash FROM users WHERE user_name = ?1";
        self.database().query_row(hash, [name], |row| row.get(0)).unwrap()
    }

    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        tokio::time::timeout(PATIENCE, self.running).await.unwrap().unwrap();
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method.parse::<Method>().unwrap(), format!("{}{path}", self.base))
    }

    /// A request with a token and a JSON body, either of which may be missing.
    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        caller: impl Into<Option<&Person>>,
        body: impl Into<Option<Value>>,
    ) -> Answer {
        let mut request = self.request(method, path);
        if let Some(caller) = caller.into() {
            request = request.bearer_auth(&caller.token);
        }
        if let Some(body) = body.into() {
            request = request.json(&body);
        }
        Answer::of(request).await
    }

    pub(crate) async fn register(&self, name: &str) -> Person {
        let body = json!({
            "userName": name, "firstName": name, "lastName": "Cruz", "email": format!("{name}@example.org"),
            "password": format!("password of {name}"), "role": "student",
        });
        let answer = self.ask("POST", "/api/auth/register", None, body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        Person::of(&answer.json()["data"])
    }

    /// A second session of somebody.
    pub(crate) async fn sign_in(&self, name: &str) -> Person {
        let body = json!({"userName": name, "password": format!("password of {name}")});
        let answer = self.ask("POST", "/api/auth/login", None, body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        Person::of(&answer.json()["data"])
    }

    /// All that is kept, save who did what when, which is told of refused requests as well.
    pub(crate) fn tables(&self) -> Vec<String> {
        let database = self.database();
        let names = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'activity' \
                     AND name NOT LIKE 'messages_text%' ORDER BY name";
        let mut names = database.prepare(names).unwrap();
        let names: Vec<String> = names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let mut kept = Vec::new();
        for name in names {
            let mut rows = database.prepare(&format!("SELECT * FROM {name}")).unwrap();
            let columns = rows.column_count();
            let mut rows = rows.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                let values = (0..columns).map(|at| format!("{:?}", row.get_ref(at).unwrap()));
                kept.push(format!("{name}: {}", values.collect::<Vec<_>>().join(", ")));
            }
        }
        kept
    }

    /// Says something about somebody that no route of theirs can say: their role, or that they are disabled.
    pub(crate) fn decree(&self, person: &Person, what: &str) {
        let sql = format!("UPDATE users SET {what} WHERE id = unhex(?1)");
        assert_eq!(self.database().execute(&sql, [&person.id]).unwrap(), 1);
    }

    pub(crate) fn database(&self) -> rusqlite::Connection {
        let database = rusqlite::Connection::open(self.dir.path().join("data/roost.db")).unwrap();
        database.busy_timeout(PATIENCE).unwrap();
        database
    }

    pub(crate) async fn send(&self, from: &Person, to: &Person, content: &str) -> String {
        let body = json!({"receiver": to.id, "content": content});
        let answer = self.ask("POST", "/message", from, body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()["_id"].as_str().unwrap().to_owned()
    }
}

/// The settings of a test, over a data directory of its own.
fn configured(configure: impl FnOnce(&mut Config)) -> (TempDir, Config) {
    let dir = tempfile::tempdir().unwrap();
    let mut config = Config::new(dir.path().join("data"));
    config.registration = Registration::Open;
    // The clock stands still, so allowances would never fill up again.
    config.rate_limits = false;
    configure(&mut config);
    (dir, config)
}

/// Makes an account as the command line does; its id.
async fn add_account(config: &Config, name: &str, role: Role, password_hash: String) -> String {
    let (facts, _) = mpsc::channel(1);
    let clock = Arc::new(Hand(AtomicI64::new(BEGIN)));
    let store = SqliteStore::open(&config.data_dir, clock, facts).unwrap();
    let new = NewAccount {
        user_name: name.to_owned(),
        first_name: name.to_owned(),
        last_name: "Diaz".into(),
        email: format!("{name}@example.org"),
        password_hash,
    };
    let account = store.add_account(new, Joining::Added { by: Actor::Console, role }).await.unwrap();
    store.close().await;
    account.id.to_string()
}

impl Person {
    pub(crate) fn of(session: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            id: text(&session["user"]["_id"]),
            token: text(&session["accessToken"]),
            refresh: text(&session["refreshToken"]),
        }
    }
}

impl Answer {
    pub(crate) async fn of(request: reqwest::RequestBuilder) -> Self {
        let (client, request) = request.build_split();
        let request = request.unwrap();
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let response = client.execute(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let answer = Self { status, headers, text: response.text().await.unwrap() };
        contract::check(&method, &path, &answer);
        answer
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    /// Checks that this is an error with the documented body: three fields, the status twice, this text.
    #[track_caller]
    pub(crate) fn is_error(&self, status: u16, text: &str) {
        let body = self.json();
        assert_eq!((self.status.as_u16(), body["error"].as_str()), (status, Some(text)), "{}", self.text);
        assert_eq!(body["statusCode"], status, "{}", self.text);
        assert!(body["timestamp"].as_str().unwrap().parse::<Timestamp>().is_ok(), "{}", self.text);
        assert_eq!(body.as_object().unwrap().len(), 3, "{}", self.text);
        assert_eq!(self.headers["content-type"], "application/json");
    }
}

/// A Socket.IO client of a few lines, over a websocket.
pub(crate) struct Socket {
    websocket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Whether who comes and goes is among what [`Socket::event`] tells; it comes at any time.
    pub(crate) hears_presence: bool,
}

impl Socket {
    /// Opens the transport and no more.
    pub(crate) async fn open(server: &Server) -> Self {
        Self::try_open(server).await.unwrap()
    }

    /// The same, where the server may turn it away.
    pub(crate) async fn try_open(server: &Server) -> Option<Self> {
        let address = server.base.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket";
        let (websocket, _) = tokio_tungstenite::connect_async(address).await.ok()?;
        let mut socket = Self { websocket, hears_presence: false };
        assert!(socket.packet().await.unwrap().starts_with('0'));
        Some(socket)
    }

    /// Opens the transport once there is room for it.
    pub(crate) async fn open_in_time(server: &Server) -> Self {
        tokio::time::timeout(PATIENCE, async {
            loop {
                if let Some(socket) = Self::try_open(server).await {
                    return socket;
                }
            }
        })
        .await
        .expect("room for a socket")
    }

    /// Opens the transport and connects; the error is the `message` of `connect_error`.
    pub(crate) async fn connect(server: &Server, auth: Value) -> Result<Self, String> {
        Self::open(server).await.join(auth).await
    }

    /// Connects an open transport.
    pub(crate) async fn join(mut self, auth: Value) -> Result<Self, String> {
        self.write(&format!("40{auth}")).await;
        let answer = self.packet().await.unwrap();
        match answer.strip_prefix("44") {
            None => Ok(self),
            Some(error) => {
                let error: Value = serde_json::from_str(error).unwrap();
                Err(error["message"].as_str().unwrap().to_owned())
            }
        }
    }

    pub(crate) async fn of(server: &Server, person: &Person) -> Self {
        Self::connect(server, json!({"token": person.token})).await.unwrap()
    }

    pub(crate) async fn emit(&mut self, event: &str, data: Value) {
        self.write(&format!("42{}", json!([event, data]))).await;
    }

    pub(crate) async fn write(&mut self, packet: &str) {
        self.websocket.send(Message::text(packet)).await.unwrap();
    }

    /// Sends a frame as it is; the other end may be gone.
    pub(crate) async fn frame(&mut self, frame: Message) {
        self.websocket.send(frame).await.ok();
    }

    /// The next packet, pings left out; `None` once the connection is closed.
    pub(crate) async fn packet(&mut self) -> Option<String> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.websocket.next()).await;
            match message.expect("a packet or the end")? {
                Ok(Message::Text(text)) if text.as_str() == "2" => self.frame(Message::text("3")).await,
                Ok(Message::Text(text)) => return Some(text.to_string()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// The next event, with its one argument.
    pub(crate) async fn event(&mut self) -> (String, Value) {
        loop {
            let packet = self.packet().await.expect("an event");
            let event = packet.strip_prefix("42").unwrap_or_else(|| panic!("no event: {packet}"));
            let event: Vec<Value> = serde_json::from_str(event).unwrap();
            assert_eq!(event.len(), 2, "each event carries exactly one argument");
            let name = event[0].as_str().unwrap();
            if self.hears_presence || name != "presence" {
                return (name.to_owned(), event[1].clone());
            }
        }
    }

    /// Whether nothing waits to be read: asks for a heartbeat and gets it first.
    pub(crate) async fn is_silent(&mut self) -> bool {
        self.emit("heartbeat", json!({"n": 99})).await;
        self.event().await == ("heartbeat".to_owned(), json!({"n": 99}))
    }
}
