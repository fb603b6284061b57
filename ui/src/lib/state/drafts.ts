import { SvelteMap } from 'svelte/reactivity';
import type { Api } from '../api';

/** How long what was typed waits to be stored, also while the typing goes on: so much of it a crash may cost. */
const PAUSE_MS = 300;

/**
 * What is being written, by conversation: at hand while somebody types, and in the store a moment later.
 *
 * Writes of one conversation follow each other, and a message is sent only behind the last of them: the engine removes
 * the stored draft with the sending, and no write that was under way brings it back.
 */
export class Drafts {
  /** To whom a message is being stored: another one of the same draft would be the same. */
  readonly sending = new Set<string>();

  readonly #api: Api;
  readonly #texts = new SvelteMap<string, string>();
  readonly #pauses = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #turns = new Map<string, Promise<void>>();

  constructor(api: Api) {
    this.#api = api;
  }

  /** The draft for `peer`; empty where there is none. */
  of(peer: string): string {
    return this.#texts.get(peer) ?? '';
  }

  /** Reads what is stored for `peer`, unless somebody types already. */
  async load(peer: string): Promise<void> {
    if (this.#texts.has(peer)) return;
    const stored = await this.#api.draft(peer);
    if (!this.#texts.has(peer) && stored !== null) this.#texts.set(peer, stored);
  }

  /** Keeps `text` for `peer`. */
  keep(peer: string, text: string): void {
    this.#texts.set(peer, text);
    if (this.#pauses.has(peer)) return;
    this.#pauses.set(
      peer,
      setTimeout(() => void this.store(peer), PAUSE_MS),
    );
  }

  /** Stores at once what was typed for `peer`, and waits until everything is stored. */
  store(peer: string): Promise<void> {
    const before = this.#turns.get(peer) ?? Promise.resolve();
    if (!this.#pauses.has(peer)) return before;
    clearTimeout(this.#pauses.get(peer));
    this.#pauses.delete(peer);
    // What can't be stored stays in the box; the next key tries again.
    const turn = before.then(() => this.#api.setDraft(peer, this.of(peer)).then(ignore, ignore));
    this.#turns.set(peer, turn);
    return turn;
  }

  /** Stores everything that was typed: the window is left, and may be closed. */
  async storeAll(): Promise<void> {
    await Promise.all([...this.#pauses.keys()].map((peer) => this.store(peer)));
  }

  /**
   * Sends `typed` by `work`, which stores it as a message instead. No draft is stored meanwhile, and what was typed
   * behind it stays.
   */
  async send(peer: string, typed: string, work: () => Promise<void>): Promise<void> {
    const before = this.#turns.get(peer) ?? Promise.resolve();
    clearTimeout(this.#pauses.get(peer));
    this.#pauses.delete(peer);
    const sending = before.then(work).then(
      () => {
        this.#sent(peer, typed);
      },
      (cause: unknown) => {
        this.keep(peer, this.of(peer));
        throw cause;
      },
    );
    this.#turns.set(peer, sending.catch(ignore));
    await sending;
  }

  /** Forgets what is at hand: somebody signed out. */
  clear(): void {
    for (const pause of this.#pauses.values()) clearTimeout(pause);
    this.#pauses.clear();
    this.#texts.clear();
  }

  #sent(peer: string, typed: string): void {
    const now = this.of(peer);
    if (!now.startsWith(typed)) return;
    const rest = now.slice(typed.length);
    if (rest === '') this.#texts.set(peer, rest);
    else this.keep(peer, rest);
  }
}

function ignore(): void {
  return;
}
