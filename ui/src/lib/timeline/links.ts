/**
 * Finds the web and mail addresses in a text.
 *
 * Only `http`, `https` and `mailto` open, only as a whole address that the browser's own parser takes, and never one
 * that names another host than it seems to (`https://school.edu@evil.test`).
 */

export interface TextPart {
  readonly text: string;
  /** The address that it opens, as it is and not as it is written; `null` for mere text. */
  readonly url: string | null;
}

/** The longest address that is taken for one, in UTF-16 units. */
const URL_MAX = 2_048;

/** The most links in one text: beyond it they are shown as text. */
const LINKS_MAX = 100;

/**
 * Where an address may begin and how far it may go. It ends at white space, at quotes and angle brackets, and at any
 * control or formatting character: what could reorder or hide a part of it is none of it.
 */
const CANDIDATE = /(?:https?:\/\/|mailto:|www\.)[^\s<>"“”«»`\p{Cc}\p{Cf}]+/giu;

/** What ends a sentence rather than an address. */
const TRAILING = /[.,;:!?'’*_~…)\]}]$/u;

const BRACKETS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/** `text` in parts, in order: together they are the text. */
export function linked(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  let links = 0;
  for (const { 0: found, index } of text.matchAll(CANDIDATE)) {
    // Within a word it is none. Looked up here, since the older webviews know no look-behind.
    if (/[\p{L}\p{N}]$/u.test(text.slice(Math.max(0, index - 2), index))) continue;
    const written = withoutTrailing(found);
    const url = addressOf(written);
    if (url === null || links === LINKS_MAX) continue;
    links += 1;
    if (index > end) parts.push({ text: text.slice(end, index), url: null });
    parts.push({ text: written, url });
    end = index + written.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), url: null });
  return parts;
}

/** What somebody should know of an address before it is opened. */
export interface Destination {
  readonly url: string;
  /** The host that is really asked, or the mail address that is really written to. */
  readonly where: string;
  readonly mail: boolean;
  /** Whether the host is written with letters beyond ASCII, so that it may look like another one. */
  readonly lookalike: boolean;
  readonly encrypted: boolean;
}

/** What `url`, which `linked` found, leads to. */
export function destinationOf(url: string): Destination {
  const { protocol, host, pathname } = new URL(url);
  const mail = protocol === 'mailto:';
  return {
    url,
    where: mail ? pathname : host,
    mail,
    lookalike: host.split('.').some((label) => label.startsWith('xn--')),
    encrypted: protocol !== 'http:',
  };
}

function addressOf(written: string): string | null {
  if (written.length > URL_MAX) return null;
  const address = /^www\./i.test(written) ? `https://${written}` : written;
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  if (url.protocol === 'mailto:') {
    // The bare address: what follows it could fill in a message that nobody wrote.
    return /^[^@\s/?#%]+@[^@\s/?#%]+$/.test(url.pathname) ? `mailto:${url.pathname}` : null;
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  return url.username === '' && url.password === '' ? url.href : null;
}

/** Without the marks at its end that belong to the sentence; a bracket stays where the address has opened it. */
function withoutTrailing(found: string): string {
  let written = found;
  for (let mark = TRAILING.exec(written)?.[0]; mark !== undefined; mark = TRAILING.exec(written)?.[0]) {
    const opening = BRACKETS[mark];
    if (opening !== undefined && count(written, opening) >= count(written, mark)) break;
    written = written.slice(0, -1);
  }
  return written;
}

function count(text: string, mark: string): number {
  return text.split(mark).length - 1;
}
