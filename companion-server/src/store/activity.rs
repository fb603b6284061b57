//! Activity. What changes something is kept in the transaction of the change, by the store itself; the rest is handed
//! in here.

use protocol::UserId;

use super::StoreError;
use crate::model::activity::{Activity, Kept};

/// Keeps who did what kind of thing when.
#[async_trait::async_trait]
pub trait ActivityStore: Send + Sync {
    /// Keeps what was done without changing anything.
    ///
    /// # Errors
    /// Where the store fails.
    async fn note(&self, done: Vec<Activity>) -> Result<(), StoreError>;

    /// Up to `limit` things that a user did before this one, newest first.
    ///
    /// # Errors
    /// Where the store fails.
    async fn activity(&self, user: UserId, before: Option<i64>, limit: u32) -> Result<Vec<Kept>, StoreError>;
}
