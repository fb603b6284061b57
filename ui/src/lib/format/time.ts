/** Dates and times as the locale of the screen writes them. */
import { dateFormat, t } from '../i18n';

const DAY_MS = 24 * 60 * 60 * 1000;
const WEEK_DAYS = 7;

const clock = dateFormat({ timeStyle: 'short' });
const weekday = dateFormat({ weekday: 'long' });
const shortWeekday = dateFormat({ weekday: 'short' });
const dayAndMonth = dateFormat({ day: 'numeric', month: 'short' });
const longDay = dateFormat({ weekday: 'long', day: 'numeric', month: 'long' });
const fullDay = dateFormat({ day: 'numeric', month: 'long', year: 'numeric' });
const shortDay = dateFormat({ day: 'numeric', month: 'short', year: 'numeric' });
const full = dateFormat({ dateStyle: 'full', timeStyle: 'medium' });

/** The first moment of the day, on this device's calendar, that `time` falls in. */
export function startOfDay(time: Date): Date {
  return new Date(time.getFullYear(), time.getMonth(), time.getDate());
}

/** How many midnights lie between two moments; negative where `time` lies after `now`. */
function daysAgo(time: Date, now: Date): number {
  // Rounded, because a day is 23 or 25 hours long where clocks are put forward or back.
  return Math.round((startOfDay(now).getTime() - startOfDay(time).getTime()) / DAY_MS);
}

/** `14:02` */
export function timeOfDay(time: Date): string {
  return clock(time);
}

/** The day of a separator: `Today`, `Yesterday`, `Tuesday`, `Tuesday, 3 May`, `3 May 2025`. */
export function dayName(time: Date, now: Date): string {
  const ago = daysAgo(time, now);
  if (ago === 0) return t('date.today');
  if (ago === 1) return t('date.yesterday');
  if (ago > 1 && ago < WEEK_DAYS) return weekday(time);
  return time.getFullYear() === now.getFullYear() ? longDay(time) : fullDay(time);
}

/** As short as a list needs it: `14:02`, `Yesterday`, `Tue`, `3 May`, `3 Nov 2025`. */
export function shortTime(time: Date, now: Date): string {
  const ago = daysAgo(time, now);
  if (ago === 0) return timeOfDay(time);
  if (ago === 1) return t('date.yesterday');
  if (ago > 1 && ago < WEEK_DAYS) return shortWeekday(time);
  return date(time, now);
}

/** `3 May`, `3 May 2025` */
export function date(time: Date, now: Date): string {
  return time.getFullYear() === now.getFullYear() ? dayAndMonth(time) : shortDay(time);
}

/** Everything there is to say about a moment, for tooltips and details. */
export function fullTime(time: Date): string {
  return full(time);
}

/** A time of day such as `22:00`, as the locale writes it. */
export function clockTime(time: string): string {
  const [hours, minutes] = time.split(':').map(Number);
  return clock(new Date(2000, 0, 1, hours, minutes));
}
