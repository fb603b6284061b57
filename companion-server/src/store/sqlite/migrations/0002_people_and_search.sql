-- Invitations, privacy, devices, activity and its audit, search by substring, and an age for each change.

-- A message gets a number of its own: the implicit row id may change when a database is written anew, as by
-- `VACUUM INTO`, and the text index refers to it. The rest is as it was, but for what is hidden.
CREATE TABLE new_messages (
    n              INTEGER NOT NULL PRIMARY KEY,
    id             BLOB    NOT NULL UNIQUE CHECK (length(id) = 12),
    sender         BLOB    NOT NULL REFERENCES users (id),
    receiver       BLOB    NOT NULL REFERENCES users (id),
    content        TEXT    NOT NULL DEFAULT '',
    is_read        INTEGER NOT NULL DEFAULT 0 CHECK (is_read IN (0, 1)),
    sent_at        INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    delivered_at   INTEGER NOT NULL DEFAULT 0,
    seen_at        INTEGER NOT NULL DEFAULT 0,
    read_at        INTEGER NOT NULL DEFAULT 0,
    edited_at      INTEGER NOT NULL DEFAULT 0,
    deleted_at     INTEGER NOT NULL DEFAULT 0,
    -- Whether it is kept from the sender that the message was seen, and that it was read.
    seen_hidden    INTEGER NOT NULL DEFAULT 0 CHECK (seen_hidden IN (0, 1)),
    read_hidden    INTEGER NOT NULL DEFAULT 0 CHECK (read_hidden IN (0, 1)),
    client_key     BLOB    NOT NULL DEFAULT x'',
    body_hash      BLOB    NOT NULL DEFAULT x'',
    CHECK (sender <> receiver)
) STRICT;

INSERT INTO new_messages (id, sender, receiver, content, is_read, sent_at, updated_at, delivered_at, seen_at, read_at,
                          edited_at, deleted_at, client_key, body_hash)
SELECT id, sender, receiver, content, is_read, sent_at, updated_at, delivered_at, seen_at, read_at,
       edited_at, deleted_at, client_key, body_hash
FROM messages ORDER BY sent_at, id;

DROP TABLE messages;
ALTER TABLE new_messages RENAME TO messages;

CREATE UNIQUE INDEX messages_by_key ON messages (sender, client_key) WHERE client_key <> x'';
CREATE INDEX messages_by_sender ON messages (sender, sent_at, id) WHERE deleted_at = 0;
CREATE INDEX messages_by_receiver ON messages (receiver, sent_at, id) WHERE deleted_at = 0;
CREATE INDEX messages_by_pair ON messages (sender, receiver, sent_at, id) WHERE deleted_at = 0;
-- The newest time that was given out: `sentAt` never goes back, also across a restart.
CREATE INDEX messages_by_time ON messages (sent_at);
CREATE INDEX messages_unread ON messages (receiver, sender, sent_at, id) WHERE is_read = 0 AND deleted_at = 0;

-- The messages' lower-cased text by trigrams. It holds no text, only which messages (`n`) have which trigrams; what
-- it finds is checked against the text itself. Messages are added in bulk, which costs half as much as one by one and
-- nothing to whoever sends; those that are newer than `through` are not in it yet, and are looked at themselves.
CREATE VIRTUAL TABLE messages_text
USING fts5 (content, content = '', contentless_delete = 1, detail = none,
            tokenize = 'trigram case_sensitive 1');

CREATE TABLE text_index (
    through INTEGER NOT NULL
) STRICT;

INSERT INTO text_index (through) VALUES (0);

-- When a position was given out, so that those older than the retention can go.
ALTER TABLE changes ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
UPDATE changes SET at = unixepoch() * 1000;

-- `external`: known by the tokens of another system, without a password here. `external_at`: such a token is followed if
-- it was made after this.
ALTER TABLE users ADD COLUMN external INTEGER NOT NULL DEFAULT 0 CHECK (external IN (0, 1));
ALTER TABLE users ADD COLUMN external_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN hide_presence INTEGER NOT NULL DEFAULT 0 CHECK (hide_presence IN (0, 1));
ALTER TABLE users ADD COLUMN hide_receipts INTEGER NOT NULL DEFAULT 0 CHECK (hide_receipts IN (0, 1));
ALTER TABLE users ADD COLUMN last_seen_at INTEGER NOT NULL DEFAULT 0;

-- What a user recognizes a session by: the program and the address that began or last renewed it.
ALTER TABLE sessions ADD COLUMN user_agent TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';

-- Invitations. The code itself is never stored. `created_by` is empty for the command line's.
CREATE TABLE invites (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 12),
    code_hash  BLOB    NOT NULL UNIQUE CHECK (length(code_hash) = 32),
    role       TEXT    NOT NULL CHECK (role IN ('admin', 'coordinator', 'student')),
    note       TEXT    NOT NULL DEFAULT '',
    created_by BLOB    NOT NULL DEFAULT x'',
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    uses       INTEGER NOT NULL DEFAULT 0,
    max_uses   INTEGER NOT NULL DEFAULT 1 CHECK (max_uses >= 1),
    revoked_at INTEGER NOT NULL DEFAULT 0,
    -- The one that `serve` makes while there is no administrator, and that is good for as long.
    bootstrap  INTEGER NOT NULL DEFAULT 0 CHECK (bootstrap IN (0, 1))
) STRICT;

CREATE INDEX invites_by_creator ON invites (created_by, id);

-- Who did what kind of thing when; never any content. `subject` is the message or user that it was done to.
CREATE TABLE activity (
    n       INTEGER NOT NULL PRIMARY KEY,
    at      INTEGER NOT NULL,
    user    BLOB    NOT NULL CHECK (length(user) = 12),
    kind    TEXT    NOT NULL,
    subject BLOB    NOT NULL DEFAULT x''
) STRICT;

CREATE INDEX activity_by_user ON activity (user, n);

-- What administrators did to others. `actor` is empty for the command line, and where a token of another system
-- (`external`) was followed.
CREATE TABLE audit (
    n        INTEGER NOT NULL PRIMARY KEY,
    at       INTEGER NOT NULL,
    actor    BLOB    NOT NULL DEFAULT x'',
    external INTEGER NOT NULL DEFAULT 0 CHECK (external IN (0, 1)),
    action   TEXT    NOT NULL,
    subject  BLOB    NOT NULL DEFAULT x'',
    detail   TEXT    NOT NULL DEFAULT ''
) STRICT;
