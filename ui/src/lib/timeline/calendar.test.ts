import { describe, expect, it } from 'vitest';
import { dayByKey, firstWeekdayOf, monthAfter, weeksOf } from './calendar';

const MONDAY = 1;
const SUNDAY = 7;
const day = (year: number, month: number, date: number) => new Date(year, month - 1, date);
const written = (date: Date | null | undefined) =>
  date === null || date === undefined
    ? null
    : `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;

describe('weeksOf', () => {
  it.each([
    [MONDAY, '2026-4-27', '2026-5-31', 5],
    [SUNDAY, '2026-4-26', '2026-6-6', 6],
  ])('begins with the weekday %i', (firstWeekday, from, until, count) => {
    const weeks = weeksOf(day(2026, 5, 3), firstWeekday);
    expect([written(weeks[0]?.[0]), written(weeks.at(-1)?.at(-1)), weeks.length]).toEqual([
      from,
      until,
      count,
    ]);
    expect(weeks.every((week) => week.length === 7)).toBe(true);
  });

  it('has each day once where clocks change', () => {
    for (const month of [3, 4, 10, 11]) {
      const days = weeksOf(day(2026, month, 1), MONDAY)
        .flat()
        .map(written);
      expect(new Set(days).size).toBe(days.length);
    }
  });
});

describe('dayByKey', () => {
  const today = day(2026, 5, 20);
  const by = (key: string, from = day(2026, 5, 13), forward: 1 | -1 = 1) =>
    written(dayByKey(key, from, today, MONDAY, forward));

  it.each([
    ['ArrowLeft', '2026-5-12'],
    ['ArrowRight', '2026-5-14'],
    ['ArrowUp', '2026-5-6'],
    ['ArrowDown', '2026-5-20'],
    ['PageUp', '2026-4-13'],
    ['Home', '2026-5-11'],
    ['End', '2026-5-17'],
    ['x', null],
  ])('leads by %s to %s', (key, to) => {
    expect(by(key)).toBe(to);
  });

  it('leads nowhere beyond today', () => {
    expect(by('PageDown')).toBe('2026-5-20');
  });

  it('goes the other way where one reads from the right', () => {
    expect(by('ArrowLeft', day(2026, 5, 13), -1)).toBe('2026-5-14');
  });
});

it('ends a month earlier where it has no such day', () => {
  expect(written(monthAfter(day(2026, 3, 31), -1))).toBe('2026-2-28');
  expect(written(monthAfter(day(2026, 1, 31), 1))).toBe('2026-2-28');
});

it('knows what weeks begin with', () => {
  expect([firstWeekdayOf('en-US'), firstWeekdayOf('de-DE')]).toEqual([SUNDAY, MONDAY]);
});
