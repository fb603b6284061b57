/** Bounds that the screen shares with the contract (`protocol/src/limits.rs`). */

/** The longest content of a message, in characters (code points). */
export const CONTENT_MAX = 10_000;

/** The longest text that is kept while it is written, in characters (`sync-core/src/limits.rs`). */
export const DRAFT_MAX = 100_000;

/** The shortest password, in characters. */
export const PASSWORD_MIN = 8;

/** The shortest passphrase, in characters (`sync-core/src/limits.rs`). */
export const PASSPHRASE_MIN = 8;

/** The longest first or last name, in characters. */
export const NAME_MAX = 100;

/** The longest user name, in characters. */
export const USER_NAME_MAX = 64;

/** The longest invitation, link or code, in characters. */
export const INVITATION_MAX = 2048;

/** Unread numbers beyond this are shown as `99+`. */
export const UNREAD_SHOWN_MAX = 99;

/** How many characters of a search count (`sync-core/src/limits.rs`). */
export const QUERY_MAX = 200;

/** How many characters of a search for people count. */
export const NAME_QUERY_MAX = 100;

/** The smallest and the largest text, and the steps between them, in percent (`src-tauri/src/settings/mod.rs`). */
export const TEXT_SIZE_MIN = 80;
export const TEXT_SIZE_MAX = 200;
export const TEXT_SIZE_STEP = 10;
