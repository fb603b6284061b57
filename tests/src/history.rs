//! A conversation from before, as a server has it that was there for long.

use std::fmt::Write as _;

use serde_json::json;

/// When the first message was sent: 14 November 2023, in milliseconds since 1970.
pub const BEGAN_MS: usize = 1_700_000_000_000;

/// What two people have written to each other, turn by turn, all of it read.
pub struct History<'a> {
    /// Their ids; the first one begins.
    pub between: [&'a str; 2],
    /// How many messages.
    pub count: usize,
    /// How many milliseconds lie between one and the next.
    pub every_ms: usize,
    /// What each of them says, counted from 0.
    pub said: fn(usize) -> String,
}

impl History<'_> {
    /// The documents of the messages, one a line, for [`Server::import`](crate::Server::import).
    #[must_use]
    pub fn documents(&self) -> String {
        let [first, second] = self.between;
        (0..self.count).fold(String::new(), |mut lines, number| {
            let (from, to) = if number % 2 == 0 { (first, second) } else { (second, first) };
            let document = json!({
                "_id": id(number), "sender": from, "receiver": to, "content": (self.said)(number), "isRead": true,
                "sentAt": {"$date": BEGAN_MS + number * self.every_ms},
            });
            // Writing to a string does not fail.
            let _ = writeln!(lines, "{document}");
            lines
        })
    }
}

/// The id of the message with this number.
#[must_use]
pub fn id(number: usize) -> String {
    format!("60000000bcf86cd7{number:08x}")
}
