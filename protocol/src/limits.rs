//! Every bound that both sides of the contract must know.

/// The longest content of a message, in characters (Unicode scalar values).
pub const CONTENT_CHARS: usize = 10_000;

/// The largest JSON body of a request, in bytes; more is answered by 413.
pub const BODY_BYTES: usize = 64 * 1024;

/// The most messages that one page of `GET /message` holds.
pub const PAGE_MAX: u32 = 1_000;

/// The most changes that one page of the feed holds.
pub const SYNC_PAGE_MAX: u32 = 1_000;

/// How many changes a page of the feed holds where the client names no `limit`.
pub const SYNC_PAGE_DEFAULT: u32 = 200;

/// The most users that one page of `GET /api/user` or one search for people answers.
pub const USERS_MAX: u32 = 100;

/// The most users that `GET /api/user/presence` is asked about at a time.
pub const PRESENCE_IDS: usize = 100;

/// The most message ids in one `delivered` event.
pub const DELIVERED_IDS: usize = 1_000;

/// How deep a search filter may nest: `{"$or":[{"$and":[{"content":…}]}]}` has depth 3.
pub const FILTER_DEPTH: usize = 4;

/// How many conditions a search filter may hold in all.
pub const FILTER_TERMS: usize = 20;

/// The most messages that one search answers.
pub const SEARCH_MAX: u32 = 1_000;

/// The longest first or last name, in characters.
pub const NAME_CHARS: usize = 100;

/// The longest user name, in characters.
pub const USER_NAME_CHARS: usize = 64;

/// The longest e-mail address, in bytes (RFC 5321).
pub const EMAIL_BYTES: usize = 254;

/// The shortest password, in characters.
pub const PASSWORD_MIN_CHARS: usize = 8;

/// The longest password, in bytes.
pub const PASSWORD_MAX_BYTES: usize = 1_024;

/// The longest address of an avatar picture, in bytes.
pub const AVATAR_BYTES: usize = 2_048;

/// For how many hours an invitation lets people in at most: 90 days.
pub const INVITE_HOURS_MAX: u64 = 90 * 24;

/// For how many hours where its maker names none: a week.
pub const INVITE_HOURS_DEFAULT: u64 = 7 * 24;

/// The most accounts that are made with one invitation.
pub const INVITE_USES_MAX: u32 = 1_000;

/// The longest note of an invitation, in characters.
pub const NOTE_CHARS: usize = 200;

/// The most invitations that one page of `GET /api/invite` holds.
pub const INVITES_MAX: u32 = 100;

/// The most entries that one page of `GET /api/activity` or `GET /api/admin/audit` holds.
pub const ENTRIES_MAX: u32 = 100;
