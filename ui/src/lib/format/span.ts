/** Stretches of days to look in, as people name them. Pure: the time comes in. */
import { startOfDay } from './time';

/** What can be chosen; `days` are two days of one's own. */
export const SPANS = ['any', 'today', 'week', 'month', 'year', 'days'] as const;
export type Span = (typeof SPANS)[number];

/** A stretch of time: from this moment, and before that one; `null` is open. */
export interface Stretch {
  readonly from: string | null;
  readonly to: string | null;
}

/** How many days back, today included. */
const BACK = { today: 1, week: 7, month: 30 } as const;

/** The stretch that a choice means now. `first` and `last` are days such as `2026-05-03`, both of them included. */
export function stretchOf(span: Span, first: string, last: string, now: Date): Stretch {
  switch (span) {
    case 'any':
      return { from: null, to: null };
    case 'today':
    case 'week':
    case 'month':
      return { from: dayAfter(now, 1 - BACK[span]).toISOString(), to: null };
    case 'year':
      return { from: new Date(now.getFullYear(), 0, 1).toISOString(), to: null };
    case 'days':
      return {
        from: dayOf(first)?.toISOString() ?? null,
        to: endOf(last),
      };
  }
}

function endOf(day: string): string | null {
  const start = dayOf(day);
  return start === null ? null : dayAfter(start, 1).toISOString();
}

/** The first moment of a day on this device's calendar; `null` for what is no day. */
function dayOf(text: string): Date | null {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined) return null;
  const date = new Date(year, month - 1, day);
  return date.getMonth() === month - 1 && date.getDate() === day ? date : null;
}

/** The first moment of the day that many days later: by the calendar, since days differ in length. */
function dayAfter(time: Date, days: number): Date {
  const start = startOfDay(time);
  return new Date(start.getFullYear(), start.getMonth(), start.getDate() + days);
}
