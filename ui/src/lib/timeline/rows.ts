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
 * A day keeps its key when older messages of it are added, so that its heading stays the same element. Rows that are as
 * they were `before` are the same objects, so that nothing is drawn again for them.
 */
export function daysOf(
  items: readonly TimelineItem[],
  divider: string | null,
  before: readonly Day[] = [],
): Day[] {
  const drawn = new Map(before.flatMap((day) => day.rows.map((row) => [row.item, row])));
  const days: { key: string; date: Date; rows: MessageRow[] }[] = [];
  const known = new Set<number>();
  items.forEach((item, index) => {
    const earlier = items[index - 1];
    const later = items[index + 1];
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
    const row = {
      item,
      first: earlier === undefined || divided || !together(earlier, item),
      last: later === undefined || later.key === divider || !together(item, later),
      divided,
    };
    const same = drawn.get(item);
    day.rows.push(same !== undefined && alike(same, row) ? same : row);
  });
  return days;
}

/** `daysOf` for a view, which is drawn again and again. */
export function drawing(): (items: readonly TimelineItem[], divider: string | null) => Day[] {
  let drawn: Day[] = [];
  return (items, divider) => {
    drawn = daysOf(items, divider, drawn);
    return drawn;
  };
}

function alike(one: MessageRow, other: MessageRow): boolean {
  return one.first === other.first && one.last === other.last && one.divided === other.divided;
}

function together(earlier: TimelineItem, later: TimelineItem): boolean {
  if (earlier.mine !== later.mine) return false;
  const [from, to] = [new Date(earlier.sentAt), new Date(later.sentAt)];
  return (
    Math.abs(to.getTime() - from.getTime()) <= GROUP_MS &&
    startOfDay(from).getTime() === startOfDay(to).getTime()
  );
}
