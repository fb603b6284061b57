CREATE TABLE activity (
    n       INTEGER NOT NULL PRIMARY KEY,
    at      INTEGER NOT NULL,
    user    BLOB    NOT NULL CHECK (length(user) = 12),
    kind    TEXT    NOT NULL,
    subject BLOB    NOT NULL DEFAULT x''
) STRICT;
CREATE INDEX activity_by_user ON activity (user, n);
CREATE TABLE audit (
    n        INTEGER NOT NULL PRIMARY KEY,
    at       INTEGER NOT NULL,
    actor    BLOB    NOT NULL DEFAULT x'',
    external INTEGER NOT NULL DEFAULT 0 CHECK (external IN (0, 1)),
    action   TEXT    NOT NULL,
    subject  BLOB    NOT NULL DEFAULT x'',
    detail   TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE changes (
    user    BLOB    NOT NULL,
    seq     INTEGER NOT NULL,
    message BLOB    NOT NULL REFERENCES messages (id),
    nonce   INTEGER NOT NULL, at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (user, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE conversations (
    user         BLOB    NOT NULL REFERENCES users (id),
    peer         BLOB    NOT NULL REFERENCES users (id),
    last_sent_at INTEGER NOT NULL DEFAULT 0,
    last_message BLOB    NOT NULL DEFAULT x'',
    unread       INTEGER NOT NULL DEFAULT 0 CHECK (unread >= 0),
    PRIMARY KEY (user, peer)
) STRICT, WITHOUT ROWID;
CREATE TABLE feeds (
    user BLOB    NOT NULL PRIMARY KEY REFERENCES users (id),
    seq  INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
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
CREATE TABLE "messages" (
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
CREATE UNIQUE INDEX messages_by_key ON messages (sender, client_key) WHERE client_key <> x'';
CREATE INDEX messages_by_pair ON messages (sender, receiver, sent_at, id) WHERE deleted_at = 0;
CREATE INDEX messages_by_receiver ON messages (receiver, sent_at, id) WHERE deleted_at = 0;
CREATE INDEX messages_by_sender ON messages (sender, sent_at, id) WHERE deleted_at = 0;
CREATE INDEX messages_by_time ON messages (sent_at);
CREATE VIRTUAL TABLE messages_text
USING fts5 (content, content = '', contentless_delete = 1, detail = none,
            tokenize = 'trigram case_sensitive 1');
CREATE INDEX messages_unread ON messages (receiver, sender, sent_at, id) WHERE is_read = 0 AND deleted_at = 0;
CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE refresh_tokens (
    hash       BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    session    BLOB    NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    generation INTEGER NOT NULL DEFAULT 0,
    used       INTEGER NOT NULL DEFAULT 0 CHECK (used IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session, generation);
CREATE TABLE sessions (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    user       BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    generation INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL DEFAULT 0,
    renewed_at INTEGER NOT NULL DEFAULT 0
, user_agent TEXT NOT NULL DEFAULT '', address TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user, renewed_at);
CREATE TABLE text_index (
    through INTEGER NOT NULL
) STRICT;
CREATE TABLE users (
    id            BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 12),
    user_name     TEXT    NOT NULL,
    user_name_key TEXT    NOT NULL UNIQUE,
    email         TEXT    NOT NULL,
    email_key     TEXT    NOT NULL UNIQUE,
    first_name    TEXT    NOT NULL DEFAULT '',
    last_name     TEXT    NOT NULL DEFAULT '',
    role          TEXT    NOT NULL DEFAULT 'student' CHECK (role IN ('admin', 'coordinator', 'student')),
    avatar        TEXT    NOT NULL DEFAULT '',
    password_hash TEXT    NOT NULL DEFAULT '',
    disabled      INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
    created_at    INTEGER NOT NULL DEFAULT 0,
    updated_at    INTEGER NOT NULL DEFAULT 0
, external INTEGER NOT NULL DEFAULT 0 CHECK (external IN (0, 1)), external_at INTEGER NOT NULL DEFAULT 0, hide_presence INTEGER NOT NULL DEFAULT 0 CHECK (hide_presence IN (0, 1)), hide_receipts INTEGER NOT NULL DEFAULT 0 CHECK (hide_receipts IN (0, 1)), last_seen_at INTEGER NOT NULL DEFAULT 0) STRICT;
