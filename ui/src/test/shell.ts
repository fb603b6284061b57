/** The Tauri boundary for component tests: answers commands, records them, and tells updates. */
import { emit } from '@tauri-apps/api/event';
import { mockIPC } from '@tauri-apps/api/mocks';
import type {
  Account,
  CommandError,
  Conversation,
  Person,
  Settings,
  TimelineItem,
  TimelinePage,
  Update,
} from '../lib/bindings';

export const ana: Person = { id: 'a1', firstName: 'Ana', lastName: 'Cruz', role: 'student', avatar: null };
export const ben: Person = {
  id: 'b1',
  firstName: 'Ben',
  lastName: 'Okoye',
  role: 'coordinator',
  avatar: null,
};
export const account: Account = {
  user: ana,
  userName: 'ana',
  server: 'https://chat.school.edu/',
  serverName: 'chat.school.edu',
  certificate: null,
};

export const settings: Settings = {
  theme: 'system',
  textSize: 100,
  language: null,
  enterSends: true,
  notifications: { enabled: true, content: true, sound: true, quietFrom: null, quietUntil: null },
  closeToTray: null,
  startMinimised: false,
  autostart: false,
};

export function conversation(peer: Person, unread = 0): Conversation {
  return { peer, last: null, unread, draft: null, pinned: false, muted: false, markedUnread: false };
}

export function message(key: string, change: Partial<TimelineItem> = {}): TimelineItem {
  return {
    key,
    position: key,
    mine: false,
    content: `text of ${key}`,
    sentAt: '2026-05-03T10:00:00.000Z',
    editedAt: null,
    deleted: false,
    lost: false,
    pending: null,
    status: null,
    deliveredAt: null,
    seenAt: null,
    readAt: null,
    ...change,
  };
}

export function page(items: TimelineItem[], change: Partial<TimelinePage> = {}): TimelinePage {
  return { items, hasOlder: false, hasNewer: false, firstUnread: null, history: 'complete', ...change };
}

type Arguments = Record<string, unknown>;
type Handler = (given: Arguments) => unknown;

export class FakeShell {
  /** Every command that was called, in order. */
  readonly calls: { readonly command: string; readonly given: Arguments }[] = [];

  readonly #handlers: Record<string, Handler> = {
    session: () => ({ state: 'signedIn', account }),
    secrets_last: () => true,
    connection: () => ({ state: 'online', asOf: '2026-05-03T10:00:00.000Z' }),
    clock_skew: () => null,
    conversations: () => [],
    waiting: () => 0,
    writing: () => [],
    presence: () => [],
    picture: () => null,
    people: () => ({ people: [], askedServer: true }),
    draft: () => null,
    set_typing: () => null,
    recovered: () => null,
    set_draft: () => null,
    progress: () => ({ conversations: 0, complete: 0, messages: 0 }),
    reach: () => ({ kind: 'all' }),
    search: () => ({ hits: [], more: false }),
    timeline: () => page([]),
    offers: () => ({ accounts: true, devices: true, presence: true, typing: true, invites: [] }),
    settings: () => settings,
    set_settings: () => null,
    set_words: () => null,
    set_open_conversation: () => null,
    take_link: () => null,
    answer_close: () => null,
  };

  constructor() {
    mockIPC(
      (command, given) => {
        const handler = this.#handlers[command];
        if (handler === undefined) throw new Error(`the test answers no ${command}`);
        this.calls.push({ command, given: (given ?? {}) as Arguments });
        // What crosses is a copy, as between two processes.
        const answer = handler((given ?? {}) as Arguments);
        return answer instanceof Promise ? answer.then(structuredClone) : structuredClone(answer);
      },
      { shouldMockEvents: true },
    );
  }

  answer(command: string, handler: Handler): this {
    this.#handlers[command] = handler;
    return this;
  }

  refuse(command: string, problem: CommandError['problem'], details: string | null = null): this {
    return this.answer(command, () => {
      // What the shell rejects with is a plain object, as Tauri hands it over.
      // eslint-disable-next-line @typescript-eslint/only-throw-error
      throw { problem, message: 'the engine’s sentence', details } satisfies CommandError;
    });
  }

  called(command: string): Arguments[] {
    return this.calls.filter((call) => call.command === command).map((call) => call.given);
  }

  async tell(update: Update): Promise<void> {
    await emit('update', update);
  }

  async tellSettings(changed: Settings): Promise<void> {
    await emit('settings-changed', changed);
  }
}
