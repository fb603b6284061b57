//! What the chat can ask for. Each command delegates to the engine and does nothing of its own.

pub(crate) mod account;

use base64::{Engine, engine::general_purpose::STANDARD};
use sync_core::{Client, ItemKey, UserId};
use tauri::State;

use crate::{
    dto::{
        Account, Anchor, Certificate, CommandError, Connection, Conversation, Offers, OwnedSite, People,
        Person, Presence, Progress, Recovery, Registration, Search, SearchPage, ServerInfo, SessionState,
        Site, Storage, TimelinePage, seconds,
    },
    shell::Shell,
};

type Answer<T> = Result<T, CommandError>;

/// Tries again to open the messages, with a passphrase where one protects them or shall protect them.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_again(shell: State<'_, Shell>, passphrase: Option<String>) -> Answer<()> {
    shell.try_again(passphrase).await
}

/// Puts messages that cannot be opened aside, and begins anew.
#[tauri::command]
#[specta::specta]
pub(crate) async fn start_over(shell: State<'_, Shell>) -> Answer<()> {
    shell.start_over().await
}

/// What came of damaged messages, until the user was told of it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn recovered(shell: State<'_, Shell>) -> Answer<Option<Recovery>> {
    Ok(shell.client().await?.recovered().map(Into::into))
}

/// The user was told of what came of damaged messages.
#[tauri::command]
#[specta::specta]
pub(crate) async fn forget_recovery(shell: State<'_, Shell>) -> Answer<()> {
    Ok(shell.client().await?.forget_recovery().await?)
}

/// What the messages take of the disk.
#[tauri::command]
#[specta::specta]
pub(crate) async fn storage(shell: State<'_, Shell>) -> Answer<Storage> {
    Ok(shell.client().await?.storage().await?.into())
}

/// Removes from this device what the server has, too.
#[tauri::command]
#[specta::specta]
pub(crate) async fn clear_messages(shell: State<'_, Shell>) -> Answer<Storage> {
    Ok(shell.client().await?.clear_messages().await?.into())
}

/// Finds out what answers at an address; a bare host is enough. `certificate` is the one to trust there.
#[tauri::command]
#[specta::specta]
pub(crate) async fn probe_server(address: String, certificate: Option<Certificate>) -> Answer<ServerInfo> {
    Ok(match certificate {
        Some(certificate) => Client::probe_trusting(&address, &certificate.try_into()?).await?.into(),
        None => Client::probe(&address).await?.into(),
    })
}

/// Signs in at a server that was probed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_in(
    shell: State<'_, Shell>,
    site: Site,
    login: String,
    password: String,
) -> Answer<Account> {
    let site = OwnedSite::try_from(site)?;
    Ok(shell.client().await?.sign_in(site.borrow(), &login, &password).await?.into())
}

/// Signs in with an access token from elsewhere, at a server that has no login.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_in_with_token(
    shell: State<'_, Shell>,
    site: Site,
    token: String,
) -> Answer<Account> {
    let site = OwnedSite::try_from(site)?;
    Ok(shell.client().await?.sign_in_with_token(site.borrow(), &token).await?.into())
}

/// Makes an account at a server that was probed, and signs in.
#[tauri::command]
#[specta::specta]
pub(crate) async fn register(shell: State<'_, Shell>, site: Site, form: Registration) -> Answer<Account> {
    let site = OwnedSite::try_from(site)?;
    Ok(shell.client().await?.register(site.borrow(), form.into()).await?.into())
}

/// Trusts this certificate at the account's server, in place of every other.
#[tauri::command]
#[specta::specta]
pub(crate) async fn trust(shell: State<'_, Shell>, certificate: Certificate) -> Answer<()> {
    Ok(shell.client().await?.trust(Some(certificate.try_into()?)).await?)
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

/// By how many seconds this device's clock is off, below zero where it is behind; `null` where that does no harm. The
/// update `connection` tells when to ask again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn clock_skew(shell: State<'_, Shell>) -> Answer<Option<i32>> {
    Ok(shell.client().await?.clock_skew().map(seconds))
}

/// All conversations: the pinned ones first, and then the one with the newest message.
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

/// A small picture of somebody, as the address of an image that holds it; `null` where there is none, or none for now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn picture(shell: State<'_, Shell>, id: String) -> Answer<Option<String>> {
    let picture = shell.client().await?.picture(&UserId(id)).await?;
    Ok(picture.map(|png| format!("data:image/png;base64,{}", STANDARD.encode(png))))
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

/// Marks everything in a conversation as read, from the list.
#[tauri::command]
#[specta::specta]
pub(crate) async fn mark_all_read(shell: State<'_, Shell>, peer: String) -> Answer<()> {
    Ok(shell.client().await?.mark_all_read(&UserId(peer)).await?)
}

/// Marks a conversation as unread on this device, until something in it is marked as read.
#[tauri::command]
#[specta::specta]
pub(crate) async fn mark_unread(shell: State<'_, Shell>, peer: String) -> Answer<()> {
    Ok(shell.client().await?.mark_unread(&UserId(peer)).await?)
}

/// Lets a conversation stand above the others, or among them.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_pinned(shell: State<'_, Shell>, peer: String, pinned: bool) -> Answer<()> {
    Ok(shell.client().await?.set_pinned(&UserId(peer), pinned).await?)
}

/// Lets nobody be told of a conversation's messages, or again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_muted(shell: State<'_, Shell>, peer: String, muted: bool) -> Answer<()> {
    Ok(shell.client().await?.set_muted(&UserId(peer), muted).await?)
}

/// How many messages are unread in all conversations that are not muted; a mark counts as one.
#[tauri::command]
#[specta::specta]
pub(crate) async fn unread(shell: State<'_, Shell>) -> Answer<u32> {
    Ok(shell.client().await?.unread().await?)
}

/// Something is being written to somebody, to be told with each key; `false` once it is blank or left. Sending ends it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_typing(shell: State<'_, Shell>, peer: String, is_typing: bool) -> Answer<()> {
    shell.client().await?.set_typing(&UserId(peer), is_typing).await;
    Ok(())
}

/// Who is writing to this account at the moment, by id; the update `typing` tells what changes.
#[tauri::command]
#[specta::specta]
pub(crate) async fn writing(shell: State<'_, Shell>) -> Answer<Vec<String>> {
    Ok(shell.client().await?.writing().await.into_iter().map(|peer| peer.0).collect())
}

/// Which of these people are there, as far as it is known; the update `presence` tells when to ask again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn presence(shell: State<'_, Shell>, people: Vec<String>) -> Answer<Vec<Presence>> {
    let people: Vec<UserId> = people.into_iter().map(UserId).collect();
    Ok(shell.client().await?.presence(&people).await.into_iter().map(Into::into).collect())
}

/// What the account's server offers; the update `connection` tells when that may have changed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn offers(shell: State<'_, Shell>) -> Answer<Offers> {
    Ok(shell.client().await?.offers().await.into())
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
