//! What the chat can ask for. Each command delegates to the engine and does nothing of its own.

use sync_core::{Client, ItemKey, UserId};
use tauri::{State, Url};

use crate::{
    dto::{
        Account, Anchor, CommandError, Connection, Conversation, People, Person, Progress, Registration,
        Search, SearchPage, ServerInfo, SessionState, TimelinePage,
    },
    shell::Shell,
};

type Answer<T> = Result<T, CommandError>;

/// Finds out what answers at an address; a bare host is enough.
#[tauri::command]
#[specta::specta]
pub(crate) async fn probe_server(address: String) -> Answer<ServerInfo> {
    Ok(Client::probe(&address).await?.into())
}

/// Signs in at a server that was probed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_in(
    shell: State<'_, Shell>,
    server: String,
    login: String,
    password: String,
) -> Answer<Account> {
    let server = origin(server)?;
    Ok(shell.client().await?.sign_in(&server, &login, &password).await?.into())
}

/// Makes an account at a server that was probed, and signs in.
#[tauri::command]
#[specta::specta]
pub(crate) async fn register(shell: State<'_, Shell>, server: String, form: Registration) -> Answer<Account> {
    let server = origin(server)?;
    Ok(shell.client().await?.register(&server, form.into()).await?.into())
}

/// Signs out, with or without removing what is stored on this device.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_out(shell: State<'_, Shell>, keep_messages: bool) -> Answer<()> {
    Ok(shell.client().await?.sign_out(keep_messages).await?)
}

/// Who is signed in.
#[tauri::command]
#[specta::specta]
pub(crate) async fn session(shell: State<'_, Shell>) -> Answer<SessionState> {
    Ok(shell.client().await?.session().into())
}

/// Whether whoever signs in stays signed in after the app is closed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn secrets_last(shell: State<'_, Shell>) -> Answer<bool> {
    Ok(shell.client().await?.stays_signed_in())
}

/// How the engine stands with its server.
#[tauri::command]
#[specta::specta]
pub(crate) async fn connection(shell: State<'_, Shell>) -> Answer<Connection> {
    Ok(shell.client().await?.connection().into())
}

/// All conversations, the one with the newest message first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn conversations(shell: State<'_, Shell>) -> Answer<Vec<Conversation>> {
    let conversations = shell.client().await?.conversations().await?;
    Ok(conversations.into_iter().map(Into::into).collect())
}

/// A page of a conversation, oldest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn timeline(
    shell: State<'_, Shell>,
    peer: String,
    anchor: Anchor,
    limit: u32,
) -> Answer<TimelinePage> {
    Ok(shell.client().await?.timeline(&UserId(peer), anchor.into(), limit).await?.into())
}

/// A page of the messages on this device that hold these words, newest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn search(shell: State<'_, Shell>, search: Search) -> Answer<SearchPage> {
    Ok(shell.client().await?.search(search.into()).await?.into())
}

/// How much of the history is on this device.
#[tauri::command]
#[specta::specta]
pub(crate) async fn progress(shell: State<'_, Shell>) -> Answer<Progress> {
    Ok(shell.client().await?.progress().await?.into())
}

/// What is being written to somebody.
#[tauri::command]
#[specta::specta]
pub(crate) async fn draft(shell: State<'_, Shell>, peer: String) -> Answer<Option<String>> {
    Ok(shell.client().await?.draft(&UserId(peer)).await?)
}

/// Keeps what is being written to somebody; blank, it is removed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_draft(shell: State<'_, Shell>, peer: String, content: String) -> Answer<()> {
    Ok(shell.client().await?.set_draft(&UserId(peer), &content).await?)
}

/// Somebody, if they are known on this device.
#[tauri::command]
#[specta::specta]
pub(crate) async fn person(shell: State<'_, Shell>, id: String) -> Answer<Option<Person>> {
    Ok(shell.client().await?.person(&UserId(id)).await?.map(Into::into))
}

/// People whose name matches; everybody for an empty query.
#[tauri::command]
#[specta::specta]
pub(crate) async fn people(shell: State<'_, Shell>, query: String) -> Answer<People> {
    Ok(shell.client().await?.people(&query).await?.into())
}

/// How many changes wait for the server.
#[tauri::command]
#[specta::specta]
pub(crate) async fn waiting(shell: State<'_, Shell>) -> Answer<u32> {
    Ok(shell.client().await?.waiting().await?)
}

/// Stores a message to be sent, and answers its key.
#[tauri::command]
#[specta::specta]
pub(crate) async fn send_message(shell: State<'_, Shell>, peer: String, content: String) -> Answer<String> {
    Ok(shell.client().await?.send(&UserId(peer), &content).await?.0)
}

/// Changes an own message.
#[tauri::command]
#[specta::specta]
pub(crate) async fn edit_message(shell: State<'_, Shell>, key: String, content: String) -> Answer<()> {
    Ok(shell.client().await?.edit(&ItemKey(key), &content).await?)
}

/// Deletes an own message; one that waits is not sent.
#[tauri::command]
#[specta::specta]
pub(crate) async fn delete_message(shell: State<'_, Shell>, key: String) -> Answer<()> {
    Ok(shell.client().await?.delete(&ItemKey(key)).await?)
}

/// Marks a conversation as read up to a message.
#[tauri::command]
#[specta::specta]
pub(crate) async fn mark_read(shell: State<'_, Shell>, peer: String, up_to: String) -> Answer<()> {
    Ok(shell.client().await?.mark_read(&UserId(peer), &ItemKey(up_to)).await?)
}

/// Tries a refused message again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn retry_message(shell: State<'_, Shell>, key: String) -> Answer<()> {
    Ok(shell.client().await?.retry(&ItemKey(key)).await?)
}

/// Tries to reach the server now instead of later.
#[tauri::command]
#[specta::specta]
pub(crate) async fn retry_now(shell: State<'_, Shell>) -> Answer<()> {
    shell.client().await?.retry_now();
    Ok(())
}

fn origin(server: String) -> Answer<Url> {
    server.parse().map_err(|_| sync_core::ServerError::InvalidAddress { address: server }.into())
}
