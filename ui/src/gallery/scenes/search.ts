/** Finding messages and people. */
import type { Hit } from '../../lib/bindings';
import type { FakeShell } from '../../test/shell';
import { ago } from '../clock';
import type { Hand } from '../hand';
import { PEOPLE } from '../people';
import { offline } from './connection';
import { crowd } from './list';
import { talk } from './conversation';
import { never, type Scene } from './scene';

function hit(at: number, before: string, found: string, after: string): Hit {
  return {
    peer: PEOPLE[at % PEOPLE.length]?.id ?? 'b1',
    key: `hit-${at}`,
    position: `hit-${at}`,
    sentAt: ago(at * at * 700 + 20),
    mine: at % 3 === 1,
    parts: [
      { text: before, found: false },
      { text: found, found: true },
      { text: after, found: false },
    ],
  };
}

const HITS: readonly Hit[] = [
  hit(0, 'One more thing: the ', 'form', ' is at https://forms.school.edu/placement/2026'),
  hit(1, 'I sent the ', 'form', ' yesterday, did it arrive?'),
  hit(
    2,
    '',
    'Form',
    'al clothes, please. It is a ceremony after all, and there will be photographs of everybody',
  ),
  hit(3, '…which of the two ', 'forms', ' do you mean?'),
  hit(4, 'استمارة ', 'form', ' جديدة'),
  hit(5, '…', 'information', 'abendveranstaltungsteilnehmerverzeichnisaktualisierungsbeauftragter…'),
  hit(6, '', 'Form', ' 27B'),
  hit(7, 'Let me know in what ', 'form', ' you would like to have it'),
];

function finding(hits: readonly Hit[], more = false): (shell: FakeShell) => FakeShell {
  return (shell) => crowd(shell).answer('search', () => ({ hits, more }));
}

async function begin(hand: Hand): Promise<void> {
  await hand.see('conversation');
  await hand.press('search-messages');
}

async function look(hand: Hand, word: string): Promise<void> {
  await begin(hand);
  await hand.fill('message-search', word);
}

async function people(hand: Hand): Promise<void> {
  await hand.see('conversation');
  await hand.press('new-conversation');
}

export const SEARCH: readonly Scene[] = [
  { name: 'search', about: 'Nothing was typed yet.', shell: crowd, open: begin },
  {
    name: 'search-hits',
    about: 'Found in the messages of this device.',
    shell: finding(HITS, true),
    open: async (hand) => {
      await look(hand, 'form');
      await hand.see('hit');
    },
  },
  {
    name: 'search-none',
    about: 'Nothing found, while the history is still being fetched.',
    shell: (shell) =>
      finding([])(shell).answer('progress', () => ({ conversations: 12, complete: 7, messages: 18_342 })),
    open: async (hand) => {
      await look(hand, 'zygomorphic');
      await hand.until('the answer', () => document.body.textContent.includes('zygomorphic'));
    },
  },
  {
    name: 'search-narrowed',
    about: 'Narrowed to days.',
    shell: finding(HITS.slice(0, 2)),
    open: async (hand) => {
      await look(hand, 'form');
      await hand.see('hit');
      const span = await hand.see('search-span');
      if (span instanceof HTMLSelectElement) span.selectedIndex = span.options.length - 1;
      span.dispatchEvent(new Event('change', { bubbles: true }));
      await hand.fill('search-first', '2026-05-01');
      await hand.fill('search-last', '2026-05-06');
    },
  },
  {
    name: 'search-person',
    about: 'Whose messages are to be searched.',
    shell: crowd,
    open: async (hand) => {
      await begin(hand);
      await hand.press('search-person');
      await hand.see('choice');
    },
  },
  {
    name: 'search-failed',
    about: 'The messages cannot be searched.',
    shell: (shell) => crowd(shell).refuse('search', { kind: 'damaged' }, 'database disk image is malformed'),
    open: async (hand) => {
      await look(hand, 'form');
      await hand.see('form-error');
    },
  },
  {
    name: 'find-in-chat',
    about: 'Search within the open conversation.',
    shell: (shell) => talk(shell).answer('search', () => ({ hits: HITS.slice(0, 2), more: false })),
    open: async (hand) => {
      await hand.open('b1');
      await hand.control('f');
      await hand.fill('message-search', 'form');
      await hand.see('hit');
    },
  },
  {
    name: 'people',
    about: 'Somebody to write to.',
    shell: crowd,
    open: async (hand) => {
      await people(hand);
      await hand.see('person');
    },
  },
  {
    name: 'people-loading',
    about: 'The server is asked.',
    shell: (shell) => crowd(shell).answer('people', never),
    open: people,
  },
  {
    name: 'people-offline',
    about: 'Only those who are known here.',
    shell: (shell) =>
      crowd(shell)
        .answer('connection', () => offline('noNetwork'))
        .answer('people', () => ({ people: PEOPLE.slice(0, 3), askedServer: false })),
    open: async (hand) => {
      await people(hand);
      await hand.see('person');
    },
  },
  {
    name: 'people-nobody',
    about: 'Nobody of that name.',
    shell: (shell) => crowd(shell).answer('people', () => ({ people: [], askedServer: true })),
    open: async (hand) => {
      await people(hand);
      await hand.fill('people-search', 'zacharias');
      await hand.until('the answer', () => document.body.textContent.includes('zacharias'));
    },
  },
];
