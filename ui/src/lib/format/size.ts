/** Sizes of files, as people read them. */

const UNITS = ['kilobyte', 'megabyte', 'gigabyte'] as const;

/** A size from its KiB, in the largest unit that leaves something before the point. */
export function sizeOf(kib: number): string {
  let [size, unit] = [kib, 0];
  while (size >= 1024 && unit < UNITS.length - 1) [size, unit] = [size / 1024, unit + 1];
  return new Intl.NumberFormat(undefined, {
    style: 'unit',
    unit: UNITS[unit] ?? 'kilobyte',
    maximumFractionDigits: size < 10 && unit > 0 ? 1 : 0,
  }).format(size);
}
