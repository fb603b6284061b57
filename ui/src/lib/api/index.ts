/**
 * The one way from the screen to the engine: every command of the shell and its events.
 *
 * A command that fails throws an `ApiError`, whatever way it failed.
 */
import {
  commands,
  events,
  type CommandError,
  type Problem as CommandProblem,
  type Settings,
  type Update,
} from '../bindings';

export type * from '../bindings';

/** What went wrong: what commands fail with, and failing to call one at all. */
export type Problem = CommandProblem | { kind: 'internal' };

/** What a command failed with. `message` is plain English for logs; the screen words the problem itself. */
export class ApiError extends Error {
  constructor(
    readonly problem: Problem,
    message: string,
    readonly details: string | null = null,
  ) {
    super(message);
    this.name = 'ApiError';
  }

  /** Wraps whatever was thrown: the shell answers a bare text where a command could not even be called. */
  static from(cause: unknown): ApiError {
    if (cause instanceof ApiError) return cause;
    const text = cause instanceof Error ? cause.message : String(cause);
    return new ApiError({ kind: 'internal' }, text, text);
  }
}

type Answer<T> = { status: 'ok'; data: T } | { status: 'error'; error: CommandError };
type Command<Arguments extends unknown[], T> = (...given: Arguments) => Promise<Answer<T>>;

function throwing<Arguments extends unknown[], T>(command: Command<Arguments, T>) {
  return async (...given: Arguments): Promise<T> => {
    let answer: Answer<T>;
    try {
      answer = await command(...given);
    } catch (cause) {
      throw ApiError.from(cause);
    }
    if (answer.status === 'ok') return answer.data;
    // The type is what commands promise; the shell's own refusals are texts all the same.
    const error: unknown = answer.error;
    if (typeof error === 'string') throw ApiError.from(error);
    throw new ApiError(answer.error.problem, answer.error.message, answer.error.details);
  };
}

export const api = {
  openAgain: throwing(commands.openAgain),
  startOver: throwing(commands.startOver),
  recovered: throwing(commands.recovered),
  forgetRecovery: throwing(commands.forgetRecovery),
  storage: throwing(commands.storage),
  clearMessages: throwing(commands.clearMessages),
  probeServer: throwing(commands.probeServer),
  signIn: throwing(commands.signIn),
  signInWithToken: throwing(commands.signInWithToken),
  trust: throwing(commands.trust),
  register: throwing(commands.register),
  signOut: throwing(commands.signOut),
  session: throwing(commands.session),
  secretsLast: throwing(commands.secretsLast),
  connection: throwing(commands.connection),
  clockSkew: throwing(commands.clockSkew),
  conversations: throwing(commands.conversations),
  setPinned: throwing(commands.setPinned),
  setMuted: throwing(commands.setMuted),
  markUnread: throwing(commands.markUnread),
  markAllRead: throwing(commands.markAllRead),
  writing: throwing(commands.writing),
  presence: throwing(commands.presence),
  timeline: throwing(commands.timeline),
  search: throwing(commands.search),
  progress: throwing(commands.progress),
  reach: throwing(commands.reach),
  draft: throwing(commands.draft),
  setDraft: throwing(commands.setDraft),
  person: throwing(commands.person),
  people: throwing(commands.people),
  picture: throwing(commands.picture),
  waiting: throwing(commands.waiting),
  sendMessage: throwing(commands.sendMessage),
  editMessage: throwing(commands.editMessage),
  deleteMessage: throwing(commands.deleteMessage),
  markRead: throwing(commands.markRead),
  retryMessage: throwing(commands.retryMessage),
  retryNow: throwing(commands.retryNow),
  setTyping: throwing(commands.setTyping),
  offers: throwing(commands.offers),
  devices: throwing(commands.devices),
  signOutDevice: throwing(commands.signOutDevice),
  signOutOtherDevices: throwing(commands.signOutOtherDevices),
  changePassword: throwing(commands.changePassword),
  profile: throwing(commands.profile),
  changeProfile: throwing(commands.changeProfile),
  invite: throwing(commands.invite),
  exportMessages: throwing(commands.exportMessages),
  settings: throwing(commands.settings),
  setSettings: throwing(commands.setSettings),
  setWords: throwing(commands.setWords),
  setOpenConversation: throwing(commands.setOpenConversation),
  takeLink: throwing(commands.takeLink),
  openLink: throwing(commands.openLink),
  answerClose: throwing(commands.answerClose),

  /** Calls `listener` for every change the engine tells of; answers how to stop. */
  onUpdate: (listener: (update: Update) => void): Promise<() => void> =>
    events.update.listen((event) => {
      listener(event.payload);
    }),

  /** Calls `listener` whenever the settings are others; answers how to stop. */
  onSettings: (listener: (settings: Settings) => void): Promise<() => void> =>
    events.settingsChanged.listen((event) => {
      listener(event.payload);
    }),

  /** Calls `listener` when there is a link to take; answers how to stop. */
  onLink: (listener: () => void): Promise<() => void> => events.linkArrived.listen(listener),

  /** Calls `listener` when somebody closes the window and has not said what that shall do; answers how to stop. */
  onCloseAsked: (listener: () => void): Promise<() => void> => events.closeAsked.listen(listener),
};

export type Api = typeof api;
