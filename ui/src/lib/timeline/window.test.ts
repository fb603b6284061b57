import { describe, expect, it } from 'vitest';
import { message, page } from '../../test/shell';
import {
  WINDOW_MAX,
  arrivals,
  extendNewer,
  extendOlder,
  keepNewest,
  rereadAnchor,
  sharing,
  type Stretch,
} from './window';

const key = (at: number) => `m${String(at).padStart(4, '0')}`;
const messages = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => message(key(from + at)));
const stretch = (from: number, to: number, change: Partial<Stretch> = {}): Stretch => ({
  items: messages(from, to),
  hasOlder: true,
  hasNewer: false,
  ...change,
});

describe('a stretch of messages', () => {
  it('puts older pages in front and lets go of the newest beyond its bound', () => {
    const grown = extendOlder(stretch(50, 50 + WINDOW_MAX), page(messages(0, 50)));
    expect(grown.items).toHaveLength(WINDOW_MAX);
    expect(grown.items[0]?.key).toBe(key(0));
    expect(grown).toMatchObject({ hasOlder: false, hasNewer: true });
  });

  it('puts newer pages at the end and lets go of the oldest beyond its bound', () => {
    const grown = extendNewer(
      stretch(0, WINDOW_MAX, { hasOlder: false, hasNewer: true }),
      page(messages(400, 410)),
    );
    expect(grown.items).toHaveLength(WINDOW_MAX);
    expect(grown.items.at(-1)?.key).toBe(key(409));
    expect(grown).toMatchObject({ hasOlder: true, hasNewer: false });
  });

  it('holds a message once where pages overlap', () => {
    const older = extendOlder(stretch(10, 20), page(messages(5, 12)));
    expect(older.items.map((item) => item.key)).toEqual(messages(5, 20).map((item) => item.key));
    const newer = extendNewer(stretch(10, 20), page(messages(18, 25)));
    expect(newer.items.map((item) => item.key)).toEqual(messages(10, 25).map((item) => item.key));
  });

  it('keeps the newest and remembers that there is more', () => {
    const kept = keepNewest(stretch(0, 100, { hasOlder: false }), 60);
    expect(kept.items[0]?.key).toBe(key(40));
    expect(kept.hasOlder).toBe(true);
  });
});

describe('sharing', () => {
  it('keeps what is as it was, and takes what changed', () => {
    const before = messages(0, 3);
    const read = [
      ...messages(0, 2),
      message(key(2), { mine: true, status: { state: 'read' } }),
      message(key(3)),
    ];
    const now = sharing(before, read);
    expect(now).toEqual(read);
    expect(now.map((item) => before.includes(item))).toEqual([true, true, false, false]);
  });
});

describe('rereadAnchor', () => {
  it('is the oldest message', () => {
    expect(rereadAnchor(stretch(3, 9))).toEqual({ at: 'from', position: key(3) });
  });

  it('is no message that waits, because its place changes', () => {
    const waiting = message('w', { mine: true, status: { state: 'waiting' } });
    expect(rereadAnchor({ ...stretch(0, 0), items: [waiting] })).toEqual({ at: 'newest' });
  });

  it('is the end of a window of waiting messages, where newer ones were let go of', () => {
    const [first, last] = ['w1', 'w2'].map((at) => message(at, { mine: true, status: { state: 'waiting' } }));
    const items = [first, last].filter((item) => item !== undefined);
    expect(rereadAnchor({ items, hasOlder: false, hasNewer: true })).toEqual({
      at: 'before',
      position: 'w2',
    });
  });

  it('is a message whose change was refused: it keeps its place', () => {
    const edited = message('e', { mine: true, pending: 'edit', status: { state: 'refused', reason: 'no' } });
    expect(rereadAnchor({ ...stretch(0, 0), items: [edited] })).toEqual({ at: 'from', position: 'e' });
  });

  it('is the newest page where nothing is held', () => {
    expect(rereadAnchor(stretch(0, 0))).toEqual({ at: 'newest' });
  });
});

describe('arrivals', () => {
  const waiting = message('w', { mine: true, status: { state: 'waiting' } });

  it('are the other’s new messages, also above own ones that wait', () => {
    const before = { ...stretch(0, 3), items: [...messages(0, 3), waiting] };
    const now = { ...stretch(0, 5), items: [...messages(0, 5), waiting] };
    expect(arrivals(before, now).map((item) => item.key)).toEqual([key(3), key(4)]);
  });

  it('are not own messages, deleted ones, or pages of history', () => {
    const own = message('own', { mine: true, status: { state: 'sent' } });
    const gone = message('gone', { deleted: true });
    const now = { ...stretch(0, 5), items: [...messages(0, 5), own, gone] };
    expect(arrivals(stretch(3, 5), now)).toEqual([]);
  });
});
