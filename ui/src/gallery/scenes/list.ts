/** The list of conversations, and what opens from it. */
import { emit } from '@tauri-apps/api/event';
import { conversation, type FakeShell } from '../../test/shell';
import type { Hand } from '../hand';
import { BEN, CONVERSATIONS, PEOPLE, person } from '../people';
import { ago } from '../clock';
import { never, type Scene } from './scene';

/** Everybody, some of them there, one of them writing. */
export function crowd(shell: FakeShell): FakeShell {
  return shell
    .answer('conversations', () => CONVERSATIONS)
    .answer('people', () => ({ people: PEOPLE, askedServer: true }))
    .answer('person', ({ id }) => PEOPLE.find((each) => each.id === id) ?? null)
    .answer('writing', () => ['d1'])
    .answer('presence', ({ people }) =>
      (people as string[]).map((id, at) => ({ id, online: at % 4 === 0, lastSeenAt: ago(at * 50 + 7) })),
    );
}

const MANY = Array.from({ length: 200 }, (_, at) => ({
  ...conversation(person(`many-${at}`, 'Student', `Number ${at + 1}`)),
  last: { preview: `Message number ${at + 1}`, at: ago(at * 30), mine: false, status: null, deleted: false },
}));

async function account(hand: Hand): Promise<void> {
  await hand.press('account-menu');
  await hand.see('sign-out');
}

export const LIST: readonly Scene[] = [
  {
    name: 'starting',
    about: 'The app has not heard of the engine yet.',
    shell: (shell) => shell.answer('session', never),
    starting: true,
  },
  {
    name: 'list-loading',
    about: 'The list is being read.',
    shell: (shell) => shell.answer('conversations', never),
  },
  {
    name: 'list-empty',
    about: 'No conversation yet.',
    open: (hand) => hand.find('.empty h2'),
  },
  {
    name: 'list-failed',
    about: 'The list cannot be read any more.',
    shell: crowd,
    open: async (hand, shell) => {
      await hand.see('conversation');
      shell.refuse('conversations', { kind: 'damaged' });
      await shell.tell({ kind: 'conversations' });
      await hand.find('.empty[role="alert"]');
    },
  },
  {
    name: 'list',
    about: 'Everything that a line of the list can say; no conversation is open.',
    shell: crowd,
    open: (hand) => hand.see('conversation'),
  },
  {
    name: 'list-long',
    about: 'Two hundred conversations.',
    shell: (shell) => crowd(shell).answer('conversations', () => MANY),
    open: (hand) => hand.see('conversation'),
  },
  {
    name: 'list-menu',
    about: 'What can be done with a conversation.',
    shell: crowd,
    open: async (hand) => {
      await hand.ask('[data-testid="conversation"][data-peer="c1"]');
      await hand.see('menu-pin');
    },
  },
  {
    name: 'list-refused',
    about: 'What was done with a conversation failed.',
    shell: (shell) => crowd(shell).refuse('set_muted', { kind: 'diskFull' }),
    open: async (hand) => {
      await hand.ask('[data-testid="conversation"][data-peer="e1"]');
      await hand.press('menu-mute');
      await hand.see('form-error');
    },
  },
  {
    name: 'back-fill',
    about: 'The history is being fetched.',
    shell: (shell) =>
      crowd(shell).answer('progress', () => ({ conversations: 12, complete: 7, messages: 18_342 })),
    open: (hand) => hand.see('progress'),
  },
  {
    name: 'notices',
    about: 'No keyring, and messages that were damaged.',
    shell: (shell) =>
      crowd(shell)
        .answer('secrets_last', () => false)
        .answer('recovered', () => ({ at: ago(4), waiting: 2, drafts: 1, complete: false })),
    open: (hand) => hand.see('recovered'),
  },
  { name: 'account-menu', about: 'Who is signed in.', shell: crowd, open: account },
  {
    name: 'sign-out',
    about: 'Asks before signing out.',
    shell: (shell) => crowd(shell).answer('waiting', () => 3),
    open: async (hand) => {
      await account(hand);
      await hand.press('sign-out');
      await hand.see('keep-messages');
    },
  },
  {
    name: 'sign-out-removing',
    about: 'And nothing is to stay.',
    shell: (shell) => crowd(shell).refuse('sign_out', { kind: 'storage' }),
    open: async (hand) => {
      await account(hand);
      await hand.press('sign-out');
      await hand.press('keep-messages');
      await hand.press('dialog-confirm');
      await hand.see('form-error');
    },
  },
  {
    name: 'shortcuts',
    about: 'The keys.',
    shell: crowd,
    open: async (hand) => {
      await account(hand);
      await hand.press('shortcuts');
      await hand.see('dialog-cancel');
    },
  },
  {
    name: 'close',
    about: 'Asks what closing the window shall do.',
    shell: crowd,
    open: async (hand) => {
      await hand.see('conversation');
      await emit('close-asked', null);
      await hand.see('close-end');
    },
  },
  {
    name: 'switcher',
    about: 'Goes to a conversation.',
    shell: crowd,
    open: async (hand) => {
      await hand.see('conversation');
      await hand.control('k');
      await hand.see('choice');
    },
  },
  {
    name: 'switcher-found',
    about: 'Whom one writes to already, and whom one could write to.',
    shell: (shell) =>
      crowd(shell).answer('people', () => ({
        people: [BEN, person('m1', 'Benedikt', 'Ångström')],
        askedServer: true,
      })),
    open: async (hand) => {
      await hand.see('conversation');
      await hand.control('k');
      await hand.fill('switcher-box', 'ben');
      await hand.find('[data-testid="choice"][data-person="m1"]');
    },
  },
  {
    name: 'switcher-nobody',
    about: 'Nobody of that name.',
    shell: (shell) => shell.answer('people', () => ({ people: [], askedServer: true })),
    open: async (hand) => {
      await hand.find('.empty h2');
      await hand.control('k');
      await hand.fill('switcher-box', 'zacharias');
    },
  },
];
