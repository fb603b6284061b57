/** Which rows of a long list are there: those in sight, some around them, and the one that Tab reaches. Pure. */

/** Rows beyond either edge, so that scrolling finds them there. */
const AROUND = 8;

/** The fewest that are there, before the list's height is known. */
const FEWEST = 24;

export interface View {
  /** How many rows the list has. */
  readonly count: number;
  /** The height of one, in pixels; 0 while it is not known. */
  readonly row: number;
  /** How far the list is scrolled, in pixels. */
  readonly top: number;
  /** How much of it is in sight, in pixels. */
  readonly height: number;
  /** A row that must be there wherever the list is scrolled to; -1 for none. */
  readonly kept: number;
}

/** The places of the rows that must be there, from the first to the last. */
export function visibleRows({ count, row, top, height, kept }: View): number[] {
  const first = row > 0 ? Math.floor(top / row) - AROUND : 0;
  const from = Math.max(0, Math.min(first, count - 1));
  const many = row > 0 ? Math.ceil(height / row) + 1 + 2 * AROUND : FEWEST;
  const to = Math.min(count, from + Math.max(many, FEWEST));
  const rows = Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);
  if (kept >= 0 && kept < from) rows.unshift(kept);
  if (kept >= to && kept < count) rows.push(kept);
  return rows;
}
