/** How long something is, in words. */
import { numberFormat } from '../i18n';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const write = (unit: string) =>
  numberFormat({ style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 0 });
const [minutes, hours, days] = [write('minute'), write('hour'), write('day')];

/** `7 minutes`, `3 hours`, `40 days`: as exact as people need it, whatever the sign of `seconds`. */
export function lengthOf(seconds: number): string {
  const length = Math.abs(seconds);
  if (length < 2 * HOUR) return minutes(length / MINUTE);
  if (length < 2 * DAY) return hours(length / HOUR);
  return days(length / DAY);
}
