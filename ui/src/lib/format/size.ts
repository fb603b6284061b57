/** Sizes of files, as people read them. */

import { numberFormat } from '../i18n';

const write = (unit: string, maximumFractionDigits: number) =>
  numberFormat({ style: 'unit', unit, maximumFractionDigits });
/** Whole kilobytes; what is larger has a digit after the point where there is one before it. */
const UNITS = [
  { whole: write('kilobyte', 0), exact: write('kilobyte', 0) },
  { whole: write('megabyte', 0), exact: write('megabyte', 1) },
  { whole: write('gigabyte', 0), exact: write('gigabyte', 1) },
] as const;

/** A size from its KiB, in the largest unit that leaves something before the point. */
export function sizeOf(kib: number): string {
  let [size, unit] = [kib, 0];
  while (size >= 1024 && unit < UNITS.length - 1) [size, unit] = [size / 1024, unit + 1];
  const { whole, exact } = UNITS[unit] ?? UNITS[0];
  return (size < 10 ? exact : whole)(size);
}
