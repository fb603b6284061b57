import { fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { FakeShell, ben, conversation } from '../../test/shell';
import { api, type Conversation } from '../api';
import { App } from '../state/app.svelte';
import { appContext } from '../state/context';
import ConversationList from './ConversationList.svelte';

const last = {
  preview: 'See you tomorrow',
  at: '2026-05-03T10:00:00.000Z',
  mine: false,
  status: null,
  deleted: false,
};

async function list(...changes: Partial<Conversation>[]) {
  const conversations = changes.map((change, at) => ({
    ...conversation({ ...ben, id: `b${at}`, lastName: `Number ${at}` }),
    last,
    ...change,
  }));
  const shell = new FakeShell().answer('conversations', () => conversations);
  const app = new App(api);
  await app.start();
  const props = { onopen: vi.fn(), onfind: vi.fn() };
  render(ConversationList, { props, context: appContext(app) });
  return { shell, app, props, user: userEvent.setup(), rows: screen.getAllByTestId('conversation') };
}

it('says in words what its signs say', async () => {
  const { rows } = await list(
    { pinned: true, unread: 3 },
    { muted: true, unread: 1_200 },
    { markedUnread: true },
    {},
  );
  expect(rows[0]).toHaveAccessibleName(/Pinned.*3 unread messages/);
  expect(rows[1]).toHaveAccessibleName(/Muted.*1,200 unread messages/);
  expect(within(rows[1] ?? document.body).getByText('99+')).toBeVisible();
  expect(rows[2]).toHaveAccessibleName(/Marked as unread/);
  expect(rows[3]).not.toHaveAccessibleName(/nread|Pinned|Muted|Online/);
});

it('shows who is writing, in place of what was said last, and who is there', async () => {
  const { shell, rows } = await list({ draft: 'half a word' }, {});
  shell
    .answer('writing', () => ['b0'])
    .answer('presence', () => [{ id: 'b1', online: true, lastSeenAt: null }]);
  await shell.tell({ kind: 'typing', peer: 'b0', isTyping: true });
  await shell.tell({ kind: 'presence' });
  await waitFor(() => {
    expect(rows[0]).toHaveTextContent('Typing…');
  });
  expect(rows[0]).not.toHaveTextContent('half a word');
  expect(rows[1]).toHaveTextContent('See you tomorrow');
  expect(rows[1]).toHaveAccessibleName(/Online/);
  expect(rows[0]).not.toHaveAccessibleName(/Online/);
  shell.answer('writing', () => []);
  await shell.tell({ kind: 'typing', peer: 'b0', isTyping: false });
  await waitFor(() => {
    expect(rows[0]).toHaveTextContent('Draft: half a word');
  });
});

it.each([
  ['menu-pin', {}, 'set_pinned', { pinned: true }],
  ['menu-pin', { pinned: true }, 'set_pinned', { pinned: false }],
  ['menu-mute', {}, 'set_muted', { muted: true }],
  ['menu-mute', { muted: true }, 'set_muted', { muted: false }],
  ['menu-unread', {}, 'mark_unread', {}],
  ['menu-read', { unread: 2 }, 'mark_all_read', {}],
  ['menu-read', { markedUnread: true }, 'mark_all_read', {}],
])('does %s for a conversation that is %o', async (item, change, command, given) => {
  const { shell, user, rows } = await list({}, change);
  shell.answer(command, () => null);
  await fireEvent.contextMenu(rows[1] ?? document.body, { clientX: 40, clientY: 90 });
  await user.click(screen.getByTestId(item));
  await waitFor(() => {
    expect(shell.called(command)).toEqual([{ peer: 'b1', ...given }]);
  });
});

it('opens its menu with the keyboard, and gives the focus back', async () => {
  const { user, props, rows } = await list({}, {});
  rows[1]?.focus();
  await user.keyboard('{Shift>}{F10}{/Shift}');
  expect(screen.getByRole('menu', { name: 'Conversation with Ben Number 1' })).toBeVisible();
  expect(screen.getByTestId('menu-unread')).toHaveFocus();
  await user.keyboard('{End}{Enter}');
  expect(screen.queryByRole('menu')).toBeNull();
  await waitFor(() => {
    expect(props.onfind).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ id: 'b1' }));
  });
  expect(rows[1]).toHaveFocus();
  expect(props.onopen).not.toHaveBeenCalled();
});

it('keeps why something failed, until something works', async () => {
  const { shell, app, user, rows } = await list({});
  shell.refuse('set_pinned', { kind: 'diskFull' });
  const pin = async () => {
    await fireEvent.contextMenu(rows[0] ?? document.body);
    await user.click(screen.getByTestId('menu-pin'));
  };
  await pin();
  await waitFor(() => {
    expect(app.refused?.text).toMatch(/disk is full/);
  });
  shell.answer('set_pinned', () => null);
  await pin();
  await waitFor(() => {
    expect(app.refused).toBeNull();
  });
});

it('has a screenful of thousands there, and reaches the last one with the keyboard', async () => {
  const { user, rows } = await list(...Array.from({ length: 3_000 }, () => ({})));
  expect(rows.length).toBeLessThan(60);
  rows[0]?.focus();
  await user.keyboard('{End}');
  await waitFor(() => {
    expect(document.activeElement).toHaveAttribute('data-peer', 'b2999');
  });
  expect(document.activeElement?.closest('li')).toHaveAttribute('aria-posinset', '3000');
  await user.keyboard('{Home}');
  await waitFor(() => {
    expect(document.activeElement).toHaveAttribute('data-peer', 'b0');
  });
});

it('keeps the focus on a conversation that moves to the top', async () => {
  const { shell, app, rows } = await list({}, {}, {});
  rows[2]?.focus();
  const moved = [app.conversations[2], app.conversations[0], app.conversations[1]];
  shell.answer('conversations', () => moved);
  await shell.tell({ kind: 'conversations' });
  await waitFor(() => {
    expect(app.conversations[0]?.peer.id).toBe('b2');
  });
  expect(document.activeElement).toHaveAttribute('data-peer', 'b2');
});
