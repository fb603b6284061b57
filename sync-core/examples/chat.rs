//! A chat without a screen: signs in, prints what arrives, sends what is typed. For bots and for watching the engine.
//!
//! ```text
//! cargo run -p sync-core --example chat -- --profile /tmp/ana --server localhost:3000 --user ana --to ben
//! ```
//!
//! - The password comes from `ROOST_PASSWORD`, or is asked for: the first line of standard input.
//! - The key to the stored messages is in the keyring; where `ROOST_PASSPHRASE` is set, a new profile is protected with
//!   that passphrase instead.
//! - Each line that is typed goes to `--to`, or to whom it names: `@ben Good morning`. `\n` makes a new line.
//! - Each message that arrives is one line, `Ben: Good morning`; where one's own messages got to is
//!   `[sent] Good morning`. What happens to the connection is told on standard error.
//! - At the end of the input the program waits until everything is sent, 30 s at most, and ends.
//!
//! It keeps its profile as the app does: a profile that is signed in here opens signed in there.

use std::{collections::HashMap, io::Write, path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use clap::Parser;
use sync_core::{
    Anchor, Client, Connection, ItemKey, KeyringSecrets, MemorySecrets, Options, Person, SecretStore,
    SessionState, Status, TimelineItem, Update, Updates, UserId,
};
use tokio::io::{AsyncBufReadExt, BufReader, Lines, Stdin};

/// A chat without a screen.
#[derive(Parser)]
struct Arguments {
    /// The profile's folder
    #[arg(long)]
    profile: PathBuf,
    /// The server's address; needed to sign in
    #[arg(long)]
    server: Option<String>,
    /// The user name, or e-mail address, to sign in with
    #[arg(long)]
    user: Option<String>,
    /// To whom lines go that begin with no @name: a user name, or a name
    #[arg(long)]
    to: Option<String>,
    /// Sign in, wait until the conversations are here, and end
    #[arg(long)]
    sign_in_only: bool,
    /// Keep the session in memory instead of the keyring; the messages need a passphrase then
    #[arg(long)]
    memory_secrets: bool,
}

type Failure = Box<dyn std::error::Error>;

/// How long the end of the input waits for the outbox.
const FAREWELL: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn")),
        )
        .init();
    match start(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            note(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

async fn start(arguments: &Arguments) -> Result<(), Failure> {
    let secrets: Arc<dyn SecretStore> = if arguments.memory_secrets {
        Arc::new(MemorySecrets::new())
    } else {
        Arc::new(KeyringSecrets::new())
    };
    let options = Options { profile_dir: arguments.profile.clone(), secrets };
    let client = match std::env::var("ROOST_PASSPHRASE") {
        Ok(passphrase) => Client::open_with_passphrase(options, &passphrase).await?,
        Err(_) if arguments.memory_secrets => {
            return Err("without a keyring the messages need a passphrase: set ROOST_PASSPHRASE".into());
        }
        Err(_) => Client::open(options).await?,
    };
    if let Some(recovery) = client.recovered() {
        note("The messages on this device were damaged. What waited is kept, the rest is fetched again.");
        if !recovery.complete {
            note("Some of it could not be read: look whether everything is here that was to be sent.");
        }
        client.forget_recovery().await?;
    }
    let outcome = run(&client, arguments).await;
    client.close().await;
    outcome
}

async fn run(client: &Client, arguments: &Arguments) -> Result<(), Failure> {
    let mut input = BufReader::new(tokio::io::stdin()).lines();
    let mut updates = client.updates();
    sign_in(client, arguments, &mut input).await?;
    if arguments.sign_in_only {
        until_online(client, &mut updates).await;
        return Ok(());
    }
    let mut screen = Screen::open(client).await?;
    let mut names = HashMap::new();
    let mut open = true;
    while open {
        tokio::select! {
            update = updates.next() => screen.show(client, update.unwrap_or(Update::Everything)).await?,
            line = input.next_line() => match line? {
                Some(line) => say(client, arguments, &mut names, &line).await?,
                None => open = false,
            },
        }
    }
    let farewell = async {
        while client.waiting().await? > 0 {
            let update = updates.next().await.unwrap_or(Update::Everything);
            screen.show(client, update).await?;
        }
        screen.show(client, Update::Everything).await
    };
    tokio::time::timeout(FAREWELL, farewell)
        .await
        .map_err(|_| "not everything could be sent: it is kept for the next time")?
}

/// Signs in where nobody is, or where the session is over.
async fn sign_in(
    client: &Client,
    arguments: &Arguments,
    input: &mut Lines<BufReader<Stdin>>,
) -> Result<(), Failure> {
    let (server, user) = match (client.session(), &arguments.server, &arguments.user) {
        (SessionState::SignedIn(_), _, _) => return Ok(()),
        (SessionState::Expired(account), _, _) => (account.server.to_string(), account.user_name),
        (SessionState::SignedOut, Some(server), Some(user)) => (server.clone(), user.clone()),
        (SessionState::SignedOut, _, _) => return Err("nobody is signed in: give --server and --user".into()),
    };
    let password = if let Ok(password) = std::env::var("ROOST_PASSWORD") {
        password
    } else {
        note(&format!("Password of {user}:"));
        input.next_line().await?.ok_or("no password was given")?
    };
    let info = Client::probe(&server).await?;
    let account = client.sign_in(&info.url, &user, &password).await?;
    note(&format!("Signed in as {} on {}", account.user_name, account.server_name));
    if !client.stays_signed_in() && !arguments.memory_secrets {
        note("The keyring of this device can't be used: you'll have to sign in again next time.");
    }
    Ok(())
}

async fn until_online(client: &Client, updates: &mut Updates) {
    while !matches!(client.connection(), Connection::Online { .. }) && updates.next().await.is_some() {}
}

/// Sends a line that was typed. `known` holds who was found before.
async fn say(
    client: &Client,
    arguments: &Arguments,
    known: &mut HashMap<String, UserId>,
    line: &str,
) -> Result<(), Failure> {
    let line = line.trim_end();
    if line.is_empty() {
        return Ok(());
    }
    let named = line.strip_prefix('@').and_then(|rest| rest.split_once(' '));
    let Some((name, text)) = named.or_else(|| arguments.to.as_deref().map(|to| (to, line))) else {
        note("To whom? Give --to, or write: @name text");
        return Ok(());
    };
    if !known.contains_key(name)
        && let Some(person) = find(client, name).await?
    {
        known.insert(name.to_owned(), person.id);
    }
    let Some(peer) = known.get(name) else { return Ok(()) };
    if let Err(error) = client.send(peer, &text.replace("\\n", "\n")).await {
        note(&error.to_string());
    }
    Ok(())
}

/// Finds a person by id, or by what a search for a name brings: on the server, once it is clear whether that can be
/// reached, otherwise among those that are known here. Says so where that is nobody, or not clear.
async fn find(client: &Client, name: &str) -> Result<Option<Person>, Failure> {
    if let Some(person) = client.person(&UserId(name.to_owned())).await? {
        return Ok(Some(person));
    }
    let mut updates = client.updates();
    while matches!(client.connection(), Connection::Connecting | Connection::CatchingUp) {
        if updates.next().await.is_none() {
            break;
        }
    }
    let mut people = client.people(name).await?.people;
    if people.len() > 1 {
        let wanted = name.to_lowercase();
        let full = |person: &Person| format!("{} {}", person.first_name, person.last_name).to_lowercase();
        people.retain(|person| person.first_name.to_lowercase() == wanted || full(person) == wanted);
    }
    if people.len() != 1 {
        note(&format!("Nobody, or more than one, is called {name}, as far as can be seen now."));
        return Ok(None);
    }
    Ok(people.pop())
}

/// What was printed already.
struct Screen {
    me: UserId,
    /// How far each message got when it was printed.
    shown: HashMap<ItemKey, Option<Status>>,
    connection: Option<String>,
}

impl Screen {
    /// What is there already is not printed.
    async fn open(client: &Client) -> Result<Self, Failure> {
        let me =
            client.session().account().map(|account| account.user.id.clone()).ok_or("nobody is signed in")?;
        let mut screen = Self { me, shown: HashMap::new(), connection: None };
        for conversation in client.conversations().await? {
            for item in newest(client, &conversation.peer.id).await? {
                screen.shown.insert(item.key, item.status);
            }
        }
        screen.show_connection(client);
        Ok(screen)
    }

    async fn show(&mut self, client: &Client, update: Update) -> Result<(), Failure> {
        match update {
            Update::Timeline(peer) => self.show_conversation(client, &peer).await?,
            Update::Everything => {
                for conversation in client.conversations().await? {
                    self.show_conversation(client, &conversation.peer.id).await?;
                }
                self.show_connection(client);
            }
            Update::Connection => self.show_connection(client),
            Update::Session => {
                if matches!(client.session(), SessionState::Expired(_)) {
                    return Err("the session is over: start again to sign in; what waits is kept".into());
                }
            }
            Update::Conversations
            | Update::People
            | Update::Outbox
            | Update::Progress
            | Update::Typing { .. }
            | Update::Presence
            | Update::Recovered => {}
        }
        Ok(())
    }

    async fn show_conversation(&mut self, client: &Client, peer: &UserId) -> Result<(), Failure> {
        if *peer == self.me {
            return Ok(());
        }
        let name = match client.person(peer).await? {
            Some(person) if !person.first_name.is_empty() => person.first_name,
            _ => peer.to_string(),
        };
        for item in newest(client, peer).await? {
            let content = item.content.replace('\n', "\\n");
            let before = self.shown.insert(item.key, item.status.clone());
            match (&item.status, before) {
                (Some(status), before) if before != Some(item.status.clone()) => {
                    print(&format!("[{}] {content}", word(status)));
                }
                (None, None) if !item.deleted => print(&format!("{name}: {content}")),
                _ => {}
            }
        }
        Ok(())
    }

    fn show_connection(&mut self, client: &Client) {
        let now = match client.connection() {
            Connection::Offline { host, cause, .. } => format!("Can't reach {host} ({cause:?})"),
            Connection::Connecting => "Connecting".to_owned(),
            Connection::CatchingUp => "Catching up".to_owned(),
            Connection::Online { .. } => "Online".to_owned(),
        };
        if self.connection.as_ref() != Some(&now) {
            note(&now);
            self.connection = Some(now);
        }
    }
}

async fn newest(client: &Client, peer: &UserId) -> Result<Vec<TimelineItem>, Failure> {
    Ok(client.timeline(peer, Anchor::Newest, sync_core::limits::TIMELINE_PAGE).await?.items)
}

fn word(status: &Status) -> String {
    match status {
        Status::Waiting => "waiting".to_owned(),
        Status::Sending => "sending".to_owned(),
        Status::Sent => "sent".to_owned(),
        Status::Delivered => "delivered".to_owned(),
        Status::Read => "read".to_owned(),
        Status::Held => "held".to_owned(),
        Status::Refused { reason } => format!("refused: {reason}"),
    }
}

/// A line for whoever reads the output; a closed pipe is no reason to stop sending.
fn print(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
    let _ = std::io::stdout().flush();
}

/// A line about the program itself.
fn note(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
