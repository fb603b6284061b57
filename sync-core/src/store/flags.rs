//! What the user thinks of a conversation: pinned, muted, marked as unread. It is this device's alone; no server knows
//! of it.

use rusqlite::{Connection, params};

use crate::{domain::UserId, error::WriteError};

use super::{Changed, account};

/// One of the flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flag {
    /// It stands above the others.
    Pinned,
    /// It tells nobody of its messages.
    Muted,
    /// The user wants to come back to it.
    MarkedUnread,
}

impl Flag {
    const fn column(self) -> &'static str {
        match self {
            Self::Pinned => "pinned",
            Self::Muted => "muted",
            Self::MarkedUnread => "marked_unread",
        }
    }
}

/// Sets a flag, or takes it away. Where there is no such conversation in the list, nothing happens: so there are no more
/// flags than conversations.
pub(crate) fn set(
    connection: &Connection,
    peer: &UserId,
    flag: Flag,
    on: bool,
    changed: &mut Changed,
) -> Result<(), WriteError> {
    if account::session(connection)?.account().is_none() {
        return Err(WriteError::SignedOut);
    }
    if on {
        connection
            .prepare_cached(
                "INSERT OR IGNORE INTO flags (peer, pinned, muted, marked_unread) SELECT ?1, 0, 0, 0
                 WHERE EXISTS (SELECT 1 FROM conversation WHERE peer = ?1)
                    OR EXISTS (SELECT 1 FROM draft WHERE peer = ?1)",
            )?
            .execute([peer.as_str()])?;
    }
    let column = flag.column();
    let news = connection
        .prepare_cached(&format!("UPDATE flags SET {column} = ?2 WHERE peer = ?1 AND {column} <> ?2"))?
        .execute(params![peer.as_str(), on])?;
    if news > 0 {
        connection
            .prepare_cached("DELETE FROM flags WHERE peer = ?1 AND pinned + muted + marked_unread = 0")?
            .execute([peer.as_str()])?;
        changed.conversations();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use protocol::Timestamp;

    use super::*;
    use crate::{
        machine::fixture::{Device, ben, from_ben},
        store::{drafts, summaries},
    };

    fn flag(device: &Device, peer: &UserId, flag: Flag, on: bool) {
        device.change(|db| set(db, peer, flag, on, &mut Changed::default()).unwrap());
    }

    /// Ben's three unread messages, and drafts to two others.
    fn device() -> Device {
        let device = Device::new();
        device.snapshot(from_ben(10), 3, "c1");
        device.change(|db| {
            for peer in ["cleo", "dan"] {
                let peer = UserId::from(peer);
                drafts::set(db, &peer, "x", Timestamp::clamped(5), &mut Changed::default()).unwrap();
            }
        });
        device
    }

    fn names(device: &Device) -> Vec<String> {
        summaries::list(&device.db()).unwrap().into_iter().map(|line| line.peer.id.0).collect()
    }

    #[test]
    fn pinned_conversations_stand_above_newer_ones() {
        let device = device();
        assert_eq!(names(&device), ["ben", "cleo", "dan"]);
        flag(&device, &"dan".into(), Flag::Pinned, true);
        assert_eq!(names(&device), ["dan", "ben", "cleo"]);
        flag(&device, &ben(), Flag::Pinned, true);
        assert_eq!(names(&device), ["ben", "dan", "cleo"]);
        flag(&device, &ben(), Flag::Pinned, false);
        flag(&device, &"dan".into(), Flag::Pinned, false);
        assert_eq!(names(&device), ["ben", "cleo", "dan"]);
        let rows: i64 = device.db().query_row("SELECT count(*) FROM flags", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 0, "a row without a flag goes");
    }

    #[test]
    fn the_badge_counts_what_is_not_muted_and_a_mark_as_one() {
        let (device, unread) = (device(), |device: &Device| summaries::unread(&device.db()).unwrap());
        assert_eq!(unread(&device), 3);
        flag(&device, &"cleo".into(), Flag::MarkedUnread, true);
        flag(&device, &ben(), Flag::MarkedUnread, true);
        assert_eq!(unread(&device), 4, "a mark adds nothing where messages are unread");
        flag(&device, &ben(), Flag::Muted, true);
        assert_eq!(unread(&device), 1);
        let list = summaries::list(&device.db()).unwrap();
        assert_eq!(
            (list[0].unread, list[0].muted, list[0].marked_unread, list[0].pinned),
            (3, true, true, false)
        );
        flag(&device, &"cleo".into(), Flag::MarkedUnread, false);
        assert_eq!(unread(&device), 0);
    }

    #[test]
    fn only_a_conversation_of_the_list_has_flags_and_only_news_is_told() {
        let device = device();
        let told = |peer: &str| {
            let mut changed = Changed::default();
            device.change(|db| set(db, &peer.into(), Flag::Muted, true, &mut changed).unwrap());
            changed.has_conversations()
        };
        assert_eq!([told("nobody"), told("ben"), told("ben")], [false, true, false]);
        let rows: i64 = device.db().query_row("SELECT count(*) FROM flags", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 1);
    }
}
