-- The first schema: one profile, one account, its messages, and what waits to be sent.
-- Times are milliseconds since 1970, truth values 0 or 1. A released migration is never changed.

-- The profile itself.
CREATE TABLE profile (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    -- Under which name the keyring holds this profile's tokens; random, so that two profiles never share one.
    secret_name TEXT NOT NULL
) STRICT;

-- Whose messages these are. The row stays after signing out where the messages are kept.
CREATE TABLE account (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    user_id     TEXT NOT NULL,
    user_name   TEXT NOT NULL,
    server      TEXT NOT NULL,
    server_name TEXT NOT NULL,
    session     TEXT NOT NULL CHECK (session IN ('signed_in', 'expired', 'signed_out'))
) STRICT;

-- How far the feed was followed. Written in the transaction of the changes that the cursor covers (I7).
CREATE TABLE feed (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    -- NULL asks for a snapshot.
    cursor     TEXT,
    -- Counts snapshots. What an older generation wrote may be out of date, and back-fill overwrites it.
    generation INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO feed (id, cursor, generation) VALUES (1, NULL, 0);

CREATE TABLE person (
    id         TEXT PRIMARY KEY,
    first_name TEXT NOT NULL,
    last_name  TEXT NOT NULL,
    role       TEXT,
    avatar     TEXT
) STRICT, WITHOUT ROWID;

-- What the server has taken. A deleted message stays as a tombstone without its content (I6).
CREATE TABLE message (
    id           TEXT PRIMARY KEY,
    peer         TEXT NOT NULL,
    mine         INTEGER NOT NULL,
    content      TEXT NOT NULL,
    sent_at      INTEGER NOT NULL,
    is_read      INTEGER NOT NULL,
    edited_at    INTEGER,
    delivered_at INTEGER,
    seen_at      INTEGER,
    read_at      INTEGER,
    deleted_at   INTEGER,
    -- The key that one of this account's devices sent it with.
    client_key   TEXT,
    -- The newest position in the feed that this row reflects, within its generation.
    seq          INTEGER NOT NULL DEFAULT 0,
    generation   INTEGER NOT NULL
) STRICT;
-- A conversation in its order, which is the server's (I3).
CREATE INDEX message_in_order ON message (peer, sent_at, id);
CREATE UNIQUE INDEX message_by_key ON message (client_key) WHERE client_key IS NOT NULL;
-- Unread counts, and where the unread begin.
CREATE INDEX message_unread ON message (peer, sent_at, id)
    WHERE mine = 0 AND is_read = 0 AND deleted_at IS NULL;

CREATE TABLE conversation (
    peer            TEXT PRIMARY KEY,
    -- The oldest place from which on this device has every message; NULL where that is the beginning.
    -- Older rows may be there already, with gaps between them, and are not shown.
    floor_at        INTEGER,
    floor_id        TEXT,
    -- Back-fill, newest first: the message before which to go on, and whether there is nothing left.
    fill_before     TEXT,
    fill_done       INTEGER NOT NULL DEFAULT 1,
    -- Unread messages that the server counted and this device does not have yet.
    unread_unfilled INTEGER NOT NULL DEFAULT 0,
    -- Everything of the peer's up to here was read on this device.
    read_at         INTEGER,
    read_id         TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX conversation_to_fill ON conversation (peer) WHERE fill_done = 0;

-- What waits to be sent, first in, first out. A row leaves only in the transaction that stores its confirmation,
-- or by the user's decision (I8).
CREATE TABLE outbox (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    kind       TEXT NOT NULL CHECK (kind IN ('send', 'edit', 'delete', 'read')),
    peer       TEXT NOT NULL,
    -- The message's key: of a send its own, otherwise that of the message to change or to read up to.
    target     TEXT NOT NULL,
    content    TEXT NOT NULL DEFAULT '',
    state      TEXT NOT NULL CHECK (state IN ('queued', 'in_flight', 'unknown', 'refused')),
    -- How often it was tried, counted before each try.
    attempts   INTEGER NOT NULL DEFAULT 0,
    reason     TEXT,
    written_at INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_by_peer ON outbox (peer, seq);
-- A message has one send, and at most one change of each kind that waits.
CREATE UNIQUE INDEX outbox_by_target ON outbox (target, kind) WHERE kind <> 'read';
