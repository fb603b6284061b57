import { screen, within } from '@testing-library/svelte';
import { expect, it, vi } from 'vitest';
import { chat } from '../../test/chat';
import { ben, message, page } from '../../test/shell';

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
