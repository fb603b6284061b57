/** One open conversation: the stretch of it that is on the screen, kept in step with the engine. */
import type { Api, History, Person, TimelineItem, TimelinePage } from '../api';
import { callName } from '../format/person';
import { t } from '../i18n';
import type { Place } from '../timeline/scroll';
import { storing, type Behind } from '../timeline/storing';
import {
  EMPTY,
  PAGE,
  WINDOW_MAX,
  arrivals,
  extendNewer,
  extendOlder,
  keepNewest,
  rereadAnchor,
  sharing,
  type Stretch,
} from '../timeline/window';
import { coalesce } from './coalesce';

/** How far below the top of the view a day begins that somebody goes to: its name stands above it, in pixels. */
const DAY_BELOW_TOP_PX = 48;

/** How many pages are read to find the first unread message; beyond them the timeline opens at the newest. */
const UNREAD_PAGES_MAX = 50;

/** How much of an arriving message is said, in UTF-16 units, and how many arriving at once are said one by one. */
const SAID_UNITS = 300;
const SAID_AT_ONCE = 3;

/** Where the view is told to go; a new object each time. */
export interface Target {
  readonly key: string;
  /** How far below the viewport's top, in pixels; in its middle, marked and with the focus, where it is `null`. */
  readonly offset: number | null;
}

/** Where somebody read before they were sent elsewhere: at a message, or at the newest one. */
type Left =
  { readonly at: 'newest' } | { readonly at: 'message'; readonly position: string; readonly place: Place };

/** An own message that is drawn before it is stored; its key from then on. */
interface Unstored {
  readonly item: TimelineItem;
  key: string | null;
}

export class Timeline {
  /** Replaced as a whole, so that a reader never sees half a change. */
  stretch = $state.raw<Stretch>(EMPTY);
  /** Own messages that are being stored, and those that are and that the window does not hold yet. */
  #unstored = $state.raw<readonly Unstored[]>([]);
  /** What there is to draw: the window, and below its newest message what is being stored. */
  readonly shown = $derived<readonly TimelineItem[]>(
    this.stretch.hasNewer || this.#unstored.length === 0
      ? this.stretch.items
      : [...this.stretch.items, ...this.#unstored.map(({ item }) => item)],
  );
  /** Whether something is drawn that the window does not hold yet. */
  readonly storing = $derived(this.#unstored.length > 0);
  /** Whether the beginning of the conversation is on this device. */
  history = $state<History>('complete');
  /** The message that the “New messages” divider stands above, chosen when the conversation was opened. */
  divider = $state<string | null>(null);
  phase = $state<'loading' | 'ready' | 'failed'>('loading');
  /** What a screen reader says next: each arriving message once. */
  announcement = $state.raw<{ readonly text: string }>({ text: '' });
  /** How often the engine said that something changed: what was fetched may lie beyond a window that stays the same. */
  rereads = $state(0);
  /** How often the newest message was asked for: the view goes there each time. */
  jumps = $state(0);
  /** Where the view was last told to go. */
  target = $state.raw<Target | null>(null);
  /** Where somebody read before they were sent to a message, and may go back to. */
  left = $state.raw<Left | null>(null);
  /** Whether the newest message is in sight and new ones should push it up; the view says so. */
  following = true;
  /** What stands on top of the view; the view says so. */
  place: Place | null = null;

  readonly #api: Api;
  #lastRead: string | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    api: Api,
    readonly peer: Person,
  ) {
    this.#api = api;
  }

  /** Reads the window that holds the first unread message, or the newest one where nothing is unread. */
  async open(unread: number): Promise<void> {
    const limit = Math.min(WINDOW_MAX, PAGE + unread);
    try {
      await this.#inTurn(async () => {
        const newest = await this.#read({ at: 'newest' }, limit);
        this.divider = newest.firstUnread;
        const page = await this.#unreadPage(newest);
        this.following = !page.hasNewer;
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
        this.#leave();
        this.following = false;
        this.target = { key, offset: null };
        this.#show({ items: page.items, hasOlder: page.hasOlder, hasNewer: page.hasNewer }, page);
      });
      this.phase = 'ready';
    } catch {
      this.phase = 'failed';
    }
  }

  /** Goes to the first message of a day, or of the next one that has any. */
  async showDay(day: Date): Promise<void> {
    const time = day.toISOString();
    const found = await this.#inTurn(async () => {
      const page = await this.#read({ at: 'date', time }, PAGE);
      // Where there is none so late, the newest page is what comes.
      const first = page.items.find((item) => Date.parse(item.sentAt) >= day.getTime());
      if (first === undefined) return false;
      this.#leave();
      this.following = false;
      this.target = { key: first.key, offset: DAY_BELOW_TOP_PX };
      this.#show({ items: page.items, hasOlder: page.hasOlder, hasNewer: page.hasNewer }, page);
      return true;
    });
    if (!found) await this.toNewest();
  }

  /** Goes back to where somebody read before they were sent to a message. */
  async back(): Promise<void> {
    const { left } = this;
    if (left === null) return;
    if (left.at === 'newest') return this.toNewest();
    await this.#inTurn(async () => {
      const page = await this.#read({ at: 'around', position: left.position }, PAGE);
      this.left = null;
      this.following = false;
      this.target = left.place;
      this.#show({ items: page.items, hasOlder: page.hasOlder, hasNewer: page.hasNewer }, page);
    });
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
    this.#follow();
  }

  /** Stores a message of one's own by `behind`, and draws it at once: its clock comes when it is stored. */
  async send(content: string, behind: Behind): Promise<void> {
    const drawn: Unstored = { item: storing(content, Date.now()), key: null };
    this.#unstored = [...this.#unstored, drawn];
    let away = this.stretch.hasNewer;
    if (!away) this.#follow();
    // In turn, so that the window stays as it is until it is known which of its messages this one is.
    const stored = this.#inTurn(() => {
      // A read that was under way may have let go of the newest ones.
      away ||= this.stretch.hasNewer;
      return behind(async () => {
        drawn.key = await this.#api.sendMessage(this.peer.id, content);
      });
    });
    try {
      await stored;
    } catch (cause) {
      this.#unstored = this.#unstored.filter((other) => other !== drawn);
      throw cause;
    }
    // Whoever answers has seen what was new.
    this.divider = null;
    // The message is stored, even where the newest ones can't be read.
    if (away) void this.toNewest().catch(ignore);
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

  #follow(): void {
    this.left = null;
    this.following = true;
    this.jumps += 1;
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
    this.rereads += 1;
  }

  /** The page on which the first unread message stands; `newest` where it is on none that is near enough. */
  async #unreadPage(newest: TimelinePage): Promise<TimelinePage> {
    const { firstUnread } = newest;
    let page = newest;
    for (let pages = 0; firstUnread !== null && pages < UNREAD_PAGES_MAX; pages += 1) {
      if (page.items.some((item) => item.key === firstUnread)) return page;
      const oldest = page.items[0];
      if (oldest === undefined || !page.hasOlder) break;
      page = await this.#read({ at: 'before', position: oldest.position }, WINDOW_MAX);
    }
    return newest;
  }

  /** Remembers where somebody reads, for `back`; how they came there does not matter a second time. */
  #leave(): void {
    if (this.left !== null || this.phase !== 'ready') return;
    const { place } = this;
    const position = this.stretch.items.find((item) => item.key === place?.key)?.position;
    if (this.following) this.left = { at: 'newest' };
    else if (place !== null && position !== undefined) this.left = { at: 'message', position, place };
  }

  #read(anchor: Parameters<Api['timeline']>[1], limit: number): Promise<TimelinePage> {
    return this.#api.timeline(this.peer.id, anchor, limit);
  }

  #show(stretch: Stretch, page: TimelinePage): void {
    this.history = page.history;
    const { items, hasOlder, hasNewer } = this.stretch;
    const shared = sharing(items, stretch.items);
    // The same window again is no change: otherwise an empty page of history would ask for itself for ever.
    const same =
      stretch.hasOlder === hasOlder &&
      stretch.hasNewer === hasNewer &&
      shared.length === items.length &&
      shared.every((item, at) => item === items[at]);
    if (!same) this.stretch = { ...stretch, items: shared };
    if (this.#unstored.length === 0) return;
    this.#unstored = this.#unstored.filter(({ key }) => !shared.some((item) => item.key === key));
  }

  #announce(arrived: readonly TimelineItem[]): void {
    if (arrived.length === 0) return;
    const name = callName(this.peer);
    const text =
      arrived.length > SAID_AT_ONCE
        ? t('chat.announceMany', { name, count: arrived.length })
        : arrived
            .map(({ content }) => t('chat.announce', { name, text: content.slice(0, SAID_UNITS) }))
            .join('\n');
    this.announcement = { text };
  }

  /** Reads and changes of the window happen one after the other. */
  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const run = this.#turn.then(step);
    this.#turn = run.catch(() => undefined);
    return run;
  }
}

function ignore(): void {
  return;
}
