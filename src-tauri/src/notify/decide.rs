//! Whether somebody is told of a message, and in which words. Pure: what it depends on comes in.

use crate::{
    links::{Link, Place},
    settings::{Notifications, TimeOfDay},
    words::Words,
};

/// The longest text of a notification, in characters; systems show less.
const BODY_CHARS: usize = 240;
/// The longest name in a notification, in characters.
const TITLE_CHARS: usize = 80;

/// A message that has arrived.
// No `Debug`, because it holds content.
pub(super) struct Arrival {
    pub(super) peer: String,
    pub(super) name: String,
    pub(super) content: String,
    pub(super) place: Place,
    /// Whether nobody wants to be told of this conversation.
    pub(super) muted: bool,
}

/// How things stand when it arrives.
pub(super) struct Moment {
    /// The time of the day here.
    pub(super) now: TimeOfDay,
    /// Whether somebody looks at the window.
    pub(super) focused: bool,
    /// Whose conversation is open in it.
    pub(super) open: Option<String>,
    /// Whether all notifications are muted for a while.
    pub(super) muted: bool,
}

/// A notification. There is at most one of a conversation: a later one replaces it.
// No `Debug`, because it holds content.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) peer: String,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) sound: bool,
    /// Where a click leads.
    pub(crate) link: Link,
}

/// The notification for an arrival, if there is to be one.
pub(super) fn notice(
    settings: &Notifications,
    words: &Words,
    moment: &Moment,
    arrival: Arrival,
) -> Option<Notice> {
    let in_sight = moment.focused && moment.open.as_ref() == Some(&arrival.peer);
    if !settings.enabled || moment.muted || arrival.muted || in_sight || is_quiet(settings, moment.now) {
        return None;
    }
    let name = if arrival.name.trim().is_empty() { &arrival.peer } else { &arrival.name };
    let body = if settings.content { shown(&arrival.content, BODY_CHARS) } else { words.new_message.clone() };
    Some(Notice {
        title: shown(name, TITLE_CHARS),
        body,
        sound: settings.sound,
        link: Link::Open { peer: arrival.peer.clone(), message: Some(arrival.place) },
        peer: arrival.peer,
    })
}

fn is_quiet(settings: &Notifications, now: TimeOfDay) -> bool {
    settings.quiet_from.zip(settings.quiet_until).is_some_and(|(from, until)| now.is_between(from, until))
}

/// The beginning of a text, on few lines and without characters that turn what stands around it.
fn shown(text: &str, chars: usize) -> String {
    let is_plain = |c: &char| match c {
        '\n' => true,
        // Marks, embeddings, overrides and isolates of direction.
        '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => false,
        c => !c.is_control(),
    };
    let mut plain = text.trim().chars().filter(is_plain);
    let mut beginning: String = plain.by_ref().take(chars).collect();
    if plain.next().is_some() {
        beginning.push('…');
    }
    beginning
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Words {
        Words {
            open: "Open".to_owned(),
            mute: "Mute".to_owned(),
            quit: "Quit".to_owned(),
            new_message: "New message".to_owned(),
        }
    }

    fn place() -> Place {
        Place { key: "m1".to_owned(), position: "p1".to_owned() }
    }

    fn arrival() -> Arrival {
        Arrival {
            peer: "b1".to_owned(),
            name: "Ben Okoye".to_owned(),
            content: "The bus is late.".to_owned(),
            place: place(),
            muted: false,
        }
    }

    fn moment() -> Moment {
        Moment { now: TimeOfDay::new(12, 0).unwrap(), focused: false, open: None, muted: false }
    }

    fn told(settings: &Notifications, moment: &Moment, arrival: Arrival) -> Option<Notice> {
        notice(settings, &words(), moment, arrival)
    }

    #[test]
    fn it_says_who_wrote_what_and_leads_there() {
        let notice = told(&Notifications::default(), &moment(), arrival()).unwrap();
        assert_eq!(notice.peer, "b1");
        assert_eq!(notice.title, "Ben Okoye");
        assert_eq!(notice.body, "The bus is late.");
        assert!(notice.sound);
        assert_eq!(notice.link, Link::Open { peer: "b1".to_owned(), message: Some(place()) });
    }

    #[test]
    fn what_is_in_sight_needs_no_notification() {
        let open = |peer: &str, focused| Moment { open: Some(peer.to_owned()), focused, ..moment() };
        let settings = Notifications::default();
        assert!(told(&settings, &open("b1", true), arrival()).is_none());
        assert!(told(&settings, &open("b1", false), arrival()).is_some());
        assert!(told(&settings, &open("c1", true), arrival()).is_some());
        assert!(told(&settings, &Moment { focused: true, ..moment() }, arrival()).is_some());
    }

    #[test]
    fn whoever_wants_none_gets_none() {
        let off = Notifications { enabled: false, ..Notifications::default() };
        assert!(told(&off, &moment(), arrival()).is_none());
        let settings = Notifications::default();
        assert!(told(&settings, &Moment { muted: true, ..moment() }, arrival()).is_none());
        assert!(told(&settings, &moment(), Arrival { muted: true, ..arrival() }).is_none());
    }

    #[test]
    fn quiet_hours_are_quiet_and_need_both_ends() {
        let (from, until) = (TimeOfDay::new(22, 0), TimeOfDay::new(7, 0));
        let at = |hour| Moment { now: TimeOfDay::new(hour, 0).unwrap(), ..moment() };
        let quiet = Notifications { quiet_from: from, quiet_until: until, ..Notifications::default() };
        assert!(told(&quiet, &at(23), arrival()).is_none());
        assert!(told(&quiet, &at(6), arrival()).is_none());
        assert!(told(&quiet, &at(7), arrival()).is_some());
        let half = Notifications { quiet_from: from, ..Notifications::default() };
        assert!(told(&half, &at(23), arrival()).is_some());
    }

    #[test]
    fn content_is_hidden_where_it_shall_be() {
        let hidden = Notifications { content: false, sound: false, ..Notifications::default() };
        let notice = told(&hidden, &moment(), arrival()).unwrap();
        assert_eq!((&*notice.title, &*notice.body, notice.sound), ("Ben Okoye", "New message", false));
    }

    #[test]
    fn hostile_texts_are_short_and_plain() {
        let hostile = Arrival {
            name: "  ".to_owned(),
            content: format!("\u{202e}a\u{7}b\nc{}", "x".repeat(10_000)),
            ..arrival()
        };
        let notice = told(&Notifications::default(), &moment(), hostile).unwrap();
        assert_eq!(notice.title, "b1");
        assert!(notice.body.starts_with("ab\ncx"));
        assert_eq!(notice.body.chars().count(), BODY_CHARS + 1);
    }
}
