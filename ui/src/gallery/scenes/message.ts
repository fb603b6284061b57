/** One message, and what can be done with it. */
import { ago } from '../clock';
import type { Hand } from '../hand';
import { TALK, mine, said } from '../people';
import { openBen, talk } from './conversation';
import type { Scene } from './scene';

const REFUSED = [
  ...TALK.slice(0, 3),
  mine('r1', 30, 'See you at the old place', {
    state: 'refused',
    reason: 'You cannot write to this person any more.',
  }),
  mine('r2', 29, 'At nine?', { state: 'held' }),
  mine('r3', 28, 'Or at ten?', { state: 'held' }),
];

const CHANGING = [
  ...TALK.slice(0, 3),
  mine('p1', 30, 'Changed while there was no connection', { state: 'read' }, { pending: 'edit' }),
  mine('p2', 29, 'Deleted while there was no connection', { state: 'read' }, { pending: 'delete' }),
  mine('p3', 28, 'The server does not know this one any more', { state: 'sent' }, { lost: true }),
  said('p4', 27, 'Nor this one of mine', { lost: true }),
];

const LOOKALIKE = [said('l1', 5, 'Please sign in at https://chat.schооl.edu/login?next=/inbox')];

const DETAILED = [
  mine(
    'd1',
    70,
    'When did you see this?',
    { state: 'read' },
    {
      deliveredAt: ago(69),
      seenAt: ago(40),
      readAt: ago(38),
      editedAt: ago(65),
    },
  ),
];

async function menu(hand: Hand, key: string): Promise<void> {
  await openBen(hand);
  await hand.ask(`[data-key="${key}"] .bubble`);
  await hand.see('menu-copy');
}

export const MESSAGE: readonly Scene[] = [
  {
    name: 'message-refused',
    about: 'The server has refused one, which holds back the others.',
    shell: (shell) => talk(shell, REFUSED),
    open: openBen,
  },
  {
    name: 'message-pending',
    about: 'Changes that wait, and messages that the server has lost.',
    shell: (shell) => talk(shell, CHANGING),
    open: openBen,
  },
  {
    name: 'message-menu-own',
    about: 'What can be done with an own message.',
    shell: talk,
    open: (hand) => menu(hand, '11'),
  },
  {
    name: 'message-menu-link',
    about: 'What can be done with a link.',
    shell: (shell) => talk(shell, TALK.slice(0, 5)),
    open: async (hand) => {
      await openBen(hand);
      await hand.ask('[data-testid="message-link"]');
      await hand.see('menu-open-link');
    },
  },
  {
    name: 'message-editing',
    about: 'An own message is being changed.',
    shell: talk,
    open: async (hand) => {
      await menu(hand, '12');
      await hand.press('menu-edit');
    },
  },
  {
    name: 'message-details',
    about: 'When it was sent, delivered, seen, read and changed.',
    shell: (shell) => talk(shell, DETAILED),
    open: async (hand) => {
      await menu(hand, 'd1');
      await hand.press('menu-info');
      await hand.see('dialog');
    },
  },
  {
    name: 'message-delete',
    about: 'Asks before deleting.',
    shell: talk,
    open: async (hand) => {
      await menu(hand, '12');
      await hand.press('menu-delete');
      await hand.see('dialog');
    },
  },
  {
    name: 'message-cancel',
    about: 'Asks before a message that waits is not sent.',
    shell: talk,
    open: async (hand) => {
      await menu(hand, '14');
      await hand.press('menu-delete');
      await hand.see('dialog');
    },
  },
  {
    name: 'link',
    about: 'Shows where a link leads.',
    shell: (shell) => talk(shell, TALK.slice(0, 5)),
    open: async (hand) => {
      await openBen(hand);
      await hand.press('message-link');
      await hand.see('link-address');
    },
  },
  {
    name: 'link-lookalike',
    about: 'A name with letters of two alphabets.',
    shell: (shell) => talk(shell, LOOKALIKE),
    open: async (hand) => {
      await openBen(hand);
      await hand.press('message-link');
      await hand.see('link-lookalike');
    },
  },
];
