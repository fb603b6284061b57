//! Telling readers what to read anew.

use tokio::sync::broadcast;

use crate::domain::Update;

/// Says what changed from now on, for it to be read. So nothing is lost by a reader that is slow: it is told
/// [`Update::Everything`] in place of what it missed.
pub struct Updates {
    receiver: broadcast::Receiver<Update>,
}

impl Updates {
    pub(crate) const fn new(receiver: broadcast::Receiver<Update>) -> Self {
        Self { receiver }
    }

    /// The next change; `None` when the client is gone. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Update> {
        match self.receiver.recv().await {
            Ok(update) => Some(update),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Update::Everything),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_slow_reader_is_told_to_read_everything() {
        let (sender, receiver) = broadcast::channel(2);
        let mut updates = Updates::new(receiver);
        for _ in 0..5 {
            sender.send(Update::People).unwrap();
        }
        assert_eq!(updates.next().await, Some(Update::Everything));
        assert_eq!(updates.next().await, Some(Update::People));
        drop(sender);
        assert_eq!(updates.next().await, Some(Update::People));
        assert_eq!(updates.next().await, None);
    }
}
