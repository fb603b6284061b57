//! What acts for the [`Company`]: it hears the socket, says what there is to say, and asks the server who is there.
//!
//! [`Company`]: crate::company::Company

use protocol::sync::extension;

use crate::{
    domain::{Presence, UserId},
    machine::{Heard, Input, SocketId},
    transport::{
        socket::{Say, Signal},
        token::TokenError,
    },
};

use super::{Driver, Engine};

impl Engine {
    /// Somebody writes to this person, or not any more.
    pub(crate) fn typing(&self, peer: &UserId, is_typing: bool) {
        if self.api.offers(extension::TYPING)
            && let Some(word) = self.inbox.company().typing(peer, is_typing, self.inbox.began.elapsed())
        {
            // What finds no room lapses, or is said again.
            let _ = self.words.try_send(word);
        }
    }

    /// Who is writing to this account.
    pub(crate) fn writing(&self) -> Vec<UserId> {
        self.inbox.company().writing()
    }

    /// What is known of these people; of whom nothing is, the server is asked.
    pub(crate) fn presence(&self, people: &[UserId]) -> Vec<Presence> {
        let known = self.inbox.company().presence(people);
        self.inbox.looked_at_people.notify_one();
        known
    }

    /// This account's user hides or shows from now on, and with that others hide from or show to them.
    pub(crate) fn ask_presence_anew(&self) {
        self.inbox.company().ask_anew();
        self.inbox.looked_at_people.notify_one();
    }
}

impl Driver {
    /// What a socket says: some of it is the company's, and all of it a sign of life.
    pub(super) async fn heard(&mut self, id: SocketId, signal: Signal) {
        let now = self.inbox.began.elapsed();
        let heard = match signal {
            Signal::Joined => {
                self.inbox.company().joined();
                Heard::Joined
            }
            Signal::Alive { news: true } => Heard::News,
            Signal::Alive { news: false } => Heard::Alive,
            Signal::Person(person) => Heard::Person(person),
            // A sign of life follows.
            Signal::Typing { peer, is_typing } => {
                let news = self.inbox.company().heard_typing(peer, is_typing, now);
                return self.announce(news);
            }
            Signal::Presence(presence) => {
                let news = self.inbox.company().heard_presence(presence);
                return self.announce(news);
            }
            Signal::Ended => {
                self.part();
                Heard::Ended
            }
        };
        self.step(Input::Socket(id, heard)).await;
    }

    /// There is no socket any more.
    pub(super) fn part(&mut self) {
        self.socket = None;
        let updates = self.inbox.company().parted(self.inbox.began.elapsed());
        self.announce(updates);
    }

    pub(super) fn say(&self, word: Say) {
        if let Some((_, Some(session))) = &self.socket {
            session.say(word);
        }
    }

    /// Asks the server about whomever somebody looked at.
    pub(super) fn ask_presence(&mut self) {
        if !self.machine.reachable() || !self.api.offers(extension::PRESENCE) {
            return;
        }
        loop {
            let asked = self.inbox.company().ask();
            if asked.is_empty() {
                return;
            }
            let (api, present) = (self.api.clone(), self.present.clone());
            self.asks.spawn(async move {
                let outcome = api.presence(&asked).await;
                // Nobody is there any more only when everything is being stopped.
                let _ = present.send((asked, outcome)).await;
            });
        }
    }

    pub(super) fn learn(&self, asked: &[UserId], outcome: Result<Vec<Presence>, TokenError>) {
        match outcome {
            Ok(answer) => {
                let news = self.inbox.company().answered(asked, answer);
                self.announce(news);
            }
            Err(error) => {
                tracing::debug!(%error, "the server did not say who is there");
                self.inbox.company().unanswered(asked);
            }
        }
    }
}
