-- Plain documented servers, servers that were restored, drafts, search and the summaries of the conversation list.

-- Messages get a number of their own: the order in which this device learnt of them, and what the index of their
-- texts points to.
CREATE TABLE message_2 (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT NOT NULL UNIQUE,
    peer         TEXT NOT NULL,
    mine         INTEGER NOT NULL,
    content      TEXT NOT NULL,
    sent_at      INTEGER NOT NULL,
    is_read      INTEGER NOT NULL,
    -- Whether the server last told it as read. Where this device knows better, the server is still to be told.
    told_read    INTEGER NOT NULL,
    edited_at    INTEGER,
    delivered_at INTEGER,
    seen_at      INTEGER,
    read_at      INTEGER,
    deleted_at   INTEGER,
    -- The key that one of this account's devices sent it with.
    client_key   TEXT,
    -- The newest position in the feed that this row reflects, within its generation.
    seq          INTEGER NOT NULL DEFAULT 0,
    generation   INTEGER NOT NULL,
    -- How many complete lists of a plain server in a row did not name it.
    absences     INTEGER NOT NULL DEFAULT 0,
    -- The server no longer has it, and never said that it was deleted.
    lost         INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO message_2 (number, id, peer, mine, content, sent_at, is_read, told_read, edited_at, delivered_at, seen_at,
                       read_at, deleted_at, client_key, seq, generation)
    SELECT rowid, id, peer, mine, content, sent_at, is_read, is_read, edited_at, delivered_at, seen_at,
           read_at, deleted_at, client_key, seq, generation FROM message ORDER BY rowid;
DROP TABLE message;
ALTER TABLE message_2 RENAME TO message;

-- A conversation in its order, which is the server's (I3).
CREATE INDEX message_in_order ON message (peer, sent_at, id);
CREATE UNIQUE INDEX message_by_key ON message (client_key) WHERE client_key IS NOT NULL;
-- Unread counts, and where the unread begin.
CREATE INDEX message_unread ON message (peer, sent_at, id)
    WHERE mine = 0 AND is_read = 0 AND deleted_at IS NULL AND lost = 0;
-- What was read here and the server does not know to be.
CREATE INDEX message_untold_read ON message (peer, sent_at, id)
    WHERE mine = 0 AND is_read = 1 AND told_read = 0 AND deleted_at IS NULL AND lost = 0;
-- What the sender may still be told to be here.
CREATE INDEX message_undelivered ON message (number)
    WHERE mine = 0 AND is_read = 0 AND delivered_at IS NULL AND deleted_at IS NULL AND lost = 0;
-- What a send of unknown outcome may have made on a server that knows no keys.
CREATE INDEX message_unclaimed ON message (peer, number)
    WHERE mine = 1 AND client_key IS NULL AND deleted_at IS NULL AND lost = 0;
-- What no snapshot or list has told for a while.
CREATE INDEX message_by_generation ON message (peer, generation) WHERE deleted_at IS NULL AND lost = 0;

ALTER TABLE feed ADD COLUMN history INTEGER NOT NULL DEFAULT 0;
-- The first generation of this history.
ALTER TABLE feed ADD COLUMN history_began INTEGER NOT NULL DEFAULT 0;

-- The number of the newest message here when it was first tried; what it made has a higher one.
ALTER TABLE outbox ADD COLUMN after INTEGER NOT NULL DEFAULT 0;
CREATE INDEX outbox_reads ON outbox (peer, seq) WHERE kind = 'read';

-- The certificate that the user trusts for this server alone, in DER.
ALTER TABLE account ADD COLUMN trusted_certificate BLOB;

-- What is being written, one text a conversation.
CREATE TABLE draft (
    peer       TEXT PRIMARY KEY,
    content    TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
