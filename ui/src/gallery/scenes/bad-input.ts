/** What nobody should write, and some do: shown as text, bounded, and with the layout intact. */
import { conversation } from '../../test/shell';
import { ago } from '../clock';
import { CONVERSATIONS, mine, person, said } from '../people';
import { openBen, talk, talkWith } from './conversation';
import { crowd } from './list';
import type { Scene } from './scene';

const MARKUP =
  '<img src=x onerror="alert(1)"><script>alert(1)</script><b>bold</b> &amp; {@html 1} ${1} <!-- ';
const ENDLESS = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'.repeat(30);
const OVERRIDES =
  'pay \u202Eelif.exe\u202C now \u2066isolated \u2067turned\u2069\u2069 \u200F\u061C and \u0007 a bell';
const LINES = Array.from({ length: 10_000 }, (_, at) => `line ${at + 1}`).join('\n');
const EMOJI = '👩🏽‍🚀'.repeat(5_000);
const STACKED = `Z${'\u0351\u0352\u0357\u035B\u0363\u0369'.repeat(40)}algo`;

const HUGE = person('huge', 'Maximiliana'.repeat(9), 'von-und-zu-Hohenschwangau'.repeat(4), 'coordinator');
const EMPTY = person('empty-9f3c21', '', '', null);
const SNEAKY = person('sneaky', '\u202EnimdA', '<b>Support</b>\n\n\nline', 'student');

const PEERS = [HUGE, EMPTY, SNEAKY];

export const BAD_INPUT: readonly Scene[] = [
  {
    name: 'bad-markup',
    about: 'Markup, and letters with a tower of marks.',
    shell: (shell) =>
      talk(shell, [said('1', 9, MARKUP), mine('2', 8, MARKUP), said('3', 7, STACKED), said('4', 6, 'below')]),
    open: openBen,
  },
  {
    name: 'bad-endless',
    about: 'Words without an end.',
    shell: (shell) => talk(shell, [said('1', 9, ENDLESS), mine('2', 8, `https://example.org/${ENDLESS}`)]),
    open: openBen,
  },
  {
    name: 'bad-directions',
    about: 'Overrides of direction.',
    shell: (shell) =>
      talk(shell, [
        said('1', 9, OVERRIDES),
        mine('2', 8, OVERRIDES),
        said('3', 7, 'مرحبا Ana, كيف 2026 حالك؟'),
        mine('4', 6, 'ok'),
      ]),
    open: openBen,
  },
  {
    name: 'bad-lines',
    about: 'Ten thousand lines.',
    shell: (shell) => talk(shell, [said('1', 9, LINES), mine('2', 8, LINES), said('3', 7, 'below')]),
    open: openBen,
  },
  {
    name: 'bad-lines-shown',
    about: 'All of them are wanted.',
    shell: (shell) => talk(shell, [said('1', 9, LINES.slice(0, 9_900)), said('2', 7, 'below')]),
    open: async (hand) => {
      await openBen(hand);
      await hand.press('message-show-all');
    },
  },
  {
    name: 'bad-emoji',
    about: 'Five thousand emoji.',
    shell: (shell) => talk(shell, [said('1', 9, EMOJI), mine('2', 8, EMOJI), said('3', 7, 'below')]),
    open: openBen,
  },
  {
    name: 'bad-names',
    about: 'Names that are huge, empty or not what they look like, in the list.',
    shell: (shell) =>
      crowd(shell).answer('conversations', () => [
        ...PEERS.map((peer, at) => ({
          ...conversation(peer, at * 1_000),
          last: {
            preview: [ENDLESS, MARKUP, OVERRIDES][at] ?? '',
            at: ago(at * 90),
            mine: false,
            status: null,
            deleted: false,
          },
          pinned: at === 0,
          muted: at === 0,
        })),
        ...CONVERSATIONS.slice(3),
      ]),
    open: (hand) => hand.see('conversation'),
  },
  ...PEERS.map((peer, at) => ({
    name: `bad-name-${['huge', 'empty', 'sneaky'][at] ?? ''}`,
    about: `A conversation with somebody whose name is ${['huge', 'empty', 'not what it looks like'][at] ?? ''}.`,
    shell: (shell: Parameters<typeof crowd>[0]) => {
      talkWith(shell, peer, [said('1', 9, 'Hello'), mine('2', 8, 'Hello to you')]);
    },
    open: (hand: Parameters<typeof openBen>[0]) => hand.open(peer.id),
  })),
];
