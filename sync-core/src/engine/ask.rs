//! A request of the machine, made.

use crate::{
    apply::Message,
    machine::{Ask, Dialect, Failed, Reply},
    transport::{
        api::Api,
        http::{HttpError, NoAnswer},
        probe,
        token::TokenError,
    },
};

/// Makes the request. `part` is handed the parts of a list as they come, and says whether somebody still wants more.
pub(super) async fn perform<F: Future<Output = bool>>(
    api: &Api,
    ask: Ask,
    part: impl Fn(Reply) -> F,
) -> Result<Reply, Failed> {
    let outcome = match ask {
        Ask::Discover => api
            .extended()
            .await
            .map(|extended| Reply::Kind(if extended { Dialect::Extended } else { Dialect::Plain })),
        Ask::Snapshot => api.snapshot().await.map(Reply::Snapshot),
        Ask::Changes { since } => api.changes(&since).await.map(Reply::Changes),
        Ask::History { peer, before } => api.history(&peer, &before).await.map(Reply::History),
        Ask::List => api
            .list(|batch: Vec<Message>| part(Reply::Batch(batch)))
            .await
            .map(|listed| if listed.left_out == 0 { Reply::Done } else { Reply::Partly }),
        Ask::Person(id) => api.person(&id).await.map(Reply::Person),
        Ask::Send { peer, content, key } => api.send(&peer, &content, &key).await.map(Reply::Message),
        Ask::Edit { id, content } => api.edit(&id, &content).await.map(Reply::Message),
        Ask::Delete { id } => api.delete(&id).await.map(|()| Reply::Done),
        Ask::Read { peer, up_to } => api.read(&peer, &up_to).await.map(|()| Reply::Done),
        Ask::ReadOne { id } => api.read_one(&id).await.map(|()| Reply::Done),
    };
    match outcome {
        Ok(reply) => Ok(reply),
        Err(TokenError::SessionOver) => Err(Failed::SessionOver),
        Err(TokenError::Http(error)) => Err(Failed::Http(explained(api, error).await)),
    }
}

/// Tells whether it is the network or the server. A name that has no address any more is taken for the network.
async fn explained(api: &Api, error: HttpError) -> HttpError {
    match error {
        HttpError::NoAnswer { cause: NoAnswer::Other, details } if !probe::resolves(api.server()).await => {
            HttpError::NoAnswer { cause: NoAnswer::NoNetwork, details }
        }
        error => error,
    }
}
