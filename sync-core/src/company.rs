//! Who is there and who is writing (extensions `presence` and `typing`), of one session and in memory alone: none of it
//! outlives its moment.
//!
//! ```text
//!   apart ──the socket is in its room──► together ──the socket is over──► parting ──GRACE, or no server──► apart
//!                                            ▲                              │
//!                                            └──────────another socket──────┘
//! ```
//!
//! Together, events tell what changes, and the server is asked once about everybody whom somebody looks at. Apart,
//! nothing is known of anybody. A socket that comes back within [`limits::COMPANY_GRACE`] does not let people blink.
//!
//! Pure: it is told the time that has passed, and answers what is to be announced or said.

use std::{
    collections::{BTreeSet, HashMap},
    mem,
    time::Duration,
};

use crate::{
    domain::{Presence, Update, UserId},
    limits,
    transport::socket::Say,
};

/// See the module.
#[derive(Default)]
pub(crate) struct Company {
    state: State,
    /// Until when each of those who are writing is.
    writing: HashMap<UserId, Duration>,
    /// To whom this account's user is writing, and when the server was last told.
    told: HashMap<UserId, Duration>,
    presence: HashMap<UserId, Presence>,
    /// At whom somebody looked,
    looked_at: BTreeSet<UserId>,
    /// whom of these the server is still to be asked about,
    wanted: BTreeSet<UserId>,
    /// and whom it is being asked about, with nothing heard of them since.
    asked: BTreeSet<UserId>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Apart,
    Together,
    /// What is known of others holds until then.
    Parting(Duration),
}

impl Company {
    /// The socket is in its room: from here on it is told who comes and goes, so everybody is asked about anew.
    pub(crate) fn joined(&mut self) {
        self.state = State::Together;
        self.ask_anew();
    }

    /// The socket is over. Who was writing may have stopped.
    pub(crate) fn parted(&mut self, now: Duration) -> Vec<Update> {
        if self.state == State::Together {
            self.state = State::Parting(now + limits::COMPANY_GRACE);
        }
        self.told.clear();
        let writing = mem::take(&mut self.writing);
        writing.into_keys().map(|peer| Update::Typing { peer, is_typing: false }).collect()
    }

    /// Nothing is known any more: the server cannot be reached, or the session ends.
    pub(crate) fn forget(&mut self) -> Vec<Update> {
        let mut updates = self.parted(Duration::ZERO);
        if !mem::take(&mut self.presence).is_empty() {
            updates.push(Update::Presence);
        }
        self.state = State::Apart;
        updates
    }

    /// When [`Company::lapse`] is due.
    pub(crate) fn wake_at(&self) -> Option<Duration> {
        let parting = match self.state {
            State::Parting(until) => Some(until),
            State::Apart | State::Together => None,
        };
        self.writing.values().copied().chain(parting).min()
    }

    /// What was not said again for too long is over.
    pub(crate) fn lapse(&mut self, now: Duration) -> Vec<Update> {
        if matches!(self.state, State::Parting(until) if until <= now) {
            return self.forget();
        }
        let over = self.writing.extract_if(|_, until| *until <= now);
        over.map(|(peer, _)| Update::Typing { peer, is_typing: false }).collect()
    }

    /// The server tells that somebody is writing to this account, or not any more.
    pub(crate) fn heard_typing(&mut self, peer: UserId, is_typing: bool, now: Duration) -> Option<Update> {
        if is_typing {
            let until = now + limits::TYPING_LAPSE;
            if self.writing.len() >= limits::WRITERS && !self.writing.contains_key(&peer) {
                return None;
            }
            let news = self.writing.insert(peer.clone(), until).is_none();
            news.then_some(Update::Typing { peer, is_typing })
        } else {
            self.writing.remove(&peer).map(|_| Update::Typing { peer, is_typing })
        }
    }

    /// Who is writing, by id.
    pub(crate) fn writing(&self) -> Vec<UserId> {
        let mut writing: Vec<UserId> = self.writing.keys().cloned().collect();
        writing.sort();
        writing
    }

    /// This account's user is writing to somebody, or not any more: what the server is to be told.
    pub(crate) fn typing(&mut self, peer: &UserId, is_typing: bool, now: Duration) -> Option<Say> {
        if self.state != State::Together {
            return None;
        }
        // What has lapsed at the server needs no end.
        self.told.retain(|_, at| now < *at + limits::TYPING_LAPSE);
        if is_typing {
            let recent = self.told.get(peer).is_some_and(|at| now < *at + limits::TYPING_PAUSE);
            if recent || (self.told.len() >= limits::TYPING_TO && !self.told.contains_key(peer)) {
                return None;
            }
            self.told.insert(peer.clone(), now);
        } else {
            self.told.remove(peer)?;
        }
        Some(Say::Typing { peer: peer.clone(), is_typing })
    }

    /// The server tells whether somebody is there. What it is being asked about them may be older.
    pub(crate) fn heard_presence(&mut self, presence: Presence) -> Option<Update> {
        self.asked.remove(&presence.id);
        self.learn(presence).then_some(Update::Presence)
    }

    /// Says whether it is news.
    fn learn(&mut self, presence: Presence) -> bool {
        let full = self.presence.len() >= limits::PRESENCES && !self.presence.contains_key(&presence.id);
        if self.state != State::Together || full {
            return false;
        }
        let news = self.presence.get(&presence.id) != Some(&presence);
        self.presence.insert(presence.id.clone(), presence);
        news
    }

    /// What is known of these people. The server is asked about those of whom it was not asked yet.
    pub(crate) fn presence(&mut self, people: &[UserId]) -> Vec<Presence> {
        for person in people {
            if self.looked_at.len() < limits::PRESENCES && self.looked_at.insert(person.clone()) {
                self.wanted.insert(person.clone());
            }
        }
        people.iter().filter_map(|person| self.presence.get(person).cloned()).collect()
    }

    /// There are conversations with these people now, and with that the server tells whether they are there: of who
    /// came before the first message it told nobody.
    pub(crate) fn met(&mut self, people: &[UserId]) {
        let unknown = |person: &&UserId| !self.presence.contains_key(*person);
        let wanted = people.iter().filter(unknown).filter(|person| self.looked_at.contains(*person));
        self.wanted.extend(wanted.cloned());
    }

    /// Everything that is known may be out of date, as after this account's user began to hide, or to show.
    pub(crate) fn ask_anew(&mut self) {
        self.asked.clear();
        self.wanted = self.looked_at.clone();
    }

    /// Whom to ask the server about now, at most as many as one request takes. Of whom it is being asked, it is asked
    /// again only after its answer: that may be from before what happened since.
    pub(crate) fn ask(&mut self) -> Vec<UserId> {
        if self.state != State::Together {
            return Vec::new();
        }
        let wanted = self.wanted.difference(&self.asked);
        let ask: Vec<_> = wanted.take(protocol::limits::PRESENCE_IDS).cloned().collect();
        for person in &ask {
            self.wanted.remove(person);
            self.asked.insert(person.clone());
        }
        ask
    }

    /// What the server answered of those it was asked about. Whoever it leaves out, it tells nothing of.
    pub(crate) fn answered(&mut self, asked: &[UserId], answer: Vec<Presence>) -> Option<Update> {
        if self.state != State::Together {
            return None;
        }
        let mut news = false;
        let mut answer: HashMap<UserId, Presence> =
            answer.into_iter().map(|one| (one.id.clone(), one)).collect();
        for person in asked.iter().filter(|person| self.asked.remove(*person)).collect::<Vec<_>>() {
            news |= match answer.remove(person) {
                Some(presence) => self.learn(presence),
                None => self.presence.remove(person).is_some(),
            };
        }
        news.then_some(Update::Presence)
    }

    /// The server did not answer. Whoever looks at them again lets it be asked again.
    pub(crate) fn unanswered(&mut self, asked: &[UserId]) {
        for person in asked {
            if self.asked.remove(person) {
                self.looked_at.remove(person);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn there(id: &str, online: bool) -> Presence {
        Presence { id: id.into(), online, last_seen_at: None }
    }

    fn typing(peer: &str, is_typing: bool) -> Update {
        Update::Typing { peer: peer.into(), is_typing }
    }

    fn together() -> Company {
        let mut company = Company::default();
        company.joined();
        company
    }

    #[test]
    fn who_writes_does_so_until_they_stop_or_say_nothing_for_too_long() {
        let mut company = together();
        assert_eq!(company.heard_typing("ben".into(), true, seconds(1)), Some(typing("ben", true)));
        assert_eq!(company.heard_typing("ben".into(), true, seconds(4)), None, "that is known");
        assert_eq!(company.heard_typing("cleo".into(), true, seconds(5)), Some(typing("cleo", true)));
        assert_eq!(company.writing(), ["ben".into(), "cleo".into()]);
        assert_eq!(company.heard_typing("cleo".into(), false, seconds(6)), Some(typing("cleo", false)));
        assert_eq!(company.heard_typing("cleo".into(), false, seconds(6)), None);
        assert_eq!(company.wake_at(), Some(seconds(10)));
        assert_eq!(company.lapse(seconds(9)), []);
        assert_eq!(company.lapse(seconds(10)), [typing("ben", false)]);
        assert_eq!((company.writing(), company.wake_at()), (vec![], None));
    }

    #[test]
    fn a_server_that_invents_writers_and_people_costs_no_more_than_the_bounds() {
        let mut company = together();
        for n in 0..limits::WRITERS + 10 {
            company.heard_typing(UserId(format!("{n}")), true, seconds(0));
        }
        assert_eq!(company.writing().len(), limits::WRITERS);
        for n in 0..limits::PRESENCES + 10 {
            company.heard_presence(there(&n.to_string(), true));
            company.presence(&[UserId(format!("{n}"))]);
        }
        assert_eq!(company.presence.len(), limits::PRESENCES);
        assert_eq!(company.wanted.len(), limits::PRESENCES);
    }

    #[test]
    fn ones_own_typing_is_told_now_and_then_and_its_end_once() {
        let (mut company, ben) = (together(), UserId::from("ben"));
        let say = |is_typing| Some(Say::Typing { peer: "ben".into(), is_typing });
        assert_eq!(company.typing(&ben, false, seconds(0)), None, "nobody was told that it began");
        assert_eq!(company.typing(&ben, true, seconds(0)), say(true));
        assert_eq!(company.typing(&ben, true, seconds(2)), None);
        assert_eq!(company.typing(&ben, true, seconds(3)), say(true));
        assert_eq!(company.typing(&ben, false, seconds(4)), say(false));
        assert_eq!(company.typing(&ben, false, seconds(4)), None);
        assert_eq!(company.typing(&ben, true, seconds(4)), say(true), "it begins anew");
        assert_eq!(company.typing(&ben, false, seconds(10)), None, "it has lapsed");
        company.parted(seconds(11));
        assert_eq!(company.typing(&ben, true, seconds(11)), None, "nobody hears it");
    }

    #[test]
    fn together_everybody_is_asked_about_once_and_events_tell_the_rest() {
        let mut company = together();
        let (ben, cleo) = (UserId::from("ben"), UserId::from("cleo"));
        assert_eq!(company.presence(&[ben.clone(), cleo.clone()]), []);
        let asked = company.ask();
        assert_eq!(asked, [ben.clone(), cleo.clone()]);
        assert_eq!(company.ask(), []);
        let answer = vec![there("ben", true), there("eve", true)];
        assert_eq!(company.answered(&asked, answer), Some(Update::Presence));
        assert_eq!(company.presence(&[ben.clone(), cleo.clone()]), [there("ben", true)]);
        assert_eq!(company.presence(&["eve".into()]), [], "of her it was not asked");
        assert_eq!(company.heard_presence(there("ben", true)), None);
        assert_eq!(company.ask(), ["eve".into()]);
        company.unanswered(&["eve".into()]);
        company.presence(&["eve".into()]);
        assert_eq!(company.ask(), ["eve".into()]);
        company.ask_anew();
        let asked = company.ask();
        assert_eq!(asked, [ben.clone(), cleo.clone(), "eve".into()]);
        assert_eq!(company.heard_presence(there("cleo", true)), Some(Update::Presence));
        assert_eq!(company.answered(&asked, vec![there("cleo", false)]), Some(Update::Presence));
        assert_eq!(
            company.presence(&[ben, cleo]),
            [there("cleo", true)],
            "he hides by now, and she came since"
        );
    }

    #[test]
    fn who_was_there_before_the_first_message_is_asked_about_once_there_is_one() {
        let mut company = together();
        let ben = ["ben".into()];
        company.presence(&ben);
        company.met(&["eve".into()]);
        let asked = company.ask();
        assert_eq!(asked, ben, "nobody looks at Eve");
        company.met(&ben);
        assert_eq!(company.ask(), [], "what it answers may be from before");
        assert_eq!(company.answered(&asked, vec![]), None);
        assert_eq!(company.ask(), ben);
        assert_eq!(company.answered(&ben, vec![there("ben", true)]), Some(Update::Presence));
        company.met(&ben);
        assert_eq!(company.ask(), [], "events tell the rest");
    }

    #[test]
    fn together_to_parting_to_together_without_a_blink_and_to_apart() {
        let mut company = together();
        company.presence(&["ben".into()]);
        company.ask();
        company.heard_presence(there("ben", true));
        company.heard_typing("ben".into(), true, seconds(1));
        assert_eq!(company.parted(seconds(2)), [typing("ben", false)]);
        assert_eq!(company.presence(&["ben".into()]), [there("ben", true)]);
        company.presence(&["cleo".into()]);
        assert_eq!(company.ask(), [], "nobody would tell what happens then");
        company.joined();
        assert_eq!(company.wake_at(), None);
        assert_eq!(company.ask(), ["ben".into(), "cleo".into()], "he is asked about anew");
        company.parted(seconds(3));
        assert_eq!(company.wake_at(), Some(seconds(3) + limits::COMPANY_GRACE));
        assert_eq!(company.lapse(seconds(3)), []);
        assert_eq!(company.lapse(seconds(3) + limits::COMPANY_GRACE), [Update::Presence]);
        assert_eq!(company.presence(&["ben".into()]), []);
        assert_eq!(company.heard_presence(there("ben", true)), None, "a socket that is over says nothing");
    }
}
