/** A month as a calendar shows it. Pure: days are local midnights, and what day it is comes in. */
import { startOfDay } from '../format/time';

const WEEK = 7;
const SUNDAY = 7;
const MONDAY = 1;

/** The day `days` later, or earlier; days are as long as they are where clocks are put forward or back. */
export function dayAfter(day: Date, days: number): Date {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + days);
}

/** The same day `months` later, or earlier; the month's last one where it has no such day. */
export function monthAfter(day: Date, months: number): Date {
  const last = new Date(day.getFullYear(), day.getMonth() + months + 1, 0);
  return new Date(last.getFullYear(), last.getMonth(), Math.min(day.getDate(), last.getDate()));
}

/** The weeks of the month that `day` is in, whole: the first and the last may begin and end in its neighbours. */
export function weeksOf(day: Date, firstWeekday: number): Date[][] {
  const first = new Date(day.getFullYear(), day.getMonth(), 1);
  const last = new Date(day.getFullYear(), day.getMonth() + 1, 0);
  const weeks: Date[][] = [];
  for (let start = startOfWeek(first, firstWeekday); start <= last; start = dayAfter(start, WEEK)) {
    weeks.push(Array.from({ length: WEEK }, (_, at) => dayAfter(start, at)));
  }
  return weeks;
}

/** Where a key of the keyboard leads from `day`, or `null` where it leads nowhere; never beyond `today`. */
export function dayByKey(
  key: string,
  day: Date,
  today: Date,
  firstWeekday: number,
  forward: 1 | -1,
): Date | null {
  const start = startOfWeek(day, firstWeekday);
  const to = {
    ArrowLeft: dayAfter(day, -forward),
    ArrowRight: dayAfter(day, forward),
    ArrowUp: dayAfter(day, -WEEK),
    ArrowDown: dayAfter(day, WEEK),
    PageUp: monthAfter(day, -1),
    PageDown: monthAfter(day, 1),
    Home: start,
    End: dayAfter(start, WEEK - 1),
  }[key];
  if (to === undefined) return null;
  return to > today ? startOfDay(today) : to;
}

/** The day that weeks begin with in `locale`: 1 is Monday, 7 is Sunday. */
export function firstWeekdayOf(locale: string): number {
  // What the language calls a function by now is a property in older webviews, and neither in the oldest.
  const info = new Intl.Locale(locale) as Intl.Locale & {
    getWeekInfo?: () => { firstDay: number };
    weekInfo?: { firstDay: number };
  };
  return (info.getWeekInfo?.() ?? info.weekInfo)?.firstDay ?? MONDAY;
}

function startOfWeek(day: Date, firstWeekday: number): Date {
  const weekday = day.getDay() === 0 ? SUNDAY : day.getDay();
  return dayAfter(day, -((weekday - firstWeekday + WEEK) % WEEK));
}
