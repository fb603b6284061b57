/**
 * The stretch of a conversation that the screen holds: how pages extend it, and how it stays bounded.
 *
 * Pure: every function answers a new stretch. The engine's order is taken as it comes, positions are opaque.
 */
import type { Anchor, TimelineItem, TimelinePage } from '../api';

/** The most messages that are held; beyond it the far end is let go and read again when it is needed. */
export const WINDOW_MAX = 400;

/** How many messages are asked for at a time. */
export const PAGE = 60;

export interface Stretch {
  readonly items: readonly TimelineItem[];
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
}

export const EMPTY: Stretch = { items: [], hasOlder: false, hasNewer: false };

/** `items`, with those that are as they were `before` as the same objects: nothing is drawn again for them. */
export function sharing(before: readonly TimelineItem[], items: readonly TimelineItem[]): TimelineItem[] {
  const known = new Map(before.map((item) => [item.key, item]));
  return items.map((item) => {
    const same = known.get(item.key);
    return same !== undefined && JSON.stringify(same) === JSON.stringify(item) ? same : item;
  });
}

/** Adds a page read `before` the oldest message, and lets go of the newest ones beyond the bound. */
export function extendOlder(stretch: Stretch, page: TimelinePage): Stretch {
  const known = new Set(stretch.items.map((item) => item.key));
  const items = [...page.items.filter((item) => !known.has(item.key)), ...stretch.items];
  return {
    items: items.slice(0, WINDOW_MAX),
    hasOlder: page.hasOlder,
    hasNewer: stretch.hasNewer || items.length > WINDOW_MAX,
  };
}

/** Adds a page read `after` the newest message, and lets go of the oldest ones beyond the bound. */
export function extendNewer(stretch: Stretch, page: TimelinePage): Stretch {
  const arriving = new Set(page.items.map((item) => item.key));
  const items = [...stretch.items.filter((item) => !arriving.has(item.key)), ...page.items];
  return {
    items: items.slice(-WINDOW_MAX),
    hasOlder: stretch.hasOlder || items.length > WINDOW_MAX,
    hasNewer: page.hasNewer,
  };
}

/** Lets go of old messages, so that a window that follows the newest message stays small. */
export function keepNewest(stretch: Stretch, count: number): Stretch {
  if (stretch.items.length <= count) return stretch;
  return { ...stretch, items: stretch.items.slice(-count), hasOlder: true };
}

/** Whether the message stands where the server put it, so that its position is final. */
export function isConfirmed(item: TimelineItem): boolean {
  // A change of a message that the server has may wait or be refused; the message keeps its place.
  if (item.pending !== null) return true;
  switch (item.status?.state) {
    case 'waiting':
    case 'sending':
    case 'refused':
    case 'held':
      return false;
    default:
      return true;
  }
}

/**
 * How to read the window again after a change: from its oldest message on. A message that still waits is no such
 * anchor, because its position changes once the server has it; then the newest page is the window. Where the
 * newest ones were let go of, that page would be another place, so the window is what comes before its newest
 * message, which is read with the next page.
 */
export function rereadAnchor(stretch: Stretch): Anchor {
  const oldest = stretch.items[0];
  const newest = stretch.items.at(-1);
  if (oldest === undefined || newest === undefined) return { at: 'newest' };
  if (isConfirmed(oldest)) return { at: 'from', position: oldest.position };
  return stretch.hasNewer ? { at: 'before', position: newest.position } : { at: 'newest' };
}

/** The messages from somebody else at the end of `now` that were not there `before`. */
export function arrivals(before: Stretch, now: Stretch): TimelineItem[] {
  const known = new Set(before.items.map((item) => item.key));
  const arrived: TimelineItem[] = [];
  for (const item of [...now.items].reverse()) {
    if (known.has(item.key)) {
      // Own messages that wait stand below everything that arrives, so they end nothing.
      if (isConfirmed(item)) break;
      continue;
    }
    if (!item.mine && !item.deleted) arrived.unshift(item);
  }
  return arrived;
}
