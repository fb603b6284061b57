//! Every bound of the engine, in one place.

use std::time::Duration;

use protocol::sync::extension;

/// What a server must offer, by the names that it announces.
pub const REQUIRED_EXTENSIONS: [&str; 5] = [
    extension::SYNC,
    extension::IDEMPOTENCY,
    extension::BULK_READ,
    extension::ACCOUNTS,
    extension::HEARTBEAT,
];

/// The most messages in one page of a timeline.
pub const TIMELINE_PAGE: u32 = 500;
/// The most conversations in the list.
pub const CONVERSATIONS: u32 = 10_000;
/// The most people that one search answers.
pub const PEOPLE: u32 = 100;
/// The longest preview of a message in the conversation list, in characters.
pub const PREVIEW_CHARS: usize = 200;

/// The most hits in one page of a search.
pub const SEARCH_PAGE: u32 = 100;
/// How many characters of a query count.
pub const SEARCH_CHARS: usize = 200;
/// The longest part of a message that is shown with a hit, in characters.
pub const SNIPPET_CHARS: usize = 160;

/// The longest text that is kept while it is being written, in characters. What can be sent is shorter; a text that
/// was pasted can be cut down.
pub const DRAFT_CHARS: usize = 100_000;
/// The most conversations in which something is being written.
pub const DRAFTS: u32 = 1_000;

/// The most operations that may wait to be sent.
pub const OUTBOX_ROWS: u32 = 10_000;
/// How many operations are under way at once; within a conversation it is one.
pub const PARALLEL_OPERATIONS: usize = 4;

/// How many changes one request to the feed asks for.
pub const FEED_PAGE: u32 = 200;
/// How many messages one request for history asks for.
pub const HISTORY_PAGE: u32 = 100;
/// How many conversations that somebody looks at wait for their history; older wishes are forgotten.
pub const WANTED_HISTORIES: usize = 16;
/// How long a page of history waits for deliveries at most, so that an outbox that never empties does not starve it.
pub const FILL_PATIENCE: Duration = Duration::from_secs(5);

/// How many messages of a plain server's list are stored at once.
pub const LIST_BATCH: usize = 500;
/// The shortest time between two lists of a plain server.
pub const LIST_PAUSE: Duration = Duration::from_secs(2);
/// How many times as long as reading the last list took nothing is asked, up to [`POLL_WITH_HINTS`].
pub const LIST_SHARE: u32 = 10;
/// How many complete lists in a row must lack a message before it counts as gone.
pub const ABSENCES: u32 = 2;
/// Where more than one in so many messages vanish at once, none of them counts as deleted.
pub const VANISHING_SHARE: usize = 5;

/// How many people that nothing is known of are asked for after one catching up.
pub const UNKNOWN_PEOPLE: u32 = 20;

/// The largest answer that is read, in bytes: a page of [`FEED_PAGE`] messages of
/// [`protocol::limits::CONTENT_CHARS`] characters, each written as `\u0000`, fits.
pub const ANSWER_BYTES: usize = 16 * 1024 * 1024;
/// The largest answer that is read where one message, up to [`PEOPLE`] people, a session or a few words are expected, in
/// bytes.
pub const SMALL_ANSWER_BYTES: usize = 512 * 1024;
/// How much is read of an answer that is not a success, in bytes.
pub const REFUSAL_BYTES: usize = 16 * 1024;
/// The most header lines of an answer.
pub const HEADERS: usize = 100;
/// The most entries of any list on a page; a page with more is not read.
pub const PAGE_ENTRIES: usize = 2_000;
/// The most messages of a plain server's list, which has no pages.
pub const LIST_ENTRIES: u64 = 1_000_000;
/// The longest list of a plain server, in bytes.
pub const LIST_BYTES: usize = 1024 * 1024 * 1024;
/// The longest entry of that list, in bytes; a longer one is left out.
pub const LIST_ENTRY_BYTES: usize = 1024 * 1024;
/// How long reading that list may take.
pub const LIST_TIME: Duration = Duration::from_mins(30);
/// The longest id or key that is taken from a server, in bytes.
pub const ID_BYTES: usize = 128;
/// The longest cursor that is taken from a server, in bytes.
pub const CURSOR_BYTES: usize = 4_096;
/// The longest reason of a refusal that is kept, in characters.
pub const REASON_CHARS: usize = 300;
/// The longest token that is taken from a server, in bytes.
pub const TOKEN_BYTES: usize = 8_192;

/// The longest name of a program, or network address, of one of the account's devices, in characters.
pub const PROGRAM_CHARS: usize = 200;
/// The longest link of an invitation, in bytes.
pub const LINK_BYTES: usize = 2_048;
/// How many messages are read and written at once for an export.
pub const EXPORT_PAGE: u32 = 200;

/// The largest certificate that can be trusted explicitly, in bytes.
pub const CERTIFICATE_BYTES: usize = 64 * 1024;
/// How many names of a certificate are shown.
pub const CERTIFICATE_NAMES: usize = 5;

/// How long opening a connection may take.
pub const CONNECT_TIME: Duration = Duration::from_secs(10);
/// How long a request may go without a byte of an answer.
pub const SILENCE: Duration = Duration::from_secs(15);
/// How long a whole request may take: long enough for a full page over a slow line.
pub const REQUEST_TIME: Duration = Duration::from_mins(5);
/// How long a probe of an address may take for each way that it tries.
pub const PROBE_TIME: Duration = Duration::from_secs(10);
/// From how far on people are told that this device's clock is off.
pub const CLOCK_SKEW: Duration = Duration::from_mins(2);
/// The largest picture of somebody that is read, in bytes.
pub const PICTURE_BYTES: usize = 512 * 1_024;
/// The widest and the highest that is drawn, in pixels.
pub const PICTURE_SIDE_MAX: u32 = 4_096;
/// What drawing one may take of memory, in bytes.
pub const PICTURE_MEMORY: u64 = 96 * 1_024 * 1_024;
/// How wide and how high it is shown, in pixels.
pub const PICTURE_SIDE: u32 = 128;
/// How long fetching one may take.
pub const PICTURE_TIME: Duration = Duration::from_secs(20);
/// How many are kept in memory.
pub const PICTURES: usize = 500;
/// How long an answer may take that tells what time it is.
pub const CLOCK_LOOK: Duration = Duration::from_secs(20);
/// How long telling the server of a sign-out may take.
pub const SIGN_OUT_TIME: Duration = Duration::from_secs(5);
/// How long closing waits for somebody who signs in or out. A sign-in is cut short, so this is for a sign-out: with
/// [`SIGN_OUT_TIME`] for the server there is a second left to store it, and to remove messages if it is to.
pub const CLOSE_TIME: Duration = Duration::from_secs(6);
/// The longest `Retry-After` that is obeyed.
pub const RETRY_AFTER_MAX: Duration = Duration::from_mins(15);

/// How long a socket may take from the first byte until its namespace is joined.
pub const SOCKET_TIME: Duration = Duration::from_secs(15);
/// How often the socket is asked whether it lives; silent for as long again, it is dead.
pub const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often it is looked whether the socket was closed without a word.
pub const SOCKET_LOOK: Duration = Duration::from_secs(1);
/// How long a socket waits between telling of two batches of delivered messages.
pub const DELIVERED_PAUSE: Duration = Duration::from_secs(1);
/// The largest event that a socket may bring, counted as its bytes of text and 32 for each value in it. A larger one
/// ends the session. This comes after the fact: the library that reads sockets connects with its own dependency's default,
/// messages of up to 64 MiB, offers no way to set it, and parses a message before anybody sees it. So for a moment a
/// hostile server can cost what the worst of such messages becomes, 2.3 GiB. It is one message at a time.
pub const EVENT_BYTES: usize = 1024 * 1024;
/// How many signals of the socket wait for the engine. More are dropped: they are hints.
pub const SOCKET_SIGNALS: usize = 64;

/// How long somebody is writing after having said so (extension `typing`).
pub const TYPING_LAPSE: Duration = Duration::from_secs(6);
/// The shortest time between two words of one's own writing to the same person.
pub const TYPING_PAUSE: Duration = Duration::from_secs(3);
/// To how many people one can be writing at a time.
pub const TYPING_TO: usize = 8;
/// How many people who are writing are remembered.
pub const WRITERS: usize = 100;
/// Of how many people it is remembered whether they are there.
pub const PRESENCES: usize = 10_000;
/// How long what is known of others is shown while there is no socket, and the server answers.
pub const COMPANY_GRACE: Duration = Duration::from_secs(10);
/// How many words of one's own writing wait for the engine; more are dropped.
pub const TYPING_WORDS: usize = 4;
/// The most names of extensions that are taken from a server, and the longest one, in bytes.
pub const EXTENSIONS: usize = 64;

/// How often the feed is asked while a socket gives hints, before jitter: events can be lost.
pub const POLL_WITH_HINTS: Duration = Duration::from_secs(45);
/// How often the feed is asked while there is no socket, before jitter.
pub const POLL_WITHOUT_HINTS: Duration = Duration::from_secs(10);

/// The bound of the wait after a first failure.
pub const BACKOFF_FIRST: Duration = Duration::from_secs(1);
/// The bound that it doubles up to while the server cannot be reached: people wait for that.
pub const BACKOFF_UNREACHABLE: Duration = Duration::from_secs(15);
/// The bound that it doubles up to while the server answers, and does not do what was asked.
pub const BACKOFF_FAILING: Duration = Duration::from_mins(1);
/// The shortest wait after a failure.
pub const BACKOFF_SHORTEST: Duration = Duration::from_millis(250);

/// How many updates wait for a reader before it is told [`crate::Update::Everything`].
pub const UPDATES: usize = 256;
/// How many reads of the store run at once.
pub const READERS: usize = 4;
/// How many answers of the server wait to be stored.
pub const ANSWERS: usize = 8;
/// The shortest passphrase that may protect a profile, in characters.
pub const PASSPHRASE_CHARS_MIN: usize = 8;
/// The longest one, in bytes.
pub const PASSPHRASE_BYTES: usize = 1_024;
/// The memory that deriving a key from a passphrase takes, in KiB: the second choice of RFC 9106.
pub const PASSPHRASE_MEMORY_KIB: u32 = 64 * 1_024;
/// How often that goes through its memory.
pub const PASSPHRASE_PASSES: u32 = 3;
/// The most memory that a profile may say it takes.
pub const PASSPHRASE_MEMORY_KIB_MAX: u32 = 1_024 * 1_024;
/// The most passes that a profile may say it takes.
pub const PASSPHRASE_PASSES_MAX: u32 = 64;
/// The longest `profile.json` that is read, in bytes.
pub const MANIFEST_BYTES: u64 = 64 * 1_024;
/// How many damaged databases are kept beside the new one; the oldest go.
pub const DAMAGED_KEPT: usize = 3;
/// How often one may start over from a profile that cannot be opened before what was put aside has to go.
pub const LOCKED_KEPT: u32 = 100;
/// The largest database that is checked whole after an end without closing, in bytes; what is damaged in a larger one
/// shows when it is read.
pub const CHECKED_BYTES: u64 = 64 * 1_024 * 1_024;
/// The largest row that is salvaged from a damaged database, in bytes.
pub const SALVAGED_ROW_BYTES: usize = 1_024 * 1_024;
/// The most profiles of one list.
pub const PROFILES: usize = 100;

/// How long opening a profile waits for another program to let go of it.
pub const LOCK_TIME: Duration = Duration::from_secs(3);
/// How long it rests between two looks.
pub const LOCK_PAUSE: Duration = Duration::from_millis(50);
/// How long a statement waits for another connection's lock.
pub const BUSY_TIME: Duration = Duration::from_secs(10);
