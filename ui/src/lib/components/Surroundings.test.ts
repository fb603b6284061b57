import { render, screen, waitFor } from '@testing-library/svelte';
import { emit } from '@tauri-apps/api/event';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import type { Link } from '../bindings';
import { api } from '../api';
import { chooseLanguage } from '../i18n';
import { App } from '../state/app.svelte';
import { appContext } from '../state/context';
import { ben, conversation, FakeShell, message, page } from '../../test/shell';
import Surroundings from './Surroundings.svelte';

let shell: FakeShell;
let app: App;

beforeEach(async () => {
  chooseLanguage('en');
  shell = new FakeShell().answer('conversations', () => [conversation(ben)]);
  app = new App(api);
  await app.start();
});

function show(): void {
  render(Surroundings, { context: appContext(app) });
}

test('the system gets its words, again in another language', async () => {
  show();
  await waitFor(() => {
    expect(shell.called('set_words')).toHaveLength(1);
  });
  expect(shell.called('set_words')[0]?.words).toMatchObject({
    open: 'Open Roost',
    newMessage: 'New message',
  });
  chooseLanguage('fil');
  await waitFor(() => {
    expect(shell.called('set_words')[1]?.words).toMatchObject({ open: 'Buksan ang Roost' });
  });
});

test('the shell knows whose conversation is open', async () => {
  show();
  await app.open(ben);
  await waitFor(() => {
    expect(shell.called('set_open_conversation').at(-1)).toEqual({ peer: ben.id });
  });
  app.close();
  await waitFor(() => {
    expect(shell.called('set_open_conversation').at(-1)).toEqual({ peer: null });
  });
});

test('a link that opened the app is followed, once', async () => {
  const links: (Link | null)[] = [{ kind: 'open', peer: ben.id, message: null }];
  shell.answer('take_link', () => links.pop() ?? null);
  show();
  await waitFor(() => {
    expect(app.timeline?.peer).toEqual(ben);
  });
});

test('a click on a notification opens the message where it stands', async () => {
  shell.answer('timeline', () => page([message('m7')]));
  show();
  const link: Link = { kind: 'open', peer: ben.id, message: { key: 'm7', position: 'p7' } };
  shell.answer('take_link', () => link);
  await emit('link-arrived', null);
  await waitFor(() => {
    expect(shell.called('timeline')[0]).toMatchObject({
      peer: ben.id,
      anchor: { at: 'around', position: 'p7' },
    });
  });
});

test('without an account a link opens no conversation', async () => {
  shell.answer('session', () => ({ state: 'signedOut' }));
  app = new App(api);
  await app.start();
  const link: Link = { kind: 'open', peer: ben.id, message: null };
  shell.answer('take_link', () => link);
  show();
  await waitFor(() => {
    expect(shell.called('take_link')).toHaveLength(1);
  });
  expect(app.timeline).toBeNull();
});

test('an invitation waits for whoever signs in', async () => {
  const link: Link = { kind: 'join', server: 'https://chat.school.edu', code: 'AB-CD' };
  shell.answer('take_link', () => link);
  show();
  await waitFor(() => {
    expect(app.invited).toBe('https://chat.school.edu/join#AB-CD');
  });
});

test.each([
  ['close-to-tray', true],
  ['close-end', false],
])('closing asks, and %s answers', async (button, toTray) => {
  show();
  await emit('close-asked', null);
  await userEvent.click(await screen.findByTestId(button));
  expect(shell.called('answer_close')).toEqual([{ toTray }]);
  await waitFor(() => {
    expect(screen.queryByTestId(button)).toBeNull();
  });
});

test('an answer that cannot be kept says so and leaves the question', async () => {
  shell.refuse('answer_close', { kind: 'diskFull' });
  show();
  await emit('close-asked', null);
  await userEvent.click(await screen.findByTestId('close-to-tray'));
  expect(await screen.findByText(/disk is full/)).toBeInTheDocument();
  expect(screen.getByTestId('close-to-tray')).toBeInTheDocument();
});
