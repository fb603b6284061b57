import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeShell } from '../../test/shell';
import { api } from '../api';
import { Drafts } from './drafts';

const stored = (shell: FakeShell) => shell.called('set_draft').map(({ content }) => content);

describe('Drafts', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('stores what was typed within a second', async () => {
    const shell = new FakeShell();
    const drafts = new Drafts(api);
    for (const text of ['H', 'He', 'Hey']) drafts.keep('b1', text);
    expect([drafts.of('b1'), stored(shell)]).toEqual(['Hey', []]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stored(shell)).toEqual(['Hey']);
  });

  it('loses no more than a second of what is typed without a pause', async () => {
    const shell = new FakeShell();
    const drafts = new Drafts(api);
    for (let second = 0; second < 5; second += 1) {
      const before = drafts.of('b1').length;
      for (let key = 0; key < 20; key += 1) {
        drafts.keep('b1', `${drafts.of('b1')}a`);
        await vi.advanceTimersByTimeAsync(50);
      }
      expect(stored(shell).at(-1)?.toString().length).toBeGreaterThan(before);
    }
  });

  it('reads what is stored, and never over what is typed already', async () => {
    new FakeShell().answer('draft', () => 'from yesterday');
    const drafts = new Drafts(api);
    await drafts.load('b1');
    expect(drafts.of('b1')).toBe('from yesterday');
    const loading = drafts.load('c1');
    drafts.keep('c1', '');
    await loading;
    expect(drafts.of('c1')).toBe('');
  });

  it('stores nothing while it is sent, and what was typed behind it afterwards', async () => {
    const shell = new FakeShell();
    const drafts = new Drafts(api);
    let done: () => void = () => undefined;
    drafts.keep('b1', 'one');
    const sending = drafts.send('b1', 'one', () => new Promise<void>((resolve) => (done = resolve)));
    drafts.keep('b1', 'one two');
    await vi.runAllTimersAsync();
    // Not the draft either that became the message.
    expect(stored(shell)).toEqual([]);
    done();
    await sending;
    await vi.runAllTimersAsync();
    expect(drafts.of('b1')).toBe(' two');
    expect(new Set(stored(shell))).toEqual(new Set([' two']));
  });

  it('sends behind the draft that is being stored, so that nothing brings it back', async () => {
    const shell = new FakeShell();
    const order: string[] = [];
    let done: () => void = () => undefined;
    shell.answer('set_draft', () => new Promise<void>((resolve) => (done = resolve)));
    const drafts = new Drafts(api);
    drafts.keep('b1', 'one');
    void drafts.storeAll();
    const sending = drafts.send('b1', 'one', () => Promise.resolve(void order.push('sent')));
    await vi.runAllTimersAsync();
    expect(order).toEqual([]);
    done();
    await sending;
    expect(order).toEqual(['sent']);
  });

  it('keeps what could not be sent, and stores it as a draft', async () => {
    const shell = new FakeShell();
    const drafts = new Drafts(api);
    drafts.keep('b1', 'one');
    await expect(drafts.send('b1', 'one', () => Promise.reject(new Error('full')))).rejects.toThrow('full');
    expect(drafts.of('b1')).toBe('one');
    await vi.runAllTimersAsync();
    expect(stored(shell)).toEqual(['one']);
    drafts.keep('b1', 'one more');
    await drafts.storeAll();
    expect(drafts.of('b1')).toBe('one more');
  });
});
