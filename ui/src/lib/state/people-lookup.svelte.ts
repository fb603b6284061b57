/** Looking for people while somebody types: on the server, or among those known here where it can't be asked. */
import type { People } from '../api';
import type { App } from './app.svelte';
import { Lookup } from './lookup.svelte';

/** How long the typing must pause before the server is asked. */
const PAUSE_MS = 200;

interface Found extends People {
  /** Whether there was a server to ask. */
  readonly answers: boolean;
}

export class PeopleLookup extends Lookup<string, Found> {
  readonly #app: App;

  constructor(app: App) {
    super(async (query) => {
      const { answers } = app;
      return { ...(await app.api.people(query)), answers };
    });
    this.#app = app;
  }

  /**
   * Asks for whom `query` names; answers how to take it back. For an effect, which asks anew on each change: of the
   * words, and of whether there is a server that can be asked.
   */
  look(query: string): () => void {
    const { answers } = this.#app;
    return this.ask(query, answers && query !== '' ? PAUSE_MS : 0);
  }
}
