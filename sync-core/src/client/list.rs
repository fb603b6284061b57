//! The list of conversations, and what the user does to one as a whole.

use crate::{
    domain::{Conversation, ItemKey, UserId},
    error::{StoreError, WriteError},
    machine::compose,
    store::{
        flags::{self, Flag},
        summaries,
    },
};

use super::Client;

impl Client {
    /// The conversations, and those in which something is being written: the pinned ones first, and then by their newest
    /// message, the newest first.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn conversations(&self) -> Result<Vec<Conversation>, StoreError> {
        self.inner.face.store.read(|connection| summaries::list(connection)).await
    }

    /// How many messages are unread in all conversations that are not muted, for a badge. One that is marked as unread and
    /// has no unread message counts as one. [`crate::Update::Conversations`] tells when it may have changed.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn unread(&self) -> Result<u32, StoreError> {
        self.inner.face.store.read(|connection| summaries::unread(connection)).await
    }

    /// Lets a conversation of the list stand above the others, or among them. Of this device alone, as all flags are.
    ///
    /// # Errors
    /// [`WriteError`]; then nothing was changed.
    pub async fn set_pinned(&self, peer: &UserId, pinned: bool) -> Result<(), WriteError> {
        self.set_flag(peer, Flag::Pinned, pinned).await
    }

    /// Lets a conversation of the list count in [`Client::unread`] no more, or again. Its messages arrive as before.
    ///
    /// # Errors
    /// [`WriteError`]; then nothing was changed.
    pub async fn set_muted(&self, peer: &UserId, muted: bool) -> Result<(), WriteError> {
        self.set_flag(peer, Flag::Muted, muted).await
    }

    /// Marks a conversation of the list as unread, although everything in it was read, until [`Client::mark_read`] or
    /// [`Client::mark_all_read`]. The peer is not told.
    ///
    /// # Errors
    /// [`WriteError`]; then nothing was changed.
    pub async fn mark_unread(&self, peer: &UserId) -> Result<(), WriteError> {
        self.set_flag(peer, Flag::MarkedUnread, true).await
    }

    /// Marks what `peer` wrote as read, up to and including a message.
    ///
    /// # Errors
    /// [`WriteError`]; then nothing was changed.
    pub async fn mark_read(&self, peer: &UserId, up_to: &ItemKey) -> Result<(), WriteError> {
        let (peer, up_to, now) = (peer.clone(), up_to.clone(), self.inner.clock.now());
        self.compose(move |rows, changed| {
            compose::mark_read(rows, &peer, &up_to, now, changed)?;
            flags::set(rows.0, &peer, Flag::MarkedUnread, false, changed)
        })
        .await
    }

    /// Marks everything that `peer` wrote and that is here as read, without looking at it.
    ///
    /// # Errors
    /// [`WriteError`]; then nothing was changed.
    pub async fn mark_all_read(&self, peer: &UserId) -> Result<(), WriteError> {
        let (peer, now) = (peer.clone(), self.inner.clock.now());
        self.compose(move |rows, changed| {
            compose::mark_all_read(rows, &peer, now, changed)?;
            flags::set(rows.0, &peer, Flag::MarkedUnread, false, changed)
        })
        .await
    }

    async fn set_flag(&self, peer: &UserId, flag: Flag, on: bool) -> Result<(), WriteError> {
        let (store, peer) = (&self.inner.face.store, peer.clone());
        store.write(move |connection, changed| flags::set(connection, &peer, flag, on, changed)).await
    }
}
