import { fireEvent, render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import Root from '../../Root.svelte';
import { FakeShell, ben, conversation, message, page } from '../../test/shell';
import { api, type TimelineItem } from '../api';
import { App } from '../state/app.svelte';

function chat(items: TimelineItem[], unread = 0) {
  const shell = new FakeShell()
    .answer('conversations', () => [conversation(ben, unread)])
    .answer('timeline', () => page(items))
    .answer('mark_read', () => null);
  const app = new App(api);
  render(Root, { app });
  const user = userEvent.setup();
  const open = async () => {
    await user.click(await screen.findByTestId('conversation'));
    return screen.findByTestId('timeline');
  };
  return { shell, user, open, app };
}

it('shows a message as text, whatever it is made of', async () => {
  const markup = '<img src=x onerror="alert(1)"> <b>bold</b>';
  const { open } = chat([message('m1', { content: markup })]);
  const timeline = await open();
  expect(within(timeline).getByTestId('message-text')).toHaveTextContent(markup);
  expect(timeline.querySelector('img, b')).toBeNull();
});

it('draws a message at once, stores it before the box is empty, and rereads what the engine says', async () => {
  const items = [message('m1')];
  const { shell, user, open } = chat(items);
  let stored: (key: string) => void = () => undefined;
  await open();
  shell.answer('send_message', () => new Promise<string>((resolve) => (stored = resolve)));
  const box = screen.getByTestId('composer');
  await user.type(box, 'Hello Ben{Enter}');
  const last = () => screen.getAllByTestId('message').at(-1) ?? document.body;
  expect(last()).toHaveTextContent('Hello Ben');
  // Nothing promises anything yet, and nothing can be done with it.
  expect(within(last()).getByRole('img', { hidden: true })).not.toBeVisible();
  expect(within(last()).queryByTestId('message-actions')).toBeNull();
  expect(box).toHaveValue('Hello Ben');
  // The engine tells of it before it answers: it is there once all the same.
  items.push(message('k1', { mine: true, content: 'Hello Ben', status: { state: 'waiting' } }));
  await shell.tell({ kind: 'timeline', peer: ben.id });
  expect(screen.getAllByTestId('message')).toHaveLength(2);
  expect(last()).toHaveAttribute('data-status', 'storing');
  stored('k1');
  await vi.waitFor(() => {
    expect(last()).toHaveAttribute('data-status', 'waiting');
  });
  expect(box).toHaveValue('');
  expect(screen.getAllByTestId('message')).toHaveLength(2);
  const bubble = last();
  items[1] = message('k1', { mine: true, content: 'Hello Ben', status: { state: 'read' } });
  await shell.tell({ kind: 'timeline', peer: ben.id });
  await vi.waitFor(() => {
    expect(bubble).toHaveAttribute('data-status', 'read');
  });
  // The same element all along: a bubble is not rebuilt when its send is confirmed.
  expect(last()).toBe(bubble);
});

it('stores a message behind a read under way, which would find it a second time', async () => {
  const items = [message('m1')];
  const { shell, user, open } = chat(items);
  await open();
  let read: (value: unknown) => void = () => undefined;
  shell
    .answer('timeline', () => new Promise((resolve) => (read = resolve)))
    .answer('send_message', () => {
      items.push(message('k1', { mine: true, content: 'Hello Ben', status: { state: 'waiting' } }));
      return 'k1';
    });
  await shell.tell({ kind: 'timeline', peer: ben.id });
  await user.type(screen.getByTestId('composer'), 'Hello Ben{Enter}');
  expect(screen.getAllByTestId('message')).toHaveLength(2);
  expect(shell.called('send_message')).toEqual([]);
  shell.answer('timeline', () => page(items));
  read(page(items));
  await vi.waitFor(() => {
    expect(screen.getByTestId('composer')).toHaveValue('');
  });
  await shell.tell({ kind: 'timeline', peer: ben.id });
  await vi.waitFor(() => {
    expect(screen.getAllByTestId('message').at(-1)).toHaveAttribute('data-status', 'waiting');
  });
  expect(screen.getAllByTestId('message')).toHaveLength(2);
});

it('changes the message with Up that was drawn last', async () => {
  const items = [message('k1', { mine: true, content: 'Above', status: { state: 'sent' } })];
  const { shell, user, open } = chat(items);
  await open();
  shell.answer('send_message', () => {
    items.push(message('k2', { mine: true, content: 'Hello Ben', status: { state: 'waiting' } }));
    return 'k2';
  });
  const box = screen.getByTestId('composer');
  await user.type(box, 'Hello Ben{Enter}');
  await vi.waitFor(() => {
    expect(box).toHaveValue('');
  });
  // The engine has not told of it yet.
  await user.type(box, '{ArrowUp}');
  await vi.waitFor(() => {
    expect(box).toHaveValue('Hello Ben');
  });
});

it('takes a message off the screen that could not be stored, and keeps its text', async () => {
  const { shell, user, open } = chat([message('m1')]);
  await open();
  let refuse: (cause: unknown) => void = () => undefined;
  shell.answer('send_message', () => new Promise((_, reject) => (refuse = reject)));
  const box = screen.getByTestId('composer');
  await user.type(box, 'Hello Ben{Enter}');
  expect(screen.getAllByTestId('message')).toHaveLength(2);
  refuse({ problem: { kind: 'diskFull' }, details: '' });
  expect(await screen.findByTestId('form-error')).toHaveTextContent('The disk is full.');
  expect(screen.getAllByTestId('message')).toHaveLength(1);
  expect(box).toHaveValue('Hello Ben');
});

it('leaves the conversation alone that is opened while a message is stored', async () => {
  const { shell, user, app } = chat([message('m1')]);
  let stored: (key: string) => void = () => undefined;
  shell
    .answer('timeline', () => page([message('m1'), message('m2')], { firstUnread: 'm2' }))
    .answer('send_message', () => new Promise<string>((resolve) => (stored = resolve)));
  const grace = { ...ben, id: 'g1', firstName: 'Grace', lastName: 'Adeyemi' };
  await screen.findByTestId('conversation');
  await app.open(ben);
  await user.type(await screen.findByTestId('composer'), 'Hello Ben{Enter}');
  const first = app.timeline;
  await app.open(grace);
  expect(await screen.findByRole('heading', { name: 'Grace Adeyemi' })).toBeVisible();
  stored('k1');
  await vi.waitFor(() => {
    expect(app.drafts.of(ben.id)).toBe('');
  });
  expect(first?.divider).toBeNull();
  expect(app.timeline).toMatchObject({ peer: grace, divider: 'm2', jumps: 0 });
});

it.each([
  ['left for the list', false],
  ['left and opened again', true],
])('forgets the draft of a message that is stored after its conversation was %s', async (_, again) => {
  const { shell, user, app } = chat([]);
  let stored: (key: string) => void = () => undefined;
  shell.answer('send_message', () => new Promise<string>((resolve) => (stored = resolve)));
  await screen.findByTestId('conversation');
  await app.open(ben);
  const box = await screen.findByTestId('composer');
  await user.type(box, 'Hello Ben{Enter}');
  app.close();
  if (again) await app.open(ben);
  await vi.waitFor(() => {
    expect(box).not.toBeInTheDocument();
  });
  stored('k1');
  await vi.waitFor(() => {
    expect(app.drafts.of(ben.id)).toBe('');
  });
  await app.open(ben);
  expect(await screen.findByTestId('composer')).toHaveValue('');
});

it('takes a stored message for sent, although the newest ones cannot be read', async () => {
  const { shell, user, app } = chat([]);
  shell
    .answer('timeline', () => page([message('m1')], { hasNewer: true }))
    .answer('send_message', () => 'k1');
  await screen.findByTestId('conversation');
  await app.open(ben);
  shell.refuse('timeline', { kind: 'storage' });
  const box = await screen.findByTestId('composer');
  await user.type(box, 'Hello Ben{Enter}');
  await vi.waitFor(() => {
    expect(box).toHaveValue('');
  });
  expect(screen.queryByTestId('form-error')).toBeNull();
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

it('finds somebody and opens the conversation with them', async () => {
  const { shell, user } = chat([]);
  const grace = { ...ben, id: 'g1', firstName: 'Grace', lastName: 'Adeyemi' };
  shell.answer('people', ({ query }) => ({ people: query === 'gra' ? [grace] : [], askedServer: false }));
  await user.click(await screen.findByTestId('new-conversation'));
  await user.type(screen.getByTestId('people-search'), 'gra');
  await user.click(await screen.findByTestId('person'));
  expect(await screen.findByRole('heading', { name: 'Grace Adeyemi' })).toBeVisible();
});

it('echoes a search without hits, and says when only this device was searched', async () => {
  const { shell, user } = chat([]);
  shell.answer('people', () => ({ people: [], askedServer: false }));
  await user.click(await screen.findByTestId('new-conversation'));
  await user.type(screen.getByTestId('people-search'), 'zz');
  expect(await screen.findByText('Nobody found for “zz”.')).toBeVisible();
  expect(screen.getByText(/only people known on this device/)).toBeVisible();
});

it.each([
  ['the search for people', 'new-conversation', 'people-search', 'gra', 'person'],
  ['the search for people, without a word,', 'new-conversation', 'people-search', '', 'person'],
  ['the switcher', null, 'switcher-box', 'gra', 'choice'],
])('%s asks again once there is a server to ask', async (_, button, box, word, found) => {
  const { shell, user } = chat([]);
  const grace = { ...ben, id: 'g1', firstName: 'Grace', lastName: 'Adeyemi' };
  let state = 'connecting';
  shell
    .answer('conversations', () => [])
    .answer('connection', () =>
      state === 'online' ? { state, asOf: '2026-05-03T10:00:00.000Z' } : { state },
    )
    .answer('people', () =>
      state === 'online' ? { people: [grace], askedServer: true } : { people: [], askedServer: false },
    );
  await shell.tell({ kind: 'everything' });
  if (button === null) await user.keyboard('{Control>}k{/Control}');
  else await user.click(await screen.findByTestId(button));
  if (word !== '') {
    await user.type(await screen.findByTestId(box), word);
    expect(await screen.findByText('Nobody found for “gra”.')).toBeVisible();
  }
  if (button !== null) expect(await screen.findByText(/^Not connected yet/)).toBeVisible();
  state = 'online';
  await shell.tell({ kind: 'connection' });
  expect(await screen.findByTestId(found)).toHaveTextContent('Grace Adeyemi');
  expect(screen.queryByText('Nobody found for “gra”.')).toBeNull();
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

it('starts a conversation with an id where nobody is found', async () => {
  const { shell, user } = chat([]);
  shell.answer('people', () => ({ people: [], askedServer: false }));
  await user.click(await screen.findByTestId('new-conversation'));
  await user.type(screen.getByTestId('people-search'), ' 507F1F77BCF86CD799439012');
  await user.click(await screen.findByTestId('person-by-id'));
  expect(await screen.findByRole('heading', { name: 'Unnamed (…439012)' })).toBeVisible();
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
