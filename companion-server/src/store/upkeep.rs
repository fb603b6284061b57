//! What the store clears away as it grows old, so that it does not grow for ever.

use super::StoreError;

/// How long is kept what need not be kept for ever. Messages and tombstones are (I2, I6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// For how many days a feed can be followed from where a reader stood; afterwards its cursor is answered by 410.
    pub feed_days: u32,
    /// For how many days it is kept what users did.
    pub activity_days: u32,
    /// For how many days it is kept what administrators did.
    pub audit_days: u32,
}

/// How much was cleared away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cleared {
    /// Positions of feeds.
    pub feed_positions: u64,
    /// Entries of what users did.
    pub activities: u64,
    /// Entries of what administrators did.
    pub audit_entries: u64,
    /// Sessions that were over.
    pub sessions: u64,
    /// Invitations that were over for a month.
    pub invites: u64,
}

/// Clears away.
#[async_trait::async_trait]
pub trait Upkeep: Send + Sync {
    /// Removes what is older than its retention, in small transactions between which others write.
    ///
    /// A feed loses its oldest positions, all but the newest of those that are too old: so the cursor of an idle user
    /// stays good, a cursor from before the gap is answered by [`FeedError::Expired`], and none ever skips a change.
    ///
    /// # Errors
    /// Where the store fails; what was removed until then stays removed.
    ///
    /// [`FeedError::Expired`]: super::FeedError::Expired
    async fn clear_away(&self, retention: Retention) -> Result<Cleared, StoreError>;

    /// Adds some of the newest messages to the index of texts, where enough of them wait; says whether it did.
    /// Searches are exact with or without it.
    ///
    /// # Errors
    /// Where the store fails.
    async fn index_texts(&self) -> Result<bool, StoreError>;
}

impl Default for Retention {
    fn default() -> Self {
        Self { feed_days: 90, activity_days: 90, audit_days: 400 }
    }
}

impl Cleared {
    /// Whether there was anything to clear away.
    #[must_use]
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }
}
