import { fireEvent, render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { message } from '../../test/shell';
import type { TimelineItem } from '../api';
import { UNITS_SHOWN } from '../timeline/text';
import MessageBubble from './MessageBubble.svelte';

function bubble(change: Partial<TimelineItem> = {}) {
  const acts = {
    menu: vi.fn(),
    retry: vi.fn(),
    edit: vi.fn(),
    remove: vi.fn(),
    copy: vi.fn(),
    follow: vi.fn(),
  };
  const item = message('m1', change);
  const props = {
    item,
    first: true,
    last: true,
    peerName: 'Ben',
    reachable: true,
    target: false,
    editing: false,
    acts,
    onmove: vi.fn(),
  };
  render(MessageBubble, { props });
  return { acts, item, user: userEvent.setup(), text: screen.getByTestId('message-text') };
}

describe('a message', () => {
  it.each([
    ['markup', '<img src=x onerror="alert(1)"><script>alert(2)</script><a href="javascript:alert(3)">x</a>'],
    ['an endless word', 'w'.repeat(2_000)],
    ['white space that counts', '  a\n\n   b\tc'],
    ['two directions', 'abc مرحبا 123\nשלום hello'],
  ])('is shown as text where it is made of %s', (_, content) => {
    const { text } = bubble({ content });
    expect(text.textContent).toBe(content);
    expect(text.querySelector('*')).toBeNull();
  });

  it('shows what would turn its letters around', () => {
    const { text } = bubble({ content: 'photo_\u202Egpj.exe' });
    expect(text.textContent).toBe('photo_\uFFFDgpj.exe');
    expect(text).toHaveAttribute('dir', 'auto');
  });

  it.each([
    ['10,000 lines', 'x\n'.repeat(5_000)],
    ['5,000 emoji', '😀'.repeat(5_000)],
    ['one endless word', 'w'.repeat(10_000)],
  ])('is cut where it is made of %s, until somebody wants all of it', async (_, content) => {
    const { text, user } = bubble({ content });
    expect(text.textContent.length).toBeLessThanOrEqual(UNITS_SHOWN + 1);
    await user.click(screen.getByTestId('message-show-all'));
    expect(text.textContent).toBe(content);
    expect(screen.queryByTestId('message-show-all')).toBeNull();
    expect(text).toHaveFocus();
  });

  it('goes nowhere by a link by itself, but asks', async () => {
    const { acts, text } = bubble({ content: 'See https://school.edu/a.' });
    expect(text.textContent).toBe('See https://school.edu/a.');
    const link = screen.getByTestId('message-link');
    // `false` says that the webview was kept from following it.
    expect(await fireEvent.click(link)).toBe(false);
    expect(
      await fireEvent(link, new MouseEvent('auxclick', { button: 1, bubbles: true, cancelable: true })),
    ).toBe(false);
    expect(acts.follow.mock.calls).toEqual([['https://school.edu/a'], ['https://school.edu/a']]);
  });

  it('offers what can be done where it was refused', async () => {
    const { acts, item, user } = bubble({
      mine: true,
      status: { state: 'refused', reason: 'User not found' },
    });
    expect(screen.getByTestId('refused')).toHaveTextContent('Not sent: User not found');
    await user.click(screen.getByTestId('message-retry'));
    await user.click(screen.getByTestId('message-edit'));
    await user.click(screen.getByTestId('message-delete'));
    for (const act of [acts.retry, acts.edit, acts.remove]) expect(act).toHaveBeenCalledExactlyOnceWith(item);
  });

  it('says that it was deleted, and shows nothing of it', async () => {
    const { acts, text } = bubble({ deleted: true, content: 'secret' });
    expect(text).toHaveTextContent('Message deleted');
    expect(screen.queryByText('secret')).toBeNull();
    await fireEvent.contextMenu(text);
    expect(acts.menu).not.toHaveBeenCalled();
  });

  it('is copied by the keyboard', async () => {
    const { acts, item, user } = bubble();
    screen.getByTestId('message-actions').focus();
    await user.keyboard('{Control>}c{/Control}');
    expect(acts.copy).toHaveBeenCalledExactlyOnceWith(item);
  });
});

describe('its menu', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  const touch = (type: string, x = 10) =>
    new PointerEvent(type, { pointerType: 'touch', isPrimary: true, clientX: x, clientY: 20, bubbles: true });

  it('opens by a right click, and knows the link under it', async () => {
    const { acts, item } = bubble({ content: 'https://school.edu/a' });
    await fireEvent.contextMenu(screen.getByTestId('message-link'), { clientX: 5, clientY: 6 });
    expect(acts.menu).toHaveBeenCalledExactlyOnceWith(item, {
      x: 5,
      y: 6,
      link: 'https://school.edu/a',
      selection: '',
    });
  });

  it('opens by a long press, once, and by no shorter one', async () => {
    const { acts, text } = bubble();
    await fireEvent(text, touch('pointerdown'));
    await vi.advanceTimersByTimeAsync(300);
    await fireEvent(text, touch('pointerup'));
    await vi.runAllTimersAsync();
    expect(acts.menu).not.toHaveBeenCalled();
    await fireEvent(text, touch('pointerdown'));
    await vi.runAllTimersAsync();
    // What the systems that open a menu themselves say on top.
    await fireEvent.contextMenu(text);
    expect(acts.menu).toHaveBeenCalledOnce();
  });

  it('stays closed while a finger scrolls', async () => {
    const { acts, text } = bubble();
    await fireEvent(text, touch('pointerdown'));
    await fireEvent(text, touch('pointermove', 40));
    await vi.runAllTimersAsync();
    expect(acts.menu).not.toHaveBeenCalled();
  });
});
