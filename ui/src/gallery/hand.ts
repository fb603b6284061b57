/** What a person does with a screen, found by the test ids that the end-to-end tests use. */

/** How long something may take to appear before the scene is given up, in milliseconds. */
const PATIENCE_MS = 60_000;

const selectorOf = (id: string): string => `[data-testid="${id}"]`;

export const painted = (): Promise<void> =>
  new Promise((resolve) => {
    requestAnimationFrame(() => {
      requestAnimationFrame(() => {
        resolve();
      });
    });
  });

export class Hand {
  /** Whether there is room for one pane alone. */
  readonly alone = innerWidth < 720;
  readonly #began = performance.now();

  /** Waits until something comes of `look`. */
  async until<T>(what: string, look: () => T | null | undefined | false): Promise<T> {
    for (;;) {
      const seen = look();
      if (seen !== null && seen !== undefined && seen !== false) return seen;
      if (performance.now() - this.#began > PATIENCE_MS) throw new Error(`${what} did not come`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** What this CSS selector finds, once it is there: the first, or the last. */
  find(selector: string, which: 'first' | 'last' = 'first'): Promise<HTMLElement> {
    return this.until(selector, () => {
      const all = document.querySelectorAll<HTMLElement>(selector);
      return all[which === 'first' ? 0 : all.length - 1];
    });
  }

  /** Waits for what has this test id. */
  see(id: string, which: 'first' | 'last' = 'first'): Promise<HTMLElement> {
    return this.find(selectorOf(id), which);
  }

  /** Presses what has this test id. */
  async press(id: string, which: 'first' | 'last' = 'first'): Promise<void> {
    (await this.see(id, which)).click();
    await painted();
  }

  /** Puts this text into the field with this test id. */
  async fill(id: string, text: string): Promise<void> {
    const field = await this.see(id);
    if (!(
      field instanceof HTMLInputElement ||
      field instanceof HTMLTextAreaElement ||
      field instanceof HTMLSelectElement
    )) {
      throw new Error(`${id} is no field`);
    }
    field.value = text;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.dispatchEvent(new Event('change', { bubbles: true }));
    await painted();
  }

  /** Asks with the right key of a mouse what can be done with what this CSS selector finds. */
  async ask(selector: string): Promise<void> {
    const element = await this.find(selector);
    const { left, top, width, height } = element.getBoundingClientRect();
    const at = { clientX: left + width / 2, clientY: top + height / 2 };
    element.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true, ...at }));
    await painted();
  }

  /** Presses a key with Ctrl. */
  async control(key: string): Promise<void> {
    const event = new KeyboardEvent('keydown', { key, ctrlKey: true, bubbles: true, cancelable: true });
    (document.activeElement ?? document.body).dispatchEvent(event);
    await painted();
  }

  /** Opens the conversation with this person from the list. */
  async open(person: string): Promise<void> {
    (await this.find(`${selectorOf('conversation')}[data-peer="${person}"]`)).click();
    await this.see('composer');
    await painted();
  }
}
