import { SvelteMap } from 'svelte/reactivity';

/** What was typed and not sent, by conversation, for as long as the app runs. */
export class Drafts {
  readonly #texts = new SvelteMap<string, string>();

  /** The draft for `peer`; empty where there is none. */
  of(peer: string): string {
    return this.#texts.get(peer) ?? '';
  }

  /** Keeps `text` for `peer`; an empty one is forgotten. */
  keep(peer: string, text: string): void {
    if (text === '') this.#texts.delete(peer);
    else this.#texts.set(peer, text);
  }

  clear(): void {
    this.#texts.clear();
  }
}
