import { describe, expect, it } from 'vitest';
import { message } from '../../test/shell';
import { rowsOf } from './rows';

/** Local times, because days are those of this device's calendar. */
const at = (day: number, hour: number, minute: number) => new Date(2026, 4, day, hour, minute).toISOString();

const shape = (rows: ReturnType<typeof rowsOf>) =>
  rows.map((row) => {
    if (row.type !== 'message') return row.type;
    return `${row.key}${row.first ? ' first' : ''}${row.last ? ' last' : ''}`;
  });

describe('rowsOf', () => {
  it('groups one sender’s messages within five minutes', () => {
    const rows = rowsOf(
      [
        message('a', { sentAt: at(3, 10, 0) }),
        message('b', { sentAt: at(3, 10, 5) }),
        message('c', { sentAt: at(3, 10, 11) }),
        message('d', { sentAt: at(3, 10, 11), mine: true }),
      ],
      null,
    );
    expect(shape(rows)).toEqual(['date', 'a first', 'b last', 'c first last', 'd first last']);
  });

  it('separates days, also within five minutes', () => {
    const rows = rowsOf(
      [message('a', { sentAt: at(3, 23, 58) }), message('b', { sentAt: at(4, 0, 1) })],
      null,
    );
    expect(shape(rows)).toEqual(['date', 'a first last', 'date', 'b first last']);
  });

  it('parts a group at the divider', () => {
    const rows = rowsOf(
      [message('a', { sentAt: at(3, 10, 0) }), message('b', { sentAt: at(3, 10, 1) })],
      'b',
    );
    expect(shape(rows)).toEqual(['date', 'a first last', 'divider', 'b first last']);
  });

  it('gives every row a key of its own where a wrong clock repeats a day', () => {
    const rows = rowsOf(
      [3, 4, 3].map((day, index) => message(String(index), { sentAt: at(day, 9, 0) })),
      null,
    );
    expect(new Set(rows.map((row) => row.key)).size).toBe(rows.length);
  });
});
