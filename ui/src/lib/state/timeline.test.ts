import { describe, expect, it } from 'vitest';
import { FakeShell, ben, message, page } from '../../test/shell';
import { api, type Anchor, type TimelineItem } from '../api';
import { WINDOW_MAX } from '../timeline/window';
import { Timeline } from './timeline.svelte';

/** A shell that holds one conversation and pages it as the engine does. */
function shellWith(items: TimelineItem[], firstUnread: string | null = null): FakeShell {
  return new FakeShell()
    .answer('mark_read', () => null)
    .answer('timeline', ({ anchor, limit }) => {
      const size = limit as number;
      const from = anchor as Anchor;
      const isThere = (item: TimelineItem) =>
        from.at === 'date' ? item.sentAt >= from.time : 'position' in from && item.position === from.position;
      const place = from.at === 'newest' ? items.length : items.findIndex(isThere);
      const [start, end] = {
        newest: [items.length - size, items.length],
        around: [place - Math.floor(size / 2), place + Math.ceil(size / 2)],
        before: [place - size, place],
        after: [place + 1, place + 1 + size],
        from: [place, place + size],
        date: place === -1 ? [items.length - size, items.length] : [place, place + size],
      }[from.at] as [number, number];
      return page(items.slice(Math.max(0, start), end), {
        hasOlder: start > 0,
        hasNewer: end < items.length,
        firstUnread,
      });
    });
}

const numbered = (count: number) =>
  Array.from({ length: count }, (_, at) => message(`m${String(at).padStart(4, '0')}`));

/** Messages of which all but the first few wait, because the first of those was refused. */
const waiting = (count: number, taken = 0) =>
  numbered(count).map((item, at): TimelineItem => {
    if (at < taken) return item;
    return {
      ...item,
      mine: true,
      status: at === taken ? { state: 'refused', reason: 'no' } : { state: 'held' },
    };
  });

/** Goes to the oldest message; gives up after more pages than any test has, so that a broken window fails. */
async function loadAllOlder(timeline: Timeline): Promise<void> {
  for (let pages = 0; timeline.stretch.hasOlder && pages < 20; pages += 1) await timeline.loadOlder();
}

describe('Timeline', () => {
  it('opens wide enough to hold what is unread, and divides there', async () => {
    const items = numbered(300);
    shellWith(items, 'm0150');
    const timeline = new Timeline(api, ben);
    await timeline.open(150);
    expect(timeline.phase).toBe('ready');
    expect(timeline.divider).toBe('m0150');
    expect(timeline.stretch.items.some((item) => item.key === 'm0150')).toBe(true);
  });

  it('says that it failed where the store cannot be read', async () => {
    new FakeShell().refuse('timeline', { kind: 'storage' });
    const timeline = new Timeline(api, ben);
    await timeline.open(0);
    expect(timeline.phase).toBe('failed');
  });

  it('takes in what arrives while it follows, and stays small', async () => {
    const items = numbered(60);
    shellWith(items);
    const timeline = new Timeline(api, ben);
    await timeline.open(0);
    items.push(...numbered(300).slice(60));
    await timeline.reread();
    expect(timeline.stretch.items.at(-1)?.key).toBe('m0299');
    expect(timeline.stretch.items.length).toBeLessThan(WINDOW_MAX / 2);
    expect(timeline.stretch.hasOlder).toBe(true);
  });

  it('keeps what somebody reads while messages arrive', async () => {
    const items = numbered(200);
    shellWith(items);
    const timeline = new Timeline(api, ben);
    await timeline.open(0);
    await timeline.loadOlder();
    timeline.following = false;
    const oldest = timeline.stretch.items[0]?.key;
    items.push(message('m0200'));
    await timeline.reread();
    expect(timeline.stretch.items[0]?.key).toBe(oldest);
    expect(timeline.stretch.items.at(-1)?.key).toBe('m0200');
  });

  it('never holds more than its bound, and finds its way back to the newest', async () => {
    const items = numbered(1_000);
    shellWith(items);
    const timeline = new Timeline(api, ben);
    await timeline.open(0);
    timeline.following = false;
    while (timeline.stretch.hasOlder) {
      await timeline.loadOlder();
      expect(timeline.stretch.items.length).toBeLessThanOrEqual(WINDOW_MAX);
    }
    expect(timeline.stretch.items[0]?.key).toBe('m0000');
    expect(timeline.stretch.hasNewer).toBe(true);
    await timeline.loadNewer();
    expect(timeline.stretch.items.at(-1)?.key).toBe('m0459');
    await timeline.toNewest();
    expect(timeline.stretch.items.at(-1)?.key).toBe('m0999');
    expect(timeline.following).toBe(true);
  });

  it('goes back to a refused message that more than a page of others waits behind', async () => {
    shellWith(waiting(200, 3));
    const timeline = new Timeline(api, ben);
    await timeline.open(0);
    timeline.following = false;
    await loadAllOlder(timeline);
    expect(timeline.stretch.items.map((item) => item.key)).toEqual(numbered(200).map((item) => item.key));
    expect(timeline.stretch.items[3]?.status?.state).toBe('refused');
  });

  it.each([WINDOW_MAX / 2 + 50, WINDOW_MAX + 300])(
    'keeps what somebody reads among %i waiting messages',
    async (count) => {
      const items = waiting(count);
      shellWith(items);
      const timeline = new Timeline(api, ben);
      await timeline.open(0);
      timeline.following = false;
      await loadAllOlder(timeline);
      // One after another is sent, and each time the engine says that the conversation changed.
      for (let at = 0; at < 3; at += 1) {
        items[at] = message(numbered(count)[at]?.key ?? '', { mine: true, status: { state: 'sending' } });
        await timeline.reread();
        expect(timeline.stretch.items.slice(0, 100)).toEqual(items.slice(0, 100));
      }
    },
  );

  it('asks for history once where there is none to be had yet', async () => {
    const shell = new FakeShell().answer('timeline', ({ anchor }) =>
      page((anchor as Anchor).at === 'newest' ? numbered(3) : [], { hasOlder: true, history: 'loading' }),
    );
    const timeline = new Timeline(api, ben);
    await timeline.open(0);
    const before = timeline.stretch;
    await timeline.loadOlder();
    expect(timeline.stretch).toBe(before);
    expect(timeline.history).toBe('loading');
    expect(shell.called('timeline')).toHaveLength(2);
  });

  it('opens at the first unread message, however far above it is', async () => {
    shellWith(numbered(3_000), 'm0100');
    const timeline = new Timeline(api, ben);
    await timeline.open(2_900);
    expect(timeline.stretch.items.map((item) => item.key)).toContain('m0100');
    expect(timeline.stretch.items.length).toBeLessThanOrEqual(WINDOW_MAX);
    expect([timeline.stretch.hasNewer, timeline.following]).toEqual([true, false]);
  });

  it('leads to a hit and back to the same place', async () => {
    shellWith(numbered(1_000));
    const timeline = new Timeline(api, ben);
    await timeline.open(0);
    timeline.following = false;
    timeline.place = { key: 'm0950', offset: 17 };
    await timeline.show('m0100', 'm0100');
    expect(timeline.target).toEqual({ key: 'm0100', offset: null });
    timeline.place = { key: 'm0098', offset: 3 };
    // A second hit leaves the way back as it is.
    await timeline.show('m0500', 'm0500');
    await timeline.back();
    expect(timeline.target).toEqual({ key: 'm0950', offset: 17 });
    expect(timeline.stretch.items.map((item) => item.key)).toContain('m0950');
    expect(timeline.left).toBeNull();
  });

  it('leads back to the newest message where somebody read there', async () => {
    shellWith(numbered(1_000));
    const timeline = new Timeline(api, ben);
    await timeline.open(0);
    await timeline.show('m0100', 'm0100');
    await timeline.back();
    expect(timeline.stretch.items.at(-1)?.key).toBe('m0999');
    expect([timeline.following, timeline.left]).toEqual([true, null]);
  });

  it('leads to the first message of a day, or of the next that has any', async () => {
    const days = [1, 2, 5].flatMap((day) =>
      [9, 10].map((hour) =>
        message(`${day} ${hour}`, { sentAt: new Date(2026, 4, day, hour).toISOString() }),
      ),
    );
    shellWith(days);
    const timeline = new Timeline(api, ben);
    await timeline.open(0);
    for (const [day, key] of [
      [2, '2 9'],
      [3, '5 9'],
    ] as const) {
      await timeline.showDay(new Date(2026, 4, day));
      expect(timeline.target?.key).toBe(key);
    }
    await timeline.showDay(new Date(2026, 4, 9));
    expect([timeline.following, timeline.jumps]).toEqual([true, 1]);
  });

  it('says how many arrived where many do at once, and no more of a message than its beginning', async () => {
    const items = numbered(3);
    shellWith(items);
    const timeline = new Timeline(api, ben);
    await timeline.open(0);
    items.push(message('n1', { content: 'w'.repeat(10_000) }));
    await timeline.reread();
    expect(timeline.announcement.text.length).toBeLessThan(400);
    items.push(...['n2', 'n3', 'n4', 'n5'].map((key) => message(key)));
    await timeline.reread();
    expect(timeline.announcement.text).toBe('Ben: 4 new messages');
  });

  it('announces each arriving message once', async () => {
    const items = numbered(3);
    shellWith(items);
    const timeline = new Timeline(api, ben);
    await timeline.open(0);
    expect(timeline.announcement.text).toBe('');
    items.push(message('n1', { content: 'Hello' }), message('n2', { mine: true, content: 'Mine' }));
    await timeline.reread();
    const said = timeline.announcement;
    expect(said.text).toBe('Ben: Hello');
    await timeline.reread();
    expect(timeline.announcement).toBe(said);
  });

  it('marks as read forwards only', async () => {
    const shell = shellWith(numbered(5));
    const timeline = new Timeline(api, ben);
    await timeline.open(0);
    await timeline.markRead('m0003');
    await timeline.markRead('m0001');
    await timeline.markRead('m0003');
    await timeline.markRead('m0004');
    expect(shell.called('mark_read').map((given) => given.upTo)).toEqual(['m0003', 'm0004']);
  });

  it('tries again to mark as read what could not be marked', async () => {
    const shell = shellWith(numbered(5)).refuse('mark_read', { kind: 'storage' });
    const timeline = new Timeline(api, ben);
    await timeline.open(0);
    await timeline.markRead('m0003');
    await timeline.markRead('m0003');
    expect(shell.called('mark_read')).toHaveLength(2);
  });

  it('shows a message that was sent before the window was there, although it opened further up', async () => {
    const items = numbered(900);
    const shell = shellWith(items, 'm0100').answer('send_message', () => {
      items.push(message('sent', { mine: true, status: { state: 'waiting' } }));
      return 'sent';
    });
    const timeline = new Timeline(api, ben);
    const opened = timeline.open(800);
    const sent = timeline.send('Hello', (work) => work());
    await Promise.all([opened, sent]);
    await timeline.reread();
    expect(shell.called('send_message')).toHaveLength(1);
    expect(timeline.shown.at(-1)?.key).toBe('sent');
    expect(timeline.storing).toBe(false);
  });
});
