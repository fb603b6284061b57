/** Looking something up while somebody types: the newest question has the last word. */
import { failureOf, type Failure } from '../format/error';

export class Lookup<Question, Answer> {
  /** What was found last, with what was asked for it; stays until the next answer. */
  found = $state.raw<{ readonly question: Question; readonly answer: Answer } | null>(null);
  failure = $state.raw<Failure | null>(null);

  readonly #work: (question: Question) => Promise<Answer>;

  constructor(work: (question: Question) => Promise<Answer>) {
    this.#work = work;
  }

  /** Asks after `pauseMs` without another question; answers how to take it back, which whoever asks anew does. */
  ask(question: Question, pauseMs: number): () => void {
    let current = true;
    const pause = setTimeout(() => {
      this.#work(question).then(
        (answer) => {
          // An answer that comes late must not replace a newer one.
          if (!current) return;
          this.found = { question, answer };
          this.failure = null;
        },
        (cause: unknown) => {
          if (current) this.failure = failureOf(cause);
        },
      );
    }, pauseMs);
    return () => {
      current = false;
      clearTimeout(pause);
    };
  }

  /** Nothing is asked for any more. */
  clear(): void {
    this.found = null;
    this.failure = null;
  }
}
