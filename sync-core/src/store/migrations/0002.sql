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
-- What the server calls this history, where it has said.
ALTER TABLE feed ADD COLUMN name TEXT;
-- The first generation of this history.
ALTER TABLE feed ADD COLUMN history_began INTEGER NOT NULL DEFAULT 0;

-- The number of the newest message here when it was first tried; what it made has a higher one.
ALTER TABLE outbox ADD COLUMN after INTEGER NOT NULL DEFAULT 0;
CREATE INDEX outbox_reads ON outbox (peer, seq) WHERE kind = 'read';
-- What can be tried, conversation by conversation, and what of each comes first: finding it costs as much with ten
-- thousand rows as with one.
DROP INDEX outbox_by_peer;
CREATE INDEX outbox_waiting ON outbox (peer) WHERE state IN ('queued', 'unknown');
CREATE INDEX outbox_sends ON outbox (peer, seq) WHERE kind = 'send';
CREATE INDEX outbox_refused ON outbox (peer, seq) WHERE kind = 'send' AND state = 'refused';
CREATE INDEX outbox_changes ON outbox (peer, seq) WHERE kind <> 'send';
-- What is under way, and what has to be looked for on a server that knows no keys.
CREATE INDEX outbox_in_flight ON outbox (seq) WHERE state = 'in_flight';
CREATE INDEX outbox_unknown ON outbox (seq) WHERE kind = 'send' AND state = 'unknown';

-- The certificate that the user trusts for this server alone, in DER.
ALTER TABLE account ADD COLUMN trusted_certificate BLOB;

-- What is being written, one text a conversation.
CREATE TABLE draft (
    peer       TEXT PRIMARY KEY,
    content    TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What the user thinks of a conversation, on this device alone. A row without a flag is removed.
CREATE TABLE flags (
    peer          TEXT PRIMARY KEY,
    pinned        INTEGER NOT NULL CHECK (pinned IN (0, 1)),
    muted         INTEGER NOT NULL CHECK (muted IN (0, 1)),
    -- The user wants to come back to it, although everything was read.
    marked_unread INTEGER NOT NULL CHECK (marked_unread IN (0, 1))
) STRICT, WITHOUT ROWID;

-- What the conversation list shows of each conversation's messages. The triggers keep it, in the transaction of whatever
-- changes a message, so that no writer can forget it.
CREATE TABLE summary (
    peer      TEXT PRIMARY KEY,
    -- How many messages are here, deleted and lost ones among them.
    messages  INTEGER NOT NULL DEFAULT 0,
    -- How many of the peer's are unread.
    unread    INTEGER NOT NULL DEFAULT 0,
    -- The newest message by place, which never changes; whatever became of it, the timeline shows it too.
    newest    INTEGER,
    newest_at INTEGER,
    newest_id TEXT
) STRICT, WITHOUT ROWID;
INSERT INTO summary (peer, messages, unread)
    SELECT peer, count(*), sum(mine = 0 AND is_read = 0 AND deleted_at IS NULL AND lost = 0) FROM message GROUP BY peer;
UPDATE summary SET (newest, newest_at, newest_id) =
    (SELECT number, sent_at, id FROM message
     WHERE message.peer = summary.peer ORDER BY sent_at DESC, id DESC LIMIT 1);

CREATE TRIGGER summary_of_new AFTER INSERT ON message BEGIN
    INSERT INTO summary (peer, messages, unread)
        VALUES (new.peer, 1, new.mine = 0 AND new.is_read = 0 AND new.deleted_at IS NULL AND new.lost = 0)
        ON CONFLICT (peer) DO UPDATE SET messages = messages + 1, unread = unread + excluded.unread;
    UPDATE summary SET newest = new.number, newest_at = new.sent_at, newest_id = new.id
        WHERE peer = new.peer AND (newest IS NULL OR (new.sent_at, new.id) > (newest_at, newest_id));
END;
CREATE TRIGGER summary_of_change AFTER UPDATE OF mine, is_read, deleted_at, lost ON message
WHEN (old.mine, old.is_read, old.deleted_at IS NULL, old.lost)
     IS NOT (new.mine, new.is_read, new.deleted_at IS NULL, new.lost) BEGIN
    UPDATE summary
        SET unread = unread + (new.mine = 0 AND new.is_read = 0 AND new.deleted_at IS NULL AND new.lost = 0)
                            - (old.mine = 0 AND old.is_read = 0 AND old.deleted_at IS NULL AND old.lost = 0)
        WHERE peer = new.peer;
END;
CREATE TRIGGER summary_of_gone AFTER DELETE ON message BEGIN
    UPDATE summary SET messages = messages - 1,
        unread = unread - (old.mine = 0 AND old.is_read = 0 AND old.deleted_at IS NULL AND old.lost = 0)
        WHERE peer = old.peer;
    UPDATE summary SET (newest, newest_at, newest_id) =
        (SELECT number, sent_at, id FROM message
         WHERE peer = old.peer ORDER BY sent_at DESC, id DESC LIMIT 1)
        WHERE peer = old.peer AND newest = old.number;
    DELETE FROM summary WHERE peer = old.peer AND messages = 0;
END;

-- Where each message with a text stands in the index: the index answers in the order of its rows, and this order is
-- that of time, so that the newest hits of a common word are found without looking at the others.
CREATE TABLE text_place (
    -- sent_at * 32768, and a number among the messages of that millisecond. What a millisecond has above 32,768 messages
    -- is not found.
    place  INTEGER PRIMARY KEY,
    number INTEGER NOT NULL
) STRICT;
CREATE VIEW message_in_text AS
    SELECT place, content, hex(peer) AS peer FROM text_place JOIN message USING (number);
-- What messages say, without accents and case. The peer is one word, so that a person's hits are found like any other.
CREATE VIRTUAL TABLE message_text USING fts5 (
    content, peer, content = 'message_in_text', content_rowid = 'place',
    tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
-- What is deleted must not stay readable in the index.
INSERT INTO message_text (message_text, rank) VALUES ('secure-delete', 1);
INSERT INTO text_place (place, number)
    SELECT sent_at * 32768 + nth, number
    FROM (SELECT number, sent_at, row_number() OVER (PARTITION BY sent_at ORDER BY id) - 1 AS nth
          FROM message WHERE content <> '' AND deleted_at IS NULL)
    WHERE nth < 32768;
INSERT INTO message_text (rowid, content, peer) SELECT place, content, peer FROM message_in_text ORDER BY place;

CREATE TRIGGER text_of_new AFTER INSERT ON message WHEN new.content <> '' AND new.deleted_at IS NULL BEGIN
    INSERT INTO text_place (place, number)
        SELECT next, new.number
        FROM (SELECT ifnull(max(place) + 1, new.sent_at * 32768) AS next FROM text_place
              WHERE place BETWEEN new.sent_at * 32768 AND new.sent_at * 32768 + 32767)
        WHERE next <= new.sent_at * 32768 + 32767;
    INSERT INTO message_text (rowid, content, peer)
        SELECT place, new.content, hex(new.peer) FROM text_place
        WHERE place BETWEEN new.sent_at * 32768 AND new.sent_at * 32768 + 32767 AND number = new.number;
END;
CREATE TRIGGER text_of_change AFTER UPDATE OF content, deleted_at, sent_at ON message
WHEN (old.content, old.deleted_at IS NULL, old.sent_at) IS NOT (new.content, new.deleted_at IS NULL, new.sent_at) BEGIN
    INSERT INTO message_text (message_text, rowid, content, peer)
        SELECT 'delete', place, old.content, hex(old.peer) FROM text_place
        WHERE place BETWEEN old.sent_at * 32768 AND old.sent_at * 32768 + 32767 AND number = old.number;
    DELETE FROM text_place
        WHERE place BETWEEN old.sent_at * 32768 AND old.sent_at * 32768 + 32767 AND number = old.number;
    INSERT INTO text_place (place, number)
        SELECT next, new.number
        FROM (SELECT ifnull(max(place) + 1, new.sent_at * 32768) AS next FROM text_place
              WHERE place BETWEEN new.sent_at * 32768 AND new.sent_at * 32768 + 32767)
        WHERE next <= new.sent_at * 32768 + 32767 AND new.content <> '' AND new.deleted_at IS NULL;
    INSERT INTO message_text (rowid, content, peer)
        SELECT place, new.content, hex(new.peer) FROM text_place
        WHERE place BETWEEN new.sent_at * 32768 AND new.sent_at * 32768 + 32767 AND number = new.number;
END;
CREATE TRIGGER text_of_gone AFTER DELETE ON message BEGIN
    INSERT INTO message_text (message_text, rowid, content, peer)
        SELECT 'delete', place, old.content, hex(old.peer) FROM text_place
        WHERE place BETWEEN old.sent_at * 32768 AND old.sent_at * 32768 + 32767 AND number = old.number;
    DELETE FROM text_place
        WHERE place BETWEEN old.sent_at * 32768 AND old.sent_at * 32768 + 32767 AND number = old.number;
END;

-- What waits to be sent, and new contents that wait, in the same way.
CREATE VIRTUAL TABLE outbox_text USING fts5 (
    content, content = 'outbox', content_rowid = 'seq', tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
INSERT INTO outbox_text (outbox_text, rank) VALUES ('secure-delete', 1);
INSERT INTO outbox_text (rowid, content) SELECT seq, content FROM outbox WHERE kind IN ('send', 'edit') ORDER BY seq;
CREATE TRIGGER outbox_text_of_new AFTER INSERT ON outbox WHEN new.kind IN ('send', 'edit') BEGIN
    INSERT INTO outbox_text (rowid, content) VALUES (new.seq, new.content);
END;
CREATE TRIGGER outbox_text_of_change AFTER UPDATE OF content ON outbox
WHEN new.kind IN ('send', 'edit') AND old.content <> new.content BEGIN
    INSERT INTO outbox_text (outbox_text, rowid, content) VALUES ('delete', old.seq, old.content);
    INSERT INTO outbox_text (rowid, content) VALUES (new.seq, new.content);
END;
CREATE TRIGGER outbox_text_of_gone AFTER DELETE ON outbox WHEN old.kind IN ('send', 'edit') BEGIN
    INSERT INTO outbox_text (outbox_text, rowid, content) VALUES ('delete', old.seq, old.content);
END;
-- The name in the keyring has to be known before the database is opened; it is in the manifest beside it.
DROP TABLE profile;
