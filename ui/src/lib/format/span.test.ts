import { expect, it } from 'vitest';
import { stretchOf } from './span';

const now = new Date(2026, 4, 3, 14, 2);
const at = (year: number, month: number, day: number) => new Date(year, month - 1, day).toISOString();

it('begins at midnight of the first day that counts', () => {
  expect(stretchOf('any', '', '', now)).toEqual({ from: null, to: null });
  expect(stretchOf('today', '', '', now)).toEqual({ from: at(2026, 5, 3), to: null });
  expect(stretchOf('week', '', '', now)).toEqual({ from: at(2026, 4, 27), to: null });
  expect(stretchOf('month', '', '', now)).toEqual({ from: at(2026, 4, 4), to: null });
  expect(stretchOf('year', '', '', now)).toEqual({ from: at(2026, 1, 1), to: null });
});

it('holds both of the days that were chosen', () => {
  expect(stretchOf('days', '2026-04-30', '2026-05-31', now)).toEqual({
    from: at(2026, 4, 30),
    to: at(2026, 6, 1),
  });
});

it('is open where no day, or none that there is, was chosen', () => {
  expect(stretchOf('days', '', '2026-05-02', now)).toEqual({ from: null, to: at(2026, 5, 3) });
  expect(stretchOf('days', '2026-02-31', 'soon', now)).toEqual({ from: null, to: null });
});
