//! What a server of the published document alone has instead of a feed: the list of everything.

use crate::machine::Reply;

use super::{LIST_BATCH, Server};

impl Server {
    /// `GET /message`, in the parts in which it arrives.
    pub(super) fn list(&self, caller: usize) -> Vec<Reply> {
        let all: Vec<_> = self
            .data
            .messages
            .iter()
            .filter(|kept| kept.concerns(caller) && kept.is_live())
            .map(|kept| self.told(caller, kept))
            .collect();
        let mut replies: Vec<_> = all.chunks(LIST_BATCH).map(|part| Reply::Batch(part.to_vec())).collect();
        replies.push(Reply::Done);
        replies
    }
}
