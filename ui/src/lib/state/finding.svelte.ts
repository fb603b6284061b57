/**
 * What is looked for in the messages on this device, and what was found.
 *
 * It outlives the screen that shows it, so that the way back from a hit leads to the hits as they were.
 */
import { untrack } from 'svelte';
import type { Api, Hit, Person, SearchPage } from '../api';
import { failureOf } from '../format/error';
import { stretchOf, type Span } from '../format/span';
import { Lookup } from './lookup.svelte';

/** How long the typing must pause before it is looked for. */
const PAUSE_MS = 50;

const PAGE = 30;

/** How many hits the engine answers at most (`sync-core/src/limits.rs`). */
const PAGE_MAX = 100;

export interface Question {
  readonly query: string;
  readonly peer: string | null;
  readonly from: string | null;
  readonly to: string | null;
}

export class Finding {
  query = $state('');
  /** Only the conversation with this person. */
  peer = $state.raw<Person | null>(null);
  span = $state<Span>('any');
  /** The days of the span `days`, such as `2026-05-03`. */
  first = $state('');
  last = $state('');
  /** The hit that was opened last. */
  opened = $state<string | null>(null);

  readonly lookup: Lookup<Question, SearchPage>;
  readonly #api: Api;
  #reading = false;

  constructor(api: Api) {
    this.#api = api;
    this.lookup = new Lookup((question) => this.#page(question, null, this.#size(question)));
  }

  /** Whether anything but the words narrows the search. */
  get narrowed(): boolean {
    return this.peer !== null || this.span !== 'any';
  }

  /** Looks for everybody's messages of any day again. */
  widen(): void {
    this.peer = null;
    this.span = 'any';
    this.first = '';
    this.last = '';
  }

  /** Looks for what is asked for now; answers how to take it back. For an effect, which asks anew on each change. */
  look(now: Date): () => void {
    const query = this.query.trim();
    const { from, to } = stretchOf(this.span, this.first, this.last, now);
    const question = { query, peer: this.peer?.id ?? null, from, to };
    if (query === '') {
      this.lookup.clear();
      return () => undefined;
    }
    // The same question again, on the way back from a hit or after a while, keeps the place and renews the hits.
    const again = untrack(() => same(question, this.lookup.found?.question));
    if (again && this.#size(question) > PAGE_MAX) return () => undefined;
    return this.lookup.ask(question, again ? 0 : PAUSE_MS);
  }

  /** Adds the hits behind the last one. */
  async more(): Promise<void> {
    const shown = this.lookup.found;
    const last = shown?.answer.hits.at(-1);
    if (shown === null || last === undefined || !shown.answer.more || this.#reading) return;
    this.#reading = true;
    try {
      const page = await this.#page(shown.question, last.position, PAGE);
      if (this.lookup.found !== shown) return;
      // What waited when it was found may have been taken since, and be found again.
      const known = (hit: Hit) => shown.answer.hits.some(({ key }) => key === hit.key);
      const hits = [...shown.answer.hits, ...page.hits.filter((hit) => !known(hit))];
      this.lookup.found = { question: shown.question, answer: { hits, more: page.more } };
    } catch (cause) {
      this.lookup.failure = failureOf(cause);
    } finally {
      this.#reading = false;
    }
  }

  /** How many hits an answer needs so that none is lost that is on the screen. */
  #size(question: Question): number {
    const shown = untrack(() => this.lookup.found);
    return same(question, shown?.question) ? Math.max(PAGE, shown?.answer.hits.length ?? 0) : PAGE;
  }

  #page(question: Question, before: string | null, limit: number): Promise<SearchPage> {
    return this.#api.search({ ...question, before, limit });
  }
}

function same(a: Question, b: Question | undefined): boolean {
  return a.query === b?.query && a.peer === b.peer && a.from === b.from && a.to === b.to;
}
