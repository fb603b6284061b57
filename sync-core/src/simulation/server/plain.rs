//! What a server of the published document alone has instead of a feed: the list of everything.

use crate::machine::Reply;

use super::{LIST_BATCH, Server};

impl Server {
    /// `GET /message`, in the parts in which it arrives.
    pub(super) fn list(&self, caller: usize) -> Vec<Reply> {
        let all = self.data.messages.iter().filter(|kept| kept.concerns(caller) && kept.is_live());
        let mut all = all.map(|kept| self.told(caller, kept)).peekable();
        let mut replies = Vec::new();
        while all.peek().is_some() {
            replies.push(Reply::Batch(all.by_ref().take(LIST_BATCH).collect()));
        }
        replies.push(Reply::Done);
        replies
    }
}
