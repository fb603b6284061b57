import { describe, expect, it } from 'vitest';
import { message } from '../../test/shell';
import { daysOf } from './rows';

/** Local times, because days are those of this device's calendar. */
const at = (day: number, hour: number, minute: number) => new Date(2026, 4, day, hour, minute).toISOString();

const shape = (days: ReturnType<typeof daysOf>) =>
  days.map(({ date, rows }) => [
    date.getDate(),
    ...rows.map(
      ({ item, first, last, divided }) =>
        `${divided ? 'divider ' : ''}${item.key}${first ? ' first' : ''}${last ? ' last' : ''}`,
    ),
  ]);

describe('daysOf', () => {
  it('groups one sender’s messages within five minutes', () => {
    const days = daysOf(
      [
        message('a', { sentAt: at(3, 10, 0) }),
        message('b', { sentAt: at(3, 10, 5) }),
        message('c', { sentAt: at(3, 10, 11) }),
        message('d', { sentAt: at(3, 10, 11), mine: true }),
      ],
      null,
    );
    expect(shape(days)).toEqual([[3, 'a first', 'b last', 'c first last', 'd first last']]);
  });

  it('separates days, also within five minutes', () => {
    const days = daysOf(
      [message('a', { sentAt: at(3, 23, 58) }), message('b', { sentAt: at(4, 0, 1) })],
      null,
    );
    expect(shape(days)).toEqual([
      [3, 'a first last'],
      [4, 'b first last'],
    ]);
  });

  it('parts a group at the divider', () => {
    const days = daysOf(
      [message('a', { sentAt: at(3, 10, 0) }), message('b', { sentAt: at(3, 10, 1) })],
      'b',
    );
    expect(shape(days)).toEqual([[3, 'a first last', 'divider b first last']]);
  });

  it('keeps the key of a day that older messages are added to', () => {
    const newer = message('b', { sentAt: at(3, 10, 0) });
    const older = message('a', { sentAt: at(3, 9, 0) });
    expect(daysOf([older, newer], null)[0]?.key).toBe(daysOf([newer], null)[0]?.key);
  });

  it('draws nothing again that is as it was', () => {
    const [a, b] = [message('a', { sentAt: at(3, 9, 0) }), message('b', { sentAt: at(3, 10, 0) })];
    const before = daysOf([a, b], null);
    const now = daysOf([a, b, message('c', { sentAt: at(3, 10, 1) })], null, before);
    expect(now[0]?.rows[0]).toBe(before[0]?.rows[0]);
    // It is the last of its group no longer.
    expect(now[0]?.rows[1]).not.toBe(before[0]?.rows[1]);
  });

  it('gives every day a key of its own where a wrong clock repeats it', () => {
    const days = daysOf(
      [3, 4, 3].map((day, index) => message(String(index), { sentAt: at(day, 9, 0) })),
      null,
    );
    expect(new Set(days.map((day) => day.key)).size).toBe(3);
  });
});
