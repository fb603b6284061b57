/**
 * Everything that the screen shows, as the engine last told it.
 *
 * The engine says what changed, never how: each kind of update rereads its part, one read at a time.
 */
import type {
  Api,
  Connection,
  Conversation,
  First,
  Hit,
  Person,
  Presence,
  Progress,
  Reach,
  Recovery,
  Registration,
  SessionState,
  Site,
  Update,
} from '../api';
import { failureOf, type Failure } from '../format/error';
import type { Offline } from './bar';
import { coalesce } from './coalesce';
import { Drafts } from './drafts';
import { Pictures } from './pictures';
import { Preferences } from './preferences.svelte';
import { Timeline } from './timeline.svelte';

const HALF_A_MINUTE_MS = 30_000;

/** Of how many people at the top of the list it is shown whether they are there. */
const PRESENCE_MOST = 500;

/** After this long nobody is kept waiting for what is new: where there is no answer, nothing says so. */
const REFRESHING_MOST_MS = 5_000;

/** For this long the first picture has the device to itself: reading at once would hold up what is on its way already. */
const FIRST_PICTURE_MS = 150;

export class App {
  phase = $state<'starting' | 'failed' | 'ready'>('starting');
  failure = $state.raw<Failure | null>(null);
  /** Whether secrets outlive this run. */
  keyring = $state(true);
  session = $state.raw<SessionState>({ state: 'signedOut' });
  connection = $state.raw<Connection>({ state: 'connecting' });
  /** Whether the server answers at the moment, so that it can be asked for something. */
  readonly answers = $derived(this.connection.state === 'catchingUp' || this.connection.state === 'online');
  /** By how many seconds this device's clock is off, below zero where it is behind; `null` where that does no harm. */
  clockSkew = $state<number | null>(null);
  /** Why there was no connection when it was last tried, until there is one. */
  down = $state.raw<Offline | null>(null);
  /** When what is on the screen was last in step with the server, as the server tells the time; `null` before. */
  asOf = $state<string | null>(null);
  /** Whether somebody asked for what is new, and the answer is not there yet. */
  refreshing = $state(false);
  /** When the app was last in step with the server, started, or got a session; milliseconds since 1970. */
  inStepAt = $state(Date.now());
  conversations = $state.raw<readonly Conversation[]>([]);
  /** Whether the list was read at least once: an empty one says something only then. */
  listed = $state(false);
  /** Why the list can't be read, until it can. */
  unlisted = $state.raw<Failure | null>(null);
  /** Why what was done with a conversation of the list failed, until something is done that doesn't. */
  refused = $state.raw<Failure | null>(null);
  /** Who is writing to this account at the moment, by id. */
  writing = $state.raw<readonly string[]>([]);
  /** Who is there, and who was when, as far as it is known; empty while there is no connection. */
  #presence = $state.raw<readonly Presence[]>([]);
  /** How many changes wait to be sent. */
  waiting = $state(0);
  /** The open conversation. */
  timeline = $state.raw<Timeline | null>(null);
  /** Whether something stands in front of the open conversation, so that nobody reads there. */
  covered = $state(false);

  /** The time of day, exact to half a minute, in milliseconds since 1970: for times that are told by their distance. */
  now = $state(Date.now());

  /** How much of the history is on this device. */
  progress = $state.raw<Progress>({ conversations: 0, complete: 0, messages: 0 });
  /** From when on all messages are: what a search covers. */
  reach = $state.raw<Reach>({ kind: 'unknown' });
  /** What came of damaged messages, until the user has read it. */
  recovery = $state.raw<Recovery | null>(null);
  /** A server's address or an invitation that somebody opened as a link, for whoever signs in next. */
  invited = $state<string | null>(null);
  readonly drafts: Drafts;
  readonly pictures: Pictures;
  readonly preferences: Preferences;
  readonly api: Api;

  /** `first` is what the screen shows until everything is read. */
  constructor(api: Api, first: First | null = null) {
    this.api = api;
    this.drafts = new Drafts(api);
    this.pictures = new Pictures(api);
    this.preferences = new Preferences(api, first?.settings);
    if (first === null) return;
    this.session = first.session;
    this.keyring = first.secretsLast;
    this.conversations = first.conversations;
    this.listed = true;
    this.phase = 'ready';
  }

  /** Starts listening, then reads everything; answers how to stop. */
  async start(): Promise<() => void> {
    if (this.phase === 'ready') await new Promise((next) => setTimeout(next, FIRST_PICTURE_MS));
    const preferences = this.preferences.start();
    const stopListening = await this.api.onUpdate((update) => {
      this.#heed(update);
    });
    const telling = setInterval(() => (this.now = Date.now()), HALF_A_MINUTE_MS);
    await this.#begin(preferences);
    const leaving = () => void this.drafts.storeAll();
    addEventListener('blur', leaving);
    addEventListener('pagehide', leaving);
    return () => {
      removeEventListener('blur', leaving);
      removeEventListener('pagehide', leaving);
      clearInterval(telling);
      stopListening();
      void preferences.then((stop) => {
        stop();
      });
    };
  }

  /** Tries again to open messages that could not be opened, with a passphrase where one is needed. */
  async openAgain(passphrase: string | null): Promise<void> {
    try {
      await this.api.openAgain(passphrase);
    } catch (cause) {
      this.failure = failureOf(cause);
      return;
    }
    await this.#begin();
  }

  /** Puts messages that can't be opened aside, and begins anew. */
  async startOver(): Promise<void> {
    try {
      await this.api.startOver();
    } catch (cause) {
      const failure = failureOf(cause);
      // The old ones are aside already; now it is about what protects the new ones.
      if (failure.problem.kind !== 'noKeyring') throw cause;
      this.failure = failure;
      return;
    }
    await this.#begin();
  }

  /** The user has read what came of damaged messages. */
  async forgetRecovery(): Promise<void> {
    this.recovery = null;
    await this.api.forgetRecovery();
  }

  /** Asks for everything at once. Which screen it is waits for somebody's language and colours, but not for the list. */
  async #begin(preferences?: Promise<unknown>): Promise<void> {
    try {
      const list = this.#readAll();
      // Where the session can't be read, that is what is told.
      list.catch(() => undefined);
      await Promise.all([preferences, this.#readSession()]);
      this.phase = 'ready';
      await list;
    } catch (cause) {
      this.failure = failureOf(cause);
      this.phase = 'failed';
    }
  }

  /** The id of whoever's account this is. */
  get me(): string | null {
    return this.session.state === 'signedOut' ? null : this.session.account.user.id;
  }

  /** How many messages from `peer` are unread. */
  unread(peer: string): number {
    return this.conversations.find((conversation) => conversation.peer.id === peer)?.unread ?? 0;
  }

  /** Asks the server for what is new, now instead of with the next poll. Says nothing where that fails: the bar does. */
  async refresh(): Promise<void> {
    this.refreshing = true;
    setTimeout(() => (this.refreshing = false), REFRESHING_MOST_MS);
    await this.api.retryNow().catch(() => undefined);
  }

  /** Waits for something that is done with a conversation of the list, and keeps why it fails. */
  async attempt(work: Promise<unknown>): Promise<void> {
    try {
      await work;
      this.refused = null;
    } catch (cause) {
      this.refused = failureOf(cause);
    }
  }

  /** Whether somebody is there, and when they last were; `null` where it isn't known. */
  presence(id: string): Presence | null {
    return this.#presence.find((presence) => presence.id === id) ?? null;
  }

  /** Reads the list of conversations again, after it could not be read. */
  list(): void {
    settle(this.#readConversations());
  }

  /** Opens the conversation with somebody, new or not. */
  async open(peer: Person): Promise<void> {
    if (this.timeline?.peer.id === peer.id) return;
    const timeline = new Timeline(this.api, peer);
    this.timeline = timeline;
    settle(this.#readPresence());
    await timeline.open(this.unread(peer.id));
  }

  /** Opens the conversation that a message was found in, there where it stands. */
  async openAt(hit: Pick<Hit, 'peer' | 'position' | 'key'>): Promise<void> {
    if (this.timeline?.peer.id === hit.peer) return this.timeline.show(hit.position, hit.key);
    const listed = this.conversations.find(({ peer }) => peer.id === hit.peer)?.peer;
    const peer = listed ?? (await this.api.person(hit.peer));
    if (peer === null) return;
    const timeline = new Timeline(this.api, peer);
    this.timeline = timeline;
    await timeline.show(hit.position, hit.key);
  }

  /** Opens the conversation that many places further down the list; without an open one, the first or the last. */
  async step(by: 1 | -1): Promise<void> {
    const open = this.conversations.findIndex(({ peer }) => peer.id === this.timeline?.peer.id);
    const next = open === -1 ? (by === 1 ? 0 : this.conversations.length - 1) : open + by;
    const conversation = this.conversations[next];
    if (conversation !== undefined) await this.open(conversation.peer);
  }

  /** Closes the open conversation. */
  close(): void {
    this.timeline = null;
  }

  async signIn(site: Site, login: string, password: string): Promise<void> {
    await this.api.signIn(site, login, password);
    await this.#readSession();
    await this.#readAll();
  }

  async signInWithToken(site: Site, token: string): Promise<void> {
    await this.api.signInWithToken(site, token);
    await this.#readSession();
    await this.#readAll();
  }

  async register(site: Site, form: Registration): Promise<void> {
    await this.api.register(site, form);
    await this.#readSession();
    await this.#readAll();
  }

  async signOut(keepMessages: boolean): Promise<void> {
    await this.drafts.storeAll();
    await this.api.signOut(keepMessages);
    this.drafts.clear();
    await this.#readSession();
    await this.#readAll();
  }

  #heed(update: Update): void {
    const open = this.timeline;
    switch (update.kind) {
      case 'session':
        settle(this.#readSession(), this.#readWaiting());
        break;
      case 'connection':
        settle(this.#readConnection(), this.#readReach());
        break;
      case 'conversations':
      case 'people':
        settle(this.#readConversations(), this.#readPresence());
        break;
      case 'timeline':
        if (open?.peer.id === update.peer) settle(open.reread());
        break;
      case 'outbox':
        settle(this.#readWaiting());
        break;
      case 'progress':
        settle(this.#readProgress(), this.#readReach());
        break;
      case 'recovered':
        settle(this.#readRecovery());
        break;
      case 'typing':
        settle(this.#readWriting());
        break;
      case 'presence':
        settle(this.#readPresence());
        break;
      case 'everything':
        settle(this.#readSession(), this.#readAll(), ...(open === null ? [] : [open.reread()]));
        break;
    }
  }

  async #readAll(): Promise<void> {
    await Promise.all([
      this.#readConnection(),
      this.#readConversations(),
      this.#readWaiting(),
      this.#readProgress(),
      this.#readReach(),
      this.#readRecovery(),
      this.#readWriting(),
      this.#readPresence(),
    ]);
  }

  readonly #readSession = coalesce(async () => {
    const { state } = this.session;
    [this.session, this.keyring] = await Promise.all([this.api.session(), this.api.secretsLast()]);
    // A first connection takes its time, as any other does.
    if (this.session.state === 'signedIn' && state !== 'signedIn') this.inStepAt = Date.now();
    // Nothing of one account is on the screen of the next.
    if (this.session.state === 'signedOut') {
      this.close();
      this.asOf = null;
      this.down = null;
    }
  });

  readonly #readConnection = coalesce(async () => {
    const inStep = this.connection.state === 'online';
    [this.connection, this.clockSkew] = await Promise.all([this.api.connection(), this.api.clockSkew()]);
    if (inStep || this.connection.state === 'online') this.inStepAt = Date.now();
    if (this.connection.state === 'online') this.asOf = this.connection.asOf;
    if (this.connection.state === 'offline') this.down = this.connection;
    else if (this.connection.state !== 'connecting') this.down = null;
    if (this.connection.state === 'offline' || this.connection.state === 'online') this.refreshing = false;
  });

  readonly #readConversations = coalesce(async () => {
    try {
      this.conversations = await this.api.conversations();
      this.unlisted = null;
    } catch (cause) {
      this.unlisted = failureOf(cause);
      throw cause;
    } finally {
      this.listed = true;
    }
  });

  readonly #readWriting = coalesce(async () => {
    this.writing = await this.api.writing();
  });

  readonly #readPresence = coalesce(async () => {
    const listed = this.conversations.slice(0, PRESENCE_MOST).map(({ peer }) => peer.id);
    const open = this.timeline?.peer.id;
    const people = open === undefined || listed.includes(open) ? listed : [...listed, open];
    this.#presence = await this.api.presence(people);
  });

  readonly #readRecovery = coalesce(async () => {
    this.recovery = await this.api.recovered();
  });

  readonly #readProgress = coalesce(async () => {
    this.progress = await this.api.progress();
  });

  readonly #readReach = coalesce(async () => {
    this.reach = await this.api.reach();
  });

  readonly #readWaiting = coalesce(async () => {
    this.waiting = await this.api.waiting();
  });
}

/** A read that fails leaves what was on the screen; the next update reads again. */
function settle(...reads: Promise<void>[]): void {
  void Promise.allSettled(reads);
}
