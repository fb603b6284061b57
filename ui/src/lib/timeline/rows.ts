/** Turns the messages of a window into what stands on the screen: days, the divider, groups of bubbles. */
import type { TimelineItem } from '../api';
import { startOfDay } from '../format/time';

/** One sender's messages within this time of each other stand together. */
export const GROUP_MS = 5 * 60 * 1000;

export interface MessageRow {
  readonly item: TimelineItem;
  /** Whether it is the first of its group, and the last. */
  readonly first: boolean;
  readonly last: boolean;
  /** Whether the “New messages” divider stands above it. */
  readonly divided: boolean;
}

export interface Day {
  readonly key: string;
  /** The first moment of the day, on this device's calendar. */
  readonly date: Date;
  readonly rows: readonly MessageRow[];
}

/**
 * The days of `items`, which come oldest first. The “New messages” divider stands above the message whose key
 * is `divider`, and parts groups as a day does.
 *
 * A day keeps its key when older messages of it are added, so that its heading stays the same element.
 */
export function daysOf(items: readonly TimelineItem[], divider: string | null): Day[] {
  const days: { key: string; date: Date; rows: MessageRow[] }[] = [];
  const known = new Set<number>();
  items.forEach((item, index) => {
    const before = items[index - 1];
    const after = items[index + 1];
    const date = startOfDay(new Date(item.sentAt));
    let day = days.at(-1);
    if (day?.date.getTime() !== date.getTime()) {
      // A wrong clock may bring the same day up twice.
      const again = known.has(date.getTime());
      known.add(date.getTime());
      day = { key: again ? `${date.getTime()} ${item.key}` : String(date.getTime()), date, rows: [] };
      days.push(day);
    }
    const divided = item.key === divider;
    day.rows.push({
      item,
      first: before === undefined || divided || !together(before, item),
      last: after === undefined || after.key === divider || !together(item, after),
      divided,
    });
  });
  return days;
}

function together(earlier: TimelineItem, later: TimelineItem): boolean {
  if (earlier.mine !== later.mine) return false;
  const [from, to] = [new Date(earlier.sentAt), new Date(later.sentAt)];
  return (
    Math.abs(to.getTime() - from.getTime()) <= GROUP_MS &&
    startOfDay(from).getTime() === startOfDay(to).getTime()
  );
}
