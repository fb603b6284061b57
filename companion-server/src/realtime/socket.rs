//! How a socket gets in: it shows its token, and is put into its own user's room.

use std::{
    fmt,
    sync::{Arc, atomic::AtomicU32},
};

use axum::http::header;
use protocol::error;
use serde::Deserialize;
use serde_json::Value;
use socketioxide::extract::{SocketRef, TryData};
use tokio::sync::Semaphore;

use super::{
    Live, Setup,
    doorway::{Doorway, permit_of},
    events::{self, DELIVERIES, Speaker},
    presence::People,
    typing::Writers,
    watch::Register,
};
use crate::{
    auth::{AuthError, Identity, bearer},
    limits::{Kind, Who},
};

/// Lets sockets in.
#[derive(Clone)]
pub(super) struct Lobby(Arc<Inner>);

pub(super) struct Inner {
    pub(super) setup: Setup,
    pub(super) among: Among,
}

/// What sockets meet once they are in.
pub(super) struct Among {
    pub(super) register: Register,
    pub(super) doorway: Doorway,
    pub(super) people: People,
    pub(super) writers: Writers,
    pub(super) live: Live,
}

/// Why a socket is refused; its text is the `message` of the client's `connect_error`.
#[derive(Debug)]
pub(super) struct Refused(&'static str);

const TOO_MANY: &str = "Too many connections";

#[derive(Deserialize)]
struct Auth {
    token: Option<String>,
}

impl Lobby {
    pub(super) fn new(setup: Setup, among: Among) -> Self {
        Self(Arc::new(Inner { setup, among }))
    }

    /// Runs before the socket is connected: whatever it may do is set up here, so that nothing it sends first and no
    /// event that is sent to it first is lost.
    pub(super) async fn admit(self, socket: SocketRef, auth: TryData<Value>) -> Result<(), Refused> {
        if permit_of(&socket).is_some_and(|permit| !permit.tries()) {
            Doorway::hang_up(&socket);
            return Err(Refused(TOO_MANY));
        }
        let identity = match token(&socket, auth) {
            Some(token) => Some(self.identify(&token).await?),
            None if self.0.setup.legacy => None,
            None => return Err(Refused(error::AUTHENTICATION_REQUIRED)),
        };
        match identity {
            Some(identity) => self.welcome(&socket, identity)?,
            None => events::listen_as_legacy(&socket, self.speaker(address(&socket))),
        }
        if let Some(permit) = permit_of(&socket) {
            permit.admit();
        }
        Ok(())
    }

    /// Runs once the socket is connected.
    pub(super) fn connected(&self, socket: &SocketRef) {
        if let Some(identity) = socket.extensions.get::<Arc<Identity>>() {
            self.0.among.register.add(socket.id, &identity);
        }
    }

    async fn identify(&self, token: &str) -> Result<Identity, Refused> {
        self.0.setup.authenticator.identify(token).await.map_err(|error| match error {
            AuthError::Missing => Refused(error::AUTHENTICATION_REQUIRED),
            AuthError::Invalid => Refused(error::INVALID_TOKEN),
            AuthError::Expired => Refused(error::TOKEN_EXPIRED),
            AuthError::Store(error) => {
                tracing::error!(%error, "a socket's token could not be checked");
                Refused(error::INTERNAL)
            }
        })
    }

    fn welcome(&self, socket: &SocketRef, identity: Identity) -> Result<(), Refused> {
        let user = identity.account.id;
        let Among { doorway, people, .. } = &self.0.among;
        self.0.setup.limits.take(Kind::Socket, Who::User(user)).map_err(|_| Refused(TOO_MANY))?;
        let place = people.enter(user, doorway.per_user()).ok_or(Refused(TOO_MANY))?;
        if !permit_of(socket).is_none_or(|permit| permit.belongs_to(identity.session)) {
            return Err(Refused(error::INVALID_TOKEN));
        }
        socket.extensions.insert(Arc::new(place));
        socket.extensions.insert(Arc::new(identity));
        events::listen(socket, self.speaker(Who::User(user)), user);
        socket.join(user.to_string());
        Ok(())
    }

    fn speaker(&self, who: Who) -> Arc<Speaker> {
        Arc::new(Speaker {
            lobby: Arc::clone(&self.0),
            who,
            strikes: AtomicU32::new(0),
            turns: Semaphore::new(DELIVERIES),
        })
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The token of the handshake: `auth.token`, or an `Authorization` header.
fn token(socket: &SocketRef, TryData(auth): TryData<Value>) -> Option<String> {
    let auth = auth.ok().and_then(|auth| serde_json::from_value::<Auth>(auth).ok());
    let token = auth.and_then(|auth| auth.token).filter(|token| !token.is_empty());
    // Some clients put the header's whole value there.
    let token = token.map(|token| bearer(&token).map(str::to_owned).unwrap_or(token));
    token.or_else(|| {
        let header = socket.req_parts().headers.get(header::AUTHORIZATION)?;
        bearer(header.to_str().ok()?).map(str::to_owned)
    })
}

fn address(socket: &SocketRef) -> Who {
    Who::at(crate::rest::address(&socket.req_parts().extensions))
}
