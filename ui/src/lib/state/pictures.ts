/** Pictures of people as the engine hands them out: small, and drawn anew from whatever the server had. */
import type { Api, Person } from '../api';

/** How many are held; whoever is beyond is asked for again. */
const HELD_MAX = 300;

export class Pictures {
  readonly #api: Api;
  readonly #asked = new Map<string, Promise<string | null>>();

  constructor(api: Api) {
    this.#api = api;
  }

  /** The address of somebody's picture, for this page alone; `null` where there is none, or none for the moment. */
  of({ id, avatar }: Person): Promise<string | null> {
    if (avatar === null) return Promise.resolve(null);
    const key = `${id} ${avatar}`;
    const known = this.#asked.get(key);
    if (known !== undefined) return known;
    const asked = this.#api.picture(id).catch(() => null);
    this.#asked.set(key, asked);
    const [oldest] = this.#asked.keys();
    if (this.#asked.size > HELD_MAX && oldest !== undefined) this.#asked.delete(oldest);
    void asked.then((picture) => {
      // The engine knows whether it is worth another try.
      if (picture === null) this.#asked.delete(key);
    });
    return asked;
  }
}
