/** Turns the messages of a window into what stands on the screen: dates, the divider, groups of bubbles. */
import type { TimelineItem } from '../api';
import { startOfDay } from '../format/time';

/** One sender's messages within this time of each other stand together. */
export const GROUP_MS = 5 * 60 * 1000;

export type Row =
  | { readonly type: 'date'; readonly key: string; readonly day: Date }
  | { readonly type: 'divider'; readonly key: string }
  | {
      readonly type: 'message';
      readonly key: string;
      readonly item: TimelineItem;
      /** Whether it is the first of its group, and the last. */
      readonly first: boolean;
      readonly last: boolean;
    };

/**
 * The rows of `items`, which come oldest first. The “New messages” divider stands above the message whose key
 * is `divider`, and parts groups as a date does.
 */
export function rowsOf(items: readonly TimelineItem[], divider: string | null): Row[] {
  const rows: Row[] = [];
  items.forEach((item, index) => {
    const before = items[index - 1];
    const after = items[index + 1];
    const day = startOfDay(new Date(item.sentAt));
    if (before === undefined || startOfDay(new Date(before.sentAt)).getTime() !== day.getTime()) {
      // The message's key makes the row's key unique where a wrong clock brings the same day up twice.
      rows.push({ type: 'date', key: `date ${day.getTime()} ${item.key}`, day });
    }
    if (item.key === divider) rows.push({ type: 'divider', key: 'divider' });
    rows.push({
      type: 'message',
      key: item.key,
      item,
      first: before === undefined || item.key === divider || !together(before, item),
      last: after === undefined || after.key === divider || !together(item, after),
    });
  });
  return rows;
}

function together(earlier: TimelineItem, later: TimelineItem): boolean {
  if (earlier.mine !== later.mine) return false;
  const [from, to] = [new Date(earlier.sentAt), new Date(later.sentAt)];
  return (
    Math.abs(to.getTime() - from.getTime()) <= GROUP_MS &&
    startOfDay(from).getTime() === startOfDay(to).getTime()
  );
}
