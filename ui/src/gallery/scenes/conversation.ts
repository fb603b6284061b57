/** An open conversation as a whole. */
import type { Person, TimelineItem, TimelinePage } from '../../lib/bindings';
import { conversation, page, type FakeShell } from '../../test/shell';
import type { Hand } from '../hand';
import { BEN, CONVERSATIONS, TALK, mine, said } from '../people';
import { crowd } from './list';
import { never, type Scene } from './scene';

/** The list, and this conversation with Ben. */
export function talk(
  shell: FakeShell,
  items: readonly TimelineItem[] = TALK,
  change: Partial<TimelinePage> = {},
): FakeShell {
  return crowd(shell)
    .answer('timeline', () => page([...items], change))
    .answer('mark_read', () => null);
}

/** The list with this conversation with somebody on top. */
export function talkWith(
  shell: FakeShell,
  peer: Person,
  items: readonly TimelineItem[],
  unread = 0,
): FakeShell {
  return talk(shell, items).answer('conversations', () => [
    conversation(peer, unread),
    ...CONVERSATIONS.slice(1),
  ]);
}

export const openBen = (hand: Hand): Promise<void> => hand.open('b1');

const LONG = Array.from({ length: 40 }, (_, at) =>
  at % 3 === 0
    ? mine(`long-${at}`, 4_000 - at * 90, `Number ${at + 1}`)
    : said(
        `long-${at}`,
        4_000 - at * 90,
        `This is message number ${at + 1} of a conversation that goes on for a while.`,
      ),
);
const FIRST_UNREAD = 22;

export const CONVERSATION: readonly Scene[] = [
  {
    name: 'conversation-empty',
    about: 'Nothing was written yet.',
    shell: (shell) => talk(shell, []),
    open: openBen,
  },
  {
    name: 'conversation-loading',
    about: 'The messages are being read.',
    shell: (shell) => crowd(shell).answer('timeline', never),
    open: openBen,
  },
  {
    name: 'conversation-fetching',
    about: 'The messages are being fetched for the first time.',
    shell: (shell) => talk(shell, [], { history: 'loading' }),
    open: openBen,
  },
  {
    name: 'conversation-failed',
    about: 'The messages cannot be read.',
    shell: (shell) => crowd(shell).refuse('timeline', { kind: 'damaged' }),
    open: openBen,
  },
  {
    name: 'conversation',
    about: 'Groups, days, links, changes, deletions, and how far each message got.',
    shell: talk,
    open: openBen,
  },
  {
    name: 'conversation-typing',
    about: 'The other one is writing.',
    shell: (shell) => talk(shell, TALK.slice(0, 5)).answer('writing', () => ['b1']),
    open: openBen,
  },
  {
    name: 'conversation-unread',
    about: 'Opens at the first unread message.',
    shell: (shell) =>
      talk(shell, LONG, { firstUnread: LONG[FIRST_UNREAD]?.key ?? null }).answer('conversations', () => [
        conversation(BEN, LONG.length - FIRST_UNREAD),
        ...CONVERSATIONS.slice(1),
      ]),
    open: async (hand) => {
      await openBen(hand);
      await hand.see('to-newest');
    },
  },
  {
    name: 'conversation-older',
    about: 'Older messages cannot be fetched.',
    shell: (shell) => talk(shell, TALK.slice(0, 3), { hasOlder: true, history: 'offline' }),
    open: openBen,
  },
  {
    name: 'conversation-hit',
    about: 'At a message that was searched for, with a way back.',
    shell: (shell) =>
      talk(shell, LONG, { hasNewer: false }).answer('search', () => ({
        hits: [
          {
            peer: 'b1',
            key: 'long-10',
            position: 'long-10',
            sentAt: LONG[10]?.sentAt ?? '',
            mine: false,
            parts: [],
          },
        ],
        more: false,
      })),
    open: async (hand) => {
      await openBen(hand);
      await hand.control('f');
      await hand.fill('message-search', 'eleven');
      await hand.press('hit');
      await hand.see('to-place');
    },
  },
  {
    name: 'calendar',
    about: 'Goes to a day.',
    shell: talk,
    open: async (hand) => {
      await openBen(hand);
      await hand.press('go-to-date', 'last');
      await hand.see('day');
    },
  },
  {
    name: 'composer-long',
    about: 'Almost as long as a message may be.',
    shell: (shell) =>
      talk(shell).answer('draft', () =>
        'A sentence that somebody wrote and copied many times. '.repeat(185).slice(0, 9_990),
      ),
    open: async (hand) => {
      await openBen(hand);
      await hand.see('characters-left');
    },
  },
  {
    name: 'composer-refused',
    about: 'The message could not be stored.',
    shell: (shell) => talk(shell).refuse('send_message', { kind: 'diskFull' }),
    open: async (hand) => {
      await openBen(hand);
      await hand.fill('composer', 'Is this kept?');
      await hand.press('send');
      await hand.see('form-error');
    },
  },
];
