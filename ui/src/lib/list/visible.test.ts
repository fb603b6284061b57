import { expect, it } from 'vitest';
import { visibleRows, type View } from './visible';

const view = (change: Partial<View> = {}): View => ({
  count: 5_000,
  row: 60,
  top: 0,
  height: 600,
  kept: -1,
  ...change,
});

it('has what is in sight and a few more, however long the list is', () => {
  for (const top of [0, 60, 1_234, 150_000, 299_400]) {
    const rows = visibleRows(view({ top }));
    expect(rows.length).toBeLessThan(40);
    const [first, last] = [Math.floor(top / 60), Math.min(4_999, Math.floor((top + 600) / 60))];
    expect(rows).toContain(first);
    expect(rows).toContain(last);
    expect(rows).toEqual([...new Set(rows)].toSorted((a, b) => a - b));
  }
});

it('keeps the row that Tab reaches, wherever the list is scrolled to', () => {
  expect(visibleRows(view({ top: 150_000, kept: 3 }))[0]).toBe(3);
  expect(visibleRows(view({ kept: 4_000 })).at(-1)).toBe(4_000);
  expect(visibleRows(view({ kept: 2 })).filter((at) => at === 2)).toHaveLength(1);
  expect(visibleRows(view({ kept: 9_999 })).at(-1)).toBeLessThan(5_000);
});

it('begins with some before anything is measured, and has none of an empty list', () => {
  expect(visibleRows(view({ row: 0, height: 0 })).length).toBeGreaterThan(10);
  expect(visibleRows(view({ count: 3, row: 0, height: 0 }))).toEqual([0, 1, 2]);
  expect(visibleRows(view({ count: 0 }))).toEqual([]);
});

it('has rows where a list became shorter than it is scrolled', () => {
  expect(visibleRows(view({ count: 3, top: 9_000 }))).toEqual([2]);
});
