/** One open conversation: the stretch of it that is on the screen, kept in step with the engine. */
import type { Api, History, Person, TimelineItem, TimelinePage } from '../api';
import { callName } from '../format/person';
import { t } from '../i18n';
import {
  EMPTY,
  PAGE,
  WINDOW_MAX,
  arrivals,
  extendNewer,
  extendOlder,
  keepNewest,
  rereadAnchor,
  type Stretch,
} from '../timeline/window';
import { coalesce } from './coalesce';

export class Timeline {
  /** Replaced as a whole, so that a reader never sees half a change. */
  stretch = $state.raw<Stretch>(EMPTY);
  /** Whether the beginning of the conversation is on this device. */
  history = $state<History>('complete');
  /** The message that the “New messages” divider stands above, chosen when the conversation was opened. */
  divider = $state<string | null>(null);
  phase = $state<'loading' | 'ready' | 'failed'>('loading');
  /** What a screen reader says next: each arriving message once. */
  announcement = $state.raw<{ readonly text: string }>({ text: '' });
  /** How often the newest message was asked for: the view goes there each time. */
  jumps = $state(0);
  /** The message that the view was last told to go to; a new object each time. */
  target = $state.raw<{ readonly key: string } | null>(null);
  /** Whether the newest message is in sight and new ones should push it up; the view says so. */
  following = true;

  readonly #api: Api;
  #lastRead: string | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    api: Api,
    readonly peer: Person,
  ) {
    this.#api = api;
  }

  /** Reads the first window, wide enough to hold what is unread. */
  async open(unread: number): Promise<void> {
    const limit = Math.min(WINDOW_MAX, PAGE + unread);
    try {
      await this.#inTurn(async () => {
        const page = await this.#api.timeline(this.peer.id, { at: 'newest' }, limit);
        this.divider = page.firstUnread;
        this.#show({ items: page.items, hasOlder: page.hasOlder, hasNewer: page.hasNewer }, page);
      });
      this.phase = 'ready';
    } catch {
      this.phase = 'failed';
    }
  }

  /** Reads the window around a message that was found, and has the view go there. */
  async show(position: string, key: string): Promise<void> {
    try {
      await this.#inTurn(async () => {
        const page = await this.#read({ at: 'around', position }, PAGE);
        this.following = false;
        this.target = { key };
        this.#show({ items: page.items, hasOlder: page.hasOlder, hasNewer: page.hasNewer }, page);
      });
      this.phase = 'ready';
    } catch {
      this.phase = 'failed';
    }
  }

  /** Reads the window again, after the engine said that something in it changed. */
  readonly reread = coalesce(() => this.#inTurn(() => this.#reread()));

  /** Adds a page of older messages. */
  readonly loadOlder = coalesce(() =>
    this.#inTurn(async () => {
      const oldest = this.stretch.items[0];
      if (oldest === undefined || !this.stretch.hasOlder) return;
      // Where the oldest one waited and was taken since, it is read again; the stretch holds it once all the same.
      const page = await this.#read({ at: 'before', position: oldest.position }, PAGE);
      this.#show(extendOlder(this.stretch, page), page);
    }),
  );

  /** Adds a page of newer messages, where the newest ones were let go of. */
  readonly loadNewer = coalesce(() =>
    this.#inTurn(async () => {
      const newest = this.stretch.items.at(-1);
      if (newest === undefined || !this.stretch.hasNewer) return;
      const page = await this.#read({ at: 'after', position: newest.position }, PAGE);
      this.#show(extendNewer(this.stretch, page), page);
    }),
  );

  /** Goes to the newest messages, from wherever the window stands. */
  async toNewest(): Promise<void> {
    await this.#inTurn(async () => {
      if (!this.stretch.hasNewer) return;
      const page = await this.#read({ at: 'newest' }, PAGE);
      this.#show({ items: page.items, hasOlder: page.hasOlder, hasNewer: page.hasNewer }, page);
    });
    this.following = true;
    this.jumps += 1;
  }

  /** The messages up to this one were in sight of somebody who looked. Only ever goes forward. */
  async markRead(key: string): Promise<void> {
    const place = (wanted: string | null) => this.stretch.items.findIndex((item) => item.key === wanted);
    if (key === this.#lastRead || place(key) <= place(this.#lastRead)) return;
    const before = this.#lastRead;
    this.#lastRead = key;
    try {
      await this.#api.markRead(this.peer.id, key);
    } catch {
      // Tried again with the next message or the next look; an unread mark that stays is the safe side.
      this.#lastRead = before;
    }
  }

  async #reread(): Promise<void> {
    const before = this.stretch;
    // A window that ends before the newest message keeps its size, every other one grows with what arrives.
    const limit = before.hasNewer ? before.items.length : WINDOW_MAX;
    let page = await this.#read(rereadAnchor(before), limit);
    if (this.following && page.hasNewer) page = await this.#read({ at: 'newest' }, PAGE);
    let now: Stretch = { items: page.items, hasOlder: page.hasOlder, hasNewer: page.hasNewer };
    if (this.following && now.items.length > WINDOW_MAX / 2) now = keepNewest(now, PAGE);
    this.#announce(arrivals(before, now));
    this.#show(now, page);
  }

  #read(anchor: Parameters<Api['timeline']>[1], limit: number): Promise<TimelinePage> {
    return this.#api.timeline(this.peer.id, anchor, limit);
  }

  #show(stretch: Stretch, page: TimelinePage): void {
    this.history = page.history;
    const { items, hasOlder, hasNewer } = this.stretch;
    // The same window again is no change: otherwise an empty page of history would ask for itself for ever.
    const same =
      stretch.hasOlder === hasOlder &&
      stretch.hasNewer === hasNewer &&
      stretch.items.length === items.length &&
      stretch.items.every((item, at) => item === items[at]);
    if (!same) this.stretch = stretch;
  }

  #announce(arrived: readonly TimelineItem[]): void {
    const name = callName(this.peer);
    if (arrived.length > 0) {
      const text = arrived.map((item) => t('chat.announce', { name, text: item.content })).join('\n');
      this.announcement = { text };
    }
  }

  /** Reads and changes of the window happen one after the other. */
  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const run = this.#turn.then(step);
    this.#turn = run.catch(() => undefined);
    return run;
  }
}
