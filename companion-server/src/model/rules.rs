//! Who may do what to a message (C1, C5, C6, C8).
//!
//! Each rule looks at a stored message and a caller and says which change follows, if any. To anyone who does not
//! take part in it a message is not there, and neither is a deleted one to its participants; so whether an id exists
//! can't be found out from outside.

use protocol::{UserId, error, message::MessagePatch};

use super::{Change, Message, Privacy};

/// Why a caller may not do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such message for this caller (404).
    #[error("{}", error::MESSAGE_NOT_FOUND)]
    NotFound,
    /// There is, and the caller may not do that to it (403, with this text).
    #[error("{0}")]
    Forbidden(&'static str),
}

/// The change that follows; `None` where all is as asked for already.
pub type Verdict = Result<Option<Change>, Refusal>;

/// `PATCH /message`: the sender may change `content`, the receiver may set `isRead` to true. A field that the caller
/// may not change is accepted if it equals what is stored, otherwise nothing changes (C5).
///
/// # Errors
/// [`Refusal`], as above.
pub fn patch(message: &Message, caller: UserId, patch: &MessagePatch) -> Verdict {
    participant(message, caller)?;
    let content = patch.content.as_ref().filter(|content| **content != message.content);
    let read = patch.is_read.filter(|read| *read != message.is_read_to(caller));
    if caller == message.sender {
        return match (content, read) {
            (_, Some(_)) => Err(Refusal::Forbidden(error::UNAUTHORIZED_READ)),
            (content, None) => Ok(content.cloned().map(Change::Content)),
        };
    }
    match (content, read) {
        (Some(_), _) => Err(Refusal::Forbidden(error::UNAUTHORIZED_UPDATE)),
        (None, None) => Ok(None),
        (None, Some(true)) => Ok(Some(Change::Read)),
        (None, Some(false)) => Err(Refusal::Forbidden(READ_STAYS)),
    }
}

/// `PATCH /message/:id/read`: the receiver's (I5).
///
/// # Errors
/// [`Refusal`]; the sender gets the documented 403.
pub fn read(message: &Message, caller: UserId) -> Verdict {
    participant(message, caller)?;
    if caller != message.receiver {
        return Err(Refusal::Forbidden(error::UNAUTHORIZED_READ));
    }
    Ok((!message.is_read).then_some(Change::Read))
}

/// `GET /message/:id`: any participant's; the receiver's first look is remembered (C6).
///
/// # Errors
/// [`Refusal::NotFound`].
pub fn view(message: &Message, caller: UserId) -> Verdict {
    participant(message, caller)?;
    Ok((caller == message.receiver && message.seen_at.is_none()).then_some(Change::Seen))
}

/// `DELETE /message/:id`: the sender's (C8).
///
/// # Errors
/// [`Refusal`]; the receiver gets 403.
pub fn delete(message: &Message, caller: UserId) -> Verdict {
    participant(message, caller)?;
    if caller != message.sender {
        return Err(Refusal::Forbidden(error::UNAUTHORIZED_DELETE));
    }
    Ok(Some(Change::Deleted))
}

/// Extension `delivery`: what happens when a device of `user` has the message. Whatever is not theirs to confirm is
/// passed over.
#[must_use]
pub fn deliver(message: &Message, user: UserId) -> Option<Change> {
    (message.receiver == user && message.delivered_at.is_none() && message.deleted_at.is_none())
        .then_some(Change::Delivered)
}

/// Whether it is kept from the sender that the receiver reads or sees a message now: either of them can have it so.
#[must_use]
pub fn hides_receipts(sender: Privacy, receiver: Privacy) -> bool {
    sender.hide_receipts || receiver.hide_receipts
}

const READ_STAYS: &str = "A message that was read cannot become unread";

fn participant(message: &Message, caller: UserId) -> Result<(), Refusal> {
    if message.concerns(caller) && message.deleted_at.is_none() { Ok(()) } else { Err(Refusal::NotFound) }
}

#[cfg(test)]
mod tests {
    use protocol::{MessageId, ObjectId, Timestamp};

    use super::*;

    const FORBIDDEN_READ: Verdict = Err(Refusal::Forbidden(error::UNAUTHORIZED_READ));
    const FORBIDDEN_UPDATE: Verdict = Err(Refusal::Forbidden(error::UNAUTHORIZED_UPDATE));

    fn user(n: u8) -> UserId {
        UserId(ObjectId::from_bytes([n; 12]))
    }

    fn message() -> Message {
        Message {
            id: MessageId(ObjectId::from_bytes([9; 12])),
            sender: user(1),
            receiver: user(2),
            content: "hi".into(),
            is_read: false,
            sent_at: Timestamp::clamped(1),
            updated_at: Timestamp::clamped(1),
            delivered_at: None,
            seen_at: None,
            read_at: None,
            edited_at: None,
            deleted_at: None,
            key: None,
            seen_hidden: false,
            read_hidden: false,
        }
    }

    fn asked(content: Option<&str>, is_read: Option<bool>) -> MessagePatch {
        MessagePatch { id: message().id, content: content.map(Into::into), is_read }
    }

    #[test]
    fn the_sender_changes_content_and_the_receiver_marks_as_read() {
        let unread = message();
        let mut read = message();
        read.apply(&Change::Read, Timestamp::clamped(2), false);
        let content = |text: &str| Ok(Some(Change::Content(text.into())));
        for (message, caller, patch_, expected) in [
            (&unread, 1, asked(Some("new"), None), content("new")),
            (&unread, 1, asked(Some("new"), Some(false)), content("new")),
            (&read, 1, asked(Some("new"), Some(true)), content("new")),
            (&unread, 1, asked(Some("hi"), None), Ok(None)),
            (&unread, 1, asked(None, Some(true)), FORBIDDEN_READ),
            (&unread, 1, asked(Some("new"), Some(true)), FORBIDDEN_READ),
            (&unread, 2, asked(None, Some(true)), Ok(Some(Change::Read))),
            (&unread, 2, asked(Some("hi"), Some(true)), Ok(Some(Change::Read))),
            (&unread, 2, asked(Some("new"), Some(true)), FORBIDDEN_UPDATE),
            (&read, 2, asked(None, Some(true)), Ok(None)),
            (&read, 2, asked(None, Some(false)), Err(Refusal::Forbidden(READ_STAYS))),
            (&unread, 3, asked(Some("new"), None), Err(Refusal::NotFound)),
        ] {
            assert_eq!(patch(message, user(caller), &patch_), expected, "{caller} {patch_:?}");
        }
    }

    #[test]
    fn each_rule_tells_sender_receiver_and_outsider_apart() {
        let message = message();
        let callers = [user(1), user(2), user(3)];
        let forbidden_delete = Err(Refusal::Forbidden(error::UNAUTHORIZED_DELETE));
        assert_eq!(
            callers.map(|caller| read(&message, caller)),
            [FORBIDDEN_READ, Ok(Some(Change::Read)), Err(Refusal::NotFound)]
        );
        assert_eq!(
            callers.map(|caller| view(&message, caller)),
            [Ok(None), Ok(Some(Change::Seen)), Err(Refusal::NotFound)]
        );
        assert_eq!(
            callers.map(|caller| delete(&message, caller)),
            [Ok(Some(Change::Deleted)), forbidden_delete, Err(Refusal::NotFound)]
        );
        assert_eq!(callers.map(|caller| deliver(&message, caller)), [None, Some(Change::Delivered), None]);
    }

    #[test]
    fn nothing_can_be_done_to_a_deleted_message() {
        let mut message = message();
        message.apply(&Change::Deleted, Timestamp::clamped(2), false);
        assert!(message.content.is_empty());
        for caller in [user(1), user(2), user(3)] {
            assert_eq!(view(&message, caller), Err(Refusal::NotFound));
            assert_eq!(read(&message, caller), Err(Refusal::NotFound));
            assert_eq!(delete(&message, caller), Err(Refusal::NotFound));
            assert_eq!(patch(&message, caller, &asked(Some("x"), None)), Err(Refusal::NotFound));
            assert_eq!(deliver(&message, caller), None);
        }
    }

    #[test]
    fn a_hidden_read_changes_nothing_that_the_sender_is_told() {
        let (sender, receiver) = (user(1), user(2));
        let before = message();
        let mut hidden = before.clone();
        hidden.apply(&Change::Seen, Timestamp::clamped(2), true);
        hidden.apply(&Change::Read, Timestamp::clamped(3), true);
        assert_eq!(hidden.to_wire(sender), before.to_wire(sender));
        let told = hidden.to_wire(receiver);
        assert!(told.is_read);
        let times = [told.seen_at, told.read_at, told.updated_at];
        assert_eq!(times.map(|time| time.map(Timestamp::millis)), [Some(2), Some(3), Some(3)]);
        // What the sender may say of it is what the sender is told of it.
        assert_eq!(patch(&hidden, sender, &asked(None, Some(true))), FORBIDDEN_READ);
        assert_eq!(patch(&hidden, sender, &asked(None, Some(false))), Ok(None));
        assert_eq!(read(&hidden, receiver), Ok(None));
    }

    #[test]
    fn what_the_sender_was_told_once_stays_told() {
        let mut message = message();
        message.apply(&Change::Seen, Timestamp::clamped(2), false);
        message.apply(&Change::Read, Timestamp::clamped(3), true);
        let told = message.to_wire(user(1));
        assert_eq!((told.is_read, told.seen_at.map(Timestamp::millis)), (false, Some(2)));
    }

    #[test]
    fn either_side_can_have_receipts_hidden() {
        let privacy = |hide_receipts| Privacy { hide_receipts, ..Privacy::default() };
        for (sender, receiver) in [(false, false), (true, false), (false, true), (true, true)] {
            assert_eq!(hides_receipts(privacy(sender), privacy(receiver)), sender || receiver);
        }
    }

    #[test]
    fn what_was_read_or_seen_once_keeps_its_first_time() {
        let mut message = message();
        message.apply(&Change::Delivered, Timestamp::clamped(2), false);
        message.apply(&Change::Seen, Timestamp::clamped(3), false);
        message.apply(&Change::Read, Timestamp::clamped(4), false);
        message.apply(&Change::Seen, Timestamp::clamped(5), false);
        let times = [message.delivered_at, message.seen_at, message.read_at];
        assert_eq!(times.map(|time| time.map(Timestamp::millis)), [Some(2), Some(3), Some(4)]);
    }
}
