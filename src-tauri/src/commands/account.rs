//! One's own account on its server, and the messages as a file.

use std::path::{Path, PathBuf};

use sync_core::{DeviceId, ExportError};
use tauri::{AppHandle, Manager, State, ipc::Channel};

use super::Answer;
use crate::{
    dto::{Device, Invitation, NewInvitation, OwnProfile, ProfileChange, Reach},
    shell::Shell,
};

/// Where this account is signed in.
#[tauri::command]
#[specta::specta]
pub(crate) async fn devices(shell: State<'_, Shell>) -> Answer<Vec<Device>> {
    Ok(shell.client().await?.devices().await?.into_iter().map(Into::into).collect())
}

/// Signs out at another device.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_out_device(shell: State<'_, Shell>, device: String) -> Answer<()> {
    Ok(shell.client().await?.sign_out_device(&DeviceId(device)).await?)
}

/// Signs out at every other device.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_out_other_devices(shell: State<'_, Shell>) -> Answer<()> {
    Ok(shell.client().await?.sign_out_other_devices().await?)
}

/// Changes the password to this one, which signs out at every other device.
#[tauri::command]
#[specta::specta]
pub(crate) async fn change_password(
    shell: State<'_, Shell>,
    current: String,
    password: String,
) -> Answer<()> {
    Ok(shell.client().await?.change_password(&current, &password).await?)
}

/// Who one is on the server, and what one keeps to oneself.
#[tauri::command]
#[specta::specta]
pub(crate) async fn profile(shell: State<'_, Shell>) -> Answer<OwnProfile> {
    Ok(shell.client().await?.profile().await?.into())
}

/// Changes one's name, or what one keeps to oneself, and answers everything as it is now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn change_profile(shell: State<'_, Shell>, change: ProfileChange) -> Answer<OwnProfile> {
    Ok(shell.client().await?.change_profile(&change.into()).await?.into())
}

/// Makes a link that lets people make accounts.
#[tauri::command]
#[specta::specta]
pub(crate) async fn invite(shell: State<'_, Shell>, invitation: NewInvitation) -> Answer<Invitation> {
    Ok(shell.client().await?.invite(&invitation.into()).await?.into())
}

/// From when on every message is on this device: what a search covers.
#[tauri::command]
#[specta::specta]
pub(crate) async fn reach(shell: State<'_, Shell>) -> Answer<Reach> {
    Ok(shell.client().await?.reach().await?.into())
}

/// Writes all messages on this device into a new file among the user's downloads, one line of JSON each, and answers its
/// path. `progress` is told how many were written so far.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_messages(
    app: AppHandle,
    shell: State<'_, Shell>,
    progress: Channel<u32>,
) -> Answer<String> {
    let client = shell.client().await?;
    let paths = app.path();
    let folder = paths.download_dir().or_else(|_| paths.document_dir()).or_else(|_| paths.home_dir());
    let folder = folder.map_err(|error| ExportError::File {
        path: PathBuf::from("Downloads"),
        source: std::io::Error::other(error),
    })?;
    let path = free(&folder, Path::exists);
    let written = client.export(&path, |count| {
        // A window that is gone needs no progress.
        let _ = progress.send(u32::try_from(count).unwrap_or(u32::MAX));
    });
    written.await?;
    Ok(path.display().to_string())
}

/// The first name in this folder that nothing has.
fn free(folder: &Path, taken: impl Fn(&Path) -> bool) -> PathBuf {
    let names = std::iter::once("roost-messages.jsonl".to_owned())
        .chain((2_u32..).map(|number| format!("roost-messages-{number}.jsonl")));
    let mut paths = names.map(|name| folder.join(name));
    paths.find(|path| !taken(path)).unwrap_or_else(|| folder.join("roost-messages.jsonl"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_takes_no_other_files_place() {
        let folder = Path::new("/downloads");
        let taken = ["/downloads/roost-messages.jsonl", "/downloads/roost-messages-2.jsonl"];
        assert_eq!(free(folder, |_| false), Path::new(taken[0]));
        let found = free(folder, |path| taken.iter().any(|taken| path == Path::new(taken)));
        assert_eq!(found, Path::new("/downloads/roost-messages-3.jsonl"));
    }
}
