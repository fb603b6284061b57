/** Who and what is on the pictures. */
import type { Conversation, LastMessage, Person, Role, Status, TimelineItem } from '../lib/bindings';
import { conversation, message } from '../test/shell';
import { ago } from './clock';

export function person(
  id: string,
  firstName: string,
  lastName: string,
  role: Role | null = 'student',
): Person {
  return { id, firstName, lastName, role, avatar: null };
}

export const BEN = person('b1', 'Ben', 'Okoye', 'coordinator');
export const PEOPLE: readonly Person[] = [
  BEN,
  person('c1', 'Carla', 'Mendoza', 'admin'),
  person('d1', 'Дмитро', 'Шевченко'),
  person('e1', 'Élodie', 'Martin-Delacroix'),
  person('f1', 'فاطمة', 'الزهراء'),
  person('g1', 'Guadalupe Concepción', 'de los Santos y Villanueva-Macapagal', 'coordinator'),
  person('665f1c2e8b3e4a0012ab34cd', '', '', null),
  person('h1', '田中', '花子'),
  person('i1', 'Ivo', ''),
  person('j1', 'Jasmine', 'Reyes'),
  person('k1', 'Kofi', 'Mensah'),
  person('l1', 'Lourdes', 'Bautista'),
];

function last(preview: string, minutes: number, status: Status['state'] | null = null): LastMessage {
  const whole: Status | null =
    status === 'refused' ? { state: status, reason: '' } : status === null ? null : { state: status };
  return { preview, at: ago(minutes), mine: status !== null, status: whole, deleted: false };
}

const LINES: readonly Partial<Conversation>[] = [
  { last: last('The form is signed. See you on Monday at nine, room 204.', 3), unread: 1, pinned: true },
  { last: last('Thank you!', 12, 'read'), pinned: true, muted: true },
  { last: last('Noon works for me', 55, 'delivered') },
  { last: last('Je vous envoie le document demain matin.', 130), unread: 123 },
  { last: last('شكرا، سأرسل لك الملف غدا', 300), unread: 3, muted: true },
  {
    last: last('About the placement: could you please ask the company for the second letter?', 60 * 26),
    draft: 'I have asked them twice, and they say that',
  },
  { last: last('Hello?', 60 * 30), markedUnread: true },
  { last: last('ありがとうございます', 60 * 50, 'sent') },
  { last: last('I’m on my way', 60 * 75, 'waiting') },
  { last: { ...last('', 60 * 24 * 9), deleted: true } },
  { last: last('Could you look at it again?', 60 * 24 * 40, 'refused') },
  { last: last('Happy new year!', 60 * 24 * 140) },
];

/** A list with everything that a line of it can say. */
export const CONVERSATIONS: readonly Conversation[] = LINES.map((line, at) => ({
  ...conversation(PEOPLE[at] ?? BEN),
  ...line,
}));

/** A message that was sent that many minutes ago. */
export function said(
  key: string,
  minutes: number,
  content: string,
  change: Partial<TimelineItem> = {},
): TimelineItem {
  return message(key, { content, sentAt: ago(minutes), ...change });
}

/** An own one, that far. */
export function mine(
  key: string,
  minutes: number,
  content: string,
  status: Status = { state: 'read' },
  change: Partial<TimelineItem> = {},
): TimelineItem {
  return said(key, minutes, content, { mine: true, status, ...change });
}

const DAY = 24 * 60;

/** A conversation with everything that a message can be. */
export const TALK: readonly TimelineItem[] = [
  said('01', 3 * DAY + 40, 'Good morning, Ana! How is the first week at the clinic going?'),
  mine('02', 3 * DAY + 30, 'Very well, thank you.'),
  mine(
    '03',
    3 * DAY + 29,
    'They even let me sit in on a consultation.',
    { state: 'read' },
    { editedAt: ago(3 * DAY + 20) },
  ),
  said(
    '04',
    3 * DAY + 10,
    'Wonderful. Please write down your hours each evening, in the sheet that I sent you.',
  ),
  said(
    '05',
    DAY + 95,
    'One more thing: the form is at https://forms.school.edu/placement/2026?id=4711&lang=en and it is due on Friday.',
  ),
  said('06', DAY + 94, 'Sorry, wrong link before.', { deleted: true }),
  mine(
    '07',
    DAY + 60,
    'Done!\nI also added the two afternoons of last week:\n• Tuesday, 13:00–17:00\n• Thursday, 13:00–16:30',
    {
      state: 'read',
    },
  ),
  mine('08', DAY + 59, '🎉'),
  said('09', 75, 'شكرا جزيلا، وصلني الملف'),
  said('10', 74, 'That was for my other student, but it is true for you as well.'),
  mine('11', 40, 'Haha, thank you. Could we meet on Monday?', { state: 'delivered' }),
  mine('12', 20, 'Nine o’clock would be best for me.', { state: 'sent' }),
  mine('13', 2, 'Or ten, if that is easier', { state: 'sending' }),
  mine('14', 1, 'Either is fine', { state: 'waiting' }),
];
