/** Messages that are on their way into the store: drawn before anything else knows of them. */
import type { TimelineItem } from '../api';

/** Runs the storing of a message when what was stored of its draft lets it. */
export type Behind = (work: () => Promise<void>) => Promise<void>;

/** Keys of the engine hold no space. */
const PREFIX = 'storing ';

let count = 0;

/** What stands for a message that says `content` until it is stored; `now` is in milliseconds since 1970. */
export function storing(content: string, now: number): TimelineItem {
  count += 1;
  return {
    key: `${PREFIX}${count}`,
    position: '',
    mine: true,
    content,
    sentAt: new Date(now).toISOString(),
    editedAt: null,
    deleted: false,
    lost: false,
    pending: null,
    status: { state: 'waiting' },
    deliveredAt: null,
    seenAt: null,
    readAt: null,
  };
}

/** Whether a message is still on its way into the store, so that nothing can be done with it yet. */
export function isStoring(item: TimelineItem): boolean {
  return item.key.startsWith(PREFIX);
}
