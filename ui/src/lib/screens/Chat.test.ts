import { fireEvent, screen, within } from '@testing-library/svelte';
import { expect, it, vi } from 'vitest';
import { chat } from '../../test/chat';
import { ben, conversation, message } from '../../test/shell';

it('shows a message as text, whatever it is made of', async () => {
  const markup = '<img src=x onerror="alert(1)"> <b>bold</b>';
  const { open } = chat([message('m1', { content: markup })]);
  const timeline = await open();
  expect(within(timeline).getByTestId('message-text')).toHaveTextContent(markup);
  expect(timeline.querySelector('img, b')).toBeNull();
});

it('keeps the question open that was asked after another one was closed', async () => {
  const { shell, user, open } = chat([
    message('k1', { mine: true, status: { state: 'sent' } }),
    message('k2', { mine: true, status: { state: 'sent' } }),
  ]);
  let deleted: (nothing: null) => void = () => undefined;
  shell.answer('delete_message', () => new Promise<null>((resolve) => (deleted = resolve)));
  await open();
  const ask = async (at: number) => {
    const button = screen.getAllByTestId('message-actions')[at];
    if (button !== undefined) await user.click(button);
    await user.click(screen.getByTestId('menu-delete'));
  };
  await ask(0);
  await user.click(screen.getByTestId('dialog-confirm'));
  await user.click(screen.getByTestId('dialog-cancel'));
  await ask(1);
  deleted(null);
  await new Promise((resolve) => setTimeout(resolve));
  expect(screen.getByTestId('dialog')).toBeVisible();
});

it('says why a message was refused, and tries it again', async () => {
  const { shell, user, open } = chat([
    message('k1', { mine: true, status: { state: 'refused', reason: 'User not found' } }),
    message('k2', { mine: true, status: { state: 'held' } }),
  ]);
  shell.answer('retry_message', () => null);
  await open();
  expect(screen.getByText(/Not sent: User not found/)).toBeVisible();
  expect(screen.getByText(/Waits until the message above/)).toBeVisible();
  await user.click(screen.getByTestId('message-retry'));
  expect(shell.called('retry_message')).toEqual([{ key: 'k1' }]);
});

it('deletes a message after asking', async () => {
  const { shell, user, open } = chat([message('k1', { mine: true, status: { state: 'sent' } })]);
  shell.answer('delete_message', () => null);
  await open();
  await user.click(screen.getByTestId('message-actions'));
  await user.click(screen.getByTestId('menu-delete'));
  const dialog = await screen.findByTestId('dialog');
  expect(dialog).toHaveTextContent('It is deleted for Ben as well.');
  expect(shell.called('delete_message')).toEqual([]);
  await user.click(within(dialog).getByTestId('dialog-confirm'));
  expect(shell.called('delete_message')).toEqual([{ key: 'k1' }]);
});

it('offers no change of somebody else’s message', async () => {
  const { user, open } = chat([message('m1')]);
  await open();
  await user.click(screen.getByTestId('message-actions'));
  expect(screen.getByTestId('menu-copy')).toBeVisible();
  expect(screen.queryByTestId('menu-edit')).toBeNull();
  expect(screen.queryByTestId('menu-delete')).toBeNull();
});

it('moves through the list with the arrow keys and leaves a conversation with Escape', async () => {
  const { shell, user } = chat([]);
  const grace = { ...ben, id: 'g1', firstName: 'Grace', lastName: 'Adeyemi' };
  shell.answer('conversations', () => [conversation(ben), conversation(grace)]);
  await shell.tell({ kind: 'conversations' });
  const rows = await vi.waitFor(() => {
    const found = screen.getAllByTestId('conversation');
    expect(found).toHaveLength(2);
    return found;
  });
  rows[0]?.focus();
  await user.keyboard('{ArrowDown}');
  expect(rows[1]).toHaveFocus();
  await user.keyboard('{Enter}');
  expect(await screen.findByRole('heading', { name: 'Grace Adeyemi' })).toBeVisible();
  await user.keyboard('{Escape}');
  expect(screen.queryByTestId('timeline')).toBeNull();
});

it('opens no link before somebody has seen where it leads', async () => {
  const { shell, user, open } = chat([message('m1', { content: 'https://раypal.test/login' })]);
  shell.answer('open_link', () => null);
  await open();
  await user.click(screen.getByTestId('message-link'));
  expect(screen.getByTestId('link-address')).toHaveTextContent('https://xn--ypal-43d9g.test/login');
  expect(screen.getByTestId('link-lookalike')).toBeVisible();
  expect(shell.called('open_link')).toEqual([]);
  await user.click(screen.getByTestId('link-open'));
  expect(shell.called('open_link')).toEqual([{ url: 'https://xn--ypal-43d9g.test/login' }]);
  expect(screen.queryByTestId('link-address')).toBeNull();
});

it('copies a link instead', async () => {
  const { user, open } = chat([message('m1', { content: 'see https://example.org/a' })]);
  const written = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
  await open();
  await user.click(screen.getByTestId('message-link'));
  await user.click(screen.getByTestId('link-copy'));
  expect(written).toHaveBeenLastCalledWith('https://example.org/a');
});

it('says why a link was not opened', async () => {
  const { shell, user, open } = chat([message('m1', { content: 'https://example.org' })]);
  shell.refuse('open_link', { kind: 'notOpened' }, 'no program');
  await open();
  await user.click(screen.getByTestId('message-link'));
  await user.click(screen.getByTestId('link-open'));
  expect(await screen.findByRole('alert')).toBeVisible();
});

it('copies what is selected of a message, or all of it', async () => {
  const { user, open } = chat([message('m1', { content: 'Hello Ana' })]);
  const written = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
  await open();
  const text = screen.getByTestId('message-text');
  await user.pointer({ target: text, keys: '[MouseRight]' });
  expect(screen.queryByTestId('menu-copy-selection')).toBeNull();
  await user.click(screen.getByTestId('menu-copy'));
  expect(written).toHaveBeenLastCalledWith('Hello Ana');
  const letters = [...text.childNodes].find((node) => node.textContent === 'Hello Ana');
  if (letters !== undefined) getSelection()?.setBaseAndExtent(letters, 0, letters, 5);
  await fireEvent.contextMenu(text);
  await user.click(screen.getByTestId('menu-copy-selection'));
  expect(written).toHaveBeenLastCalledWith('Hello');
});

it('goes to a day that is chosen from a calendar', async () => {
  const { shell, user, open } = chat([message('m1')]);
  await open();
  await user.click(screen.getByTestId('go-to-date'));
  const day = screen.getAllByTestId('day').find((button) => button.dataset.day === '2');
  if (day !== undefined) await user.click(day);
  await vi.waitFor(() => {
    expect(shell.called('timeline').at(-1)?.anchor).toEqual({
      at: 'date',
      time: new Date(2026, 4, 2).toISOString(),
    });
  });
});

it('says who is there, and who writes', async () => {
  const { shell, open } = chat([]);
  shell.answer('presence', () => [{ id: ben.id, online: true, lastSeenAt: null }]);
  await open();
  expect(await screen.findByTestId('presence')).toHaveTextContent('Coordinator · Online');
  shell.answer('writing', () => [ben.id]);
  await shell.tell({ kind: 'typing', peer: ben.id, isTyping: true });
  expect(await screen.findByTestId('writing')).toHaveTextContent('Writing…');
});

it('says when a message was changed', async () => {
  const { user, open } = chat([message('m1', { editedAt: '2026-05-03T11:30:00.000Z' })]);
  await open();
  await user.click(screen.getByTestId('message-actions'));
  await user.click(screen.getByTestId('menu-info'));
  expect(screen.getByTestId('dialog')).toHaveTextContent(/Edited.*2026/);
});

it('says that the keyring is out of reach', async () => {
  const { shell, user } = chat([]);
  shell.answer('secrets_last', () => false);
  await shell.tell({ kind: 'session' });
  const notice = await screen.findByText(/can’t reach this device’s keyring/);
  await user.click(screen.getByText('Got it'));
  expect(notice).not.toBeInTheDocument();
});

it('says that the server lost a message, and sends an own one again', async () => {
  const { shell, user, open } = chat([
    message('m1', { lost: true }),
    message('m2', { lost: true, mine: true }),
  ]);
  shell.answer('retry_message', () => null);
  await open();
  expect(screen.getAllByTestId('lost')).toHaveLength(2);
  await user.click(screen.getByTestId('message-send-again'));
  expect(shell.called('retry_message')).toEqual([{ key: 'm2' }]);
});

it('opens a hit where it stands', async () => {
  const { shell, user } = chat([message('m1'), message('m2'), message('m3')]);
  const parts = [{ text: 'text of m2', found: true }];
  const hit = {
    peer: ben.id,
    key: 'm2',
    position: 'p2',
    sentAt: '2026-05-03T10:00:00.000Z',
    mine: false,
    parts,
  };
  shell.answer('search', () => ({ hits: [hit], more: false }));
  await user.click(await screen.findByTestId('search-messages'));
  await user.type(screen.getByTestId('message-search'), 'text');
  await user.click(await screen.findByTestId('hit'));
  await vi.waitFor(() => {
    expect(screen.getAllByTestId('message')[1]).toHaveClass('target');
  });
  expect(shell.called('timeline').at(-1)).toMatchObject({ anchor: { at: 'around', position: 'p2' } });
  // The hits stay, for the next one.
  expect(screen.getByTestId('hit')).toBeVisible();
});

it('marks a line with its draft, and writes on where somebody stopped', async () => {
  const { shell, user, open } = chat([message('m1')]);
  shell
    .answer('conversations', () => [{ ...conversation(ben), draft: 'See you' }])
    .answer('draft', () => 'See you');
  const row = await screen.findByTestId('conversation');
  await vi.waitFor(() => {
    expect(row).toHaveTextContent('Draft: See you');
  });
  await open();
  await vi.waitFor(() => {
    expect(screen.getByTestId('composer')).toHaveValue('See you');
  });
  expect(row).not.toHaveTextContent('Draft');
  await user.type(screen.getByTestId('composer'), ' at noon');
  await vi.waitFor(() => {
    expect(shell.called('set_draft').at(-1)).toEqual({ peer: ben.id, content: 'See you at noon' });
  });
});

it('tells once what came of damaged messages', async () => {
  const { shell, user, app } = chat([]);
  const recovery = { at: '2026-05-03T10:00:00.000Z', waiting: 2, drafts: 0, complete: false };
  shell.answer('recovered', () => recovery).answer('forget_recovery', () => null);
  await screen.findByTestId('conversation');
  await shell.tell({ kind: 'recovered' });
  expect(await screen.findByTestId('recovered')).toHaveTextContent('2 unsent messages were saved.');
  await user.click(screen.getByTestId('forget-recovery'));
  expect(screen.queryByTestId('recovered')).toBeNull();
  expect([shell.called('forget_recovery').length, app.recovery]).toEqual([1, null]);
});

it('shows what the messages take of the disk, and gives it back', async () => {
  const { shell, user } = chat([]);
  const storage = {
    kib: 5_120,
    freeKib: 0,
    asideKib: 0,
    messages: 1_200,
    conversations: 3,
    waiting: 0,
    drafts: 0,
  };
  shell
    .answer('storage', () => storage)
    .answer('clear_messages', () => ({ ...storage, kib: 200, messages: 0 }));
  await user.click(await screen.findByTestId('account-menu'));
  await user.click(screen.getByTestId('settings-open'));
  await user.click(await screen.findByTestId('settings-data'));
  await user.click(screen.getByTestId('storage'));
  expect(await screen.findByTestId('storage-size')).toHaveTextContent('5 MB');
  await user.click(screen.getByTestId('clear'));
  expect(shell.called('clear_messages')).toEqual([]);
  await user.click(screen.getByTestId('dialog-confirm'));
  await vi.waitFor(() => {
    expect(screen.getByTestId('storage-size')).toHaveTextContent('200 kB');
  });
  expect(screen.queryByTestId('clear')).toBeNull();
});

const grace = { ...ben, id: 'g1', firstName: 'Grace', lastName: 'Adeyemi' };

/** A chat with Ben and Grace in the list. */
async function two() {
  const all = chat([message('m1')]);
  all.shell.answer('conversations', () => [conversation(ben), conversation(grace)]);
  await screen.findAllByTestId('conversation');
  await all.shell.tell({ kind: 'conversations' });
  await vi.waitFor(() => {
    expect(screen.getAllByTestId('conversation')).toHaveLength(2);
  });
  return all;
}

it('goes to a conversation with a few keys, and back to the last one with Enter alone', async () => {
  const { user } = await two();
  await user.keyboard('{Control>}k{/Control}');
  await user.type(screen.getByTestId('switcher-box'), 'ade{Enter}');
  expect(await screen.findByRole('heading', { name: 'Grace Adeyemi' })).toBeVisible();
  await user.keyboard('{Control>}k{/Control}{Enter}');
  expect(await screen.findByRole('heading', { name: 'Ben Okoye' })).toBeVisible();
  expect(screen.queryByTestId('switcher')).toBeNull();
});

it('starts a conversation from the switcher, with those who are not in the list', async () => {
  const { shell, user } = await two();
  const ines = { ...ben, id: 'i1', firstName: 'Ines', lastName: 'Alvarez' };
  shell.answer('people', () => ({ people: [ines, grace], askedServer: true }));
  await user.keyboard('{Control>}k{/Control}');
  const box = screen.getByTestId('switcher-box');
  await user.type(box, 'a');
  await screen.findByText('Start a conversation');
  // Grace stands among the conversations alone.
  const names = screen.getAllByTestId('choice').map((choice) => choice.dataset.person);
  expect(names).toEqual(['g1', 'i1']);
  await user.keyboard('{ArrowUp}');
  expect(box.getAttribute('aria-activedescendant')).toBe(screen.getAllByTestId('choice')[1]?.id);
  await user.keyboard('{Enter}');
  expect(await screen.findByRole('heading', { name: 'Ines Alvarez' })).toBeVisible();
});

it('goes down and up the list with Alt and the arrow keys', async () => {
  const { user } = await two();
  await user.keyboard('{Alt>}{ArrowDown}{/Alt}');
  expect(await screen.findByRole('heading', { name: 'Ben Okoye' })).toBeVisible();
  await user.keyboard('{Alt>}{ArrowDown}{/Alt}');
  expect(await screen.findByRole('heading', { name: 'Grace Adeyemi' })).toBeVisible();
  await user.keyboard('{Alt>}{ArrowDown}{/Alt}{Alt>}{ArrowUp}{/Alt}');
  expect(await screen.findByRole('heading', { name: 'Ben Okoye' })).toBeVisible();
});

it('finds in the open conversation, and leaves the search before the conversation', async () => {
  const { shell, user } = await two();
  await user.keyboard('{Alt>}{ArrowDown}{/Alt}');
  await screen.findByRole('heading', { name: 'Ben Okoye' });
  await user.keyboard('{Control>}f{/Control}mango');
  await vi.waitFor(() => {
    expect(shell.called('search').at(-1)?.search).toMatchObject({ query: 'mango', peer: ben.id });
  });
  await user.keyboard('{Escape}');
  expect(screen.queryByTestId('message-search')).toBeNull();
  expect(screen.getByTestId('timeline')).toBeVisible();
  await user.keyboard('{Escape}');
  expect(screen.queryByTestId('timeline')).toBeNull();
});

it('shows the shortcuts, and starts nothing while a question is open', async () => {
  const { user } = await two();
  await user.keyboard('{Control>}/{/Control}');
  expect(screen.getByTestId('dialog')).toHaveTextContent('Keyboard shortcuts');
  await user.keyboard('{Control>}k{/Control}');
  expect(screen.queryByTestId('switcher')).toBeNull();
  await user.keyboard('{Escape}');
  expect(screen.queryByTestId('dialog')).toBeNull();
});

it('says that the list can’t be read, and reads it again', async () => {
  const { shell, user } = await two();
  shell.refuse('conversations', { kind: 'storage' });
  await shell.tell({ kind: 'conversations' });
  expect(await screen.findByText('Roost can’t use the messages stored on this device.')).toBeVisible();
  shell.answer('conversations', () => [conversation(ben)]);
  await user.click(screen.getByText('Try again'));
  expect(await screen.findByTestId('conversation')).toBeVisible();
});

it('moves the line between the panes with the keyboard, and remembers it', async () => {
  const { user } = await two();
  const divider = screen.getByTestId('pane-divider');
  const before = Number(divider.getAttribute('aria-valuenow'));
  divider.focus();
  await user.keyboard('{ArrowRight}');
  const after = Number(divider.getAttribute('aria-valuenow'));
  expect(after).toBeGreaterThanOrEqual(before);
  expect(localStorage.getItem('roost.list-width')).toBe(String(after));
  localStorage.clear();
});
