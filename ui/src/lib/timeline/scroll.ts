/**
 * Keeps the message under the eye where it is, whatever is added, removed or resized around it.
 *
 * Webviews differ in whether they do this by themselves, so `overflow-anchor` is off and this does it for all. Where a
 * message stands is asked of as few of them as possible: asking all of a window costs more than a frame has.
 */

/** Nearer to the end than this counts as being at the end, in pixels. */
const AT_END_PX = 24;

/** How many messages from the first in sight on are noted: one may be taken away, hardly all of them. */
const NOTED = 4;

/** The class of the elements that hold a place; whatever else stands between them may come and go. */
const MESSAGE = 'message';

interface Noted {
  readonly element: Element;
  /** How far its top is below the viewport's, in pixels. */
  readonly offset: number;
}

/** Where somebody reads: a message, and how far its top is below the viewport's, in pixels. */
export interface Place {
  readonly key: string;
  readonly offset: number;
}

export class ScrollAnchor {
  readonly #messages: HTMLCollectionOf<Element>;
  #noted: readonly Noted[] = [];
  /** Where the content stood when it was noted. */
  #notedAt = 0;
  /** Where this put the content last; a scroll event that tells of it is nobody's scrolling. */
  #put: number | null = null;

  constructor(
    readonly viewport: HTMLElement,
    readonly content: HTMLElement,
  ) {
    this.#messages = content.getElementsByClassName(MESSAGE);
  }

  /** Whether the end is in sight. */
  atEnd(): boolean {
    return this.below() <= AT_END_PX;
  }

  /** Whether somebody has scrolled up of which no event has told yet. */
  leaving(): boolean {
    return this.#scrolledUnseen() < 0;
  }

  /** Pixels of content above what is in sight. */
  above(): number {
    return this.viewport.scrollTop;
  }

  /** Pixels of content below what is in sight. */
  below(): number {
    const { scrollHeight, scrollTop, clientHeight } = this.viewport;
    return scrollHeight - scrollTop - clientHeight;
  }

  /** Notes what is in sight, unless the content stands where `restore` put it: then what was noted holds, exactly. */
  remember(): void {
    if (this.#put === this.viewport.scrollTop && this.#standing() !== undefined) return;
    this.#put = null;
    this.#notedAt = this.viewport.scrollTop;
    const { top, bottom } = this.viewport.getBoundingClientRect();
    // What stands whole below the top is under the eye; a message that the top cuts through may grow upwards, unless
    // there is nothing else.
    const first = this.#firstWhere((rect) => rect.top >= top);
    const cut = this.#messages[first - 1];
    const whole = Array.from({ length: NOTED }, (_, at) => this.#messages[first + at]);
    const next = whole[0]?.getBoundingClientRect().top ?? bottom;
    const order = next >= bottom ? [cut, ...whole] : [...whole, cut];
    this.#noted = order.flatMap((element) =>
      element === undefined ? [] : [{ element, offset: element.getBoundingClientRect().top - top }],
    );
  }

  /** Puts what was noted back to where it was, or to where somebody has scrolled it since. */
  restore(): void {
    const scrolled = this.#scrolledUnseen();
    if (scrolled !== 0) {
      this.#noted = this.#noted.map(({ element, offset }) => ({ element, offset: offset - scrolled }));
    }
    const standing = this.#standing();
    if (standing === undefined) return;
    const moved = standing.element.getBoundingClientRect().top - this.#top() - standing.offset;
    if (moved !== 0) this.viewport.scrollTop += moved;
    this.#put = this.viewport.scrollTop;
    this.#notedAt = this.viewport.scrollTop;
  }

  toEnd(): void {
    this.viewport.scrollTop = this.viewport.scrollHeight;
    this.#put = null;
  }

  /** Brings the top of `element` to `offset` pixels below the viewport's top. */
  toElement(element: Element, offset: number): void {
    this.viewport.scrollTop += element.getBoundingClientRect().top - this.#top() - offset;
    this.#put = null;
  }

  /** Brings `element` to the middle of the viewport, or its beginning into sight where it is too high for that. */
  toMiddle(element: Element): void {
    const room = this.viewport.clientHeight - element.getBoundingClientRect().height;
    this.toElement(element, Math.max(room / 2, this.viewport.clientHeight / 5));
  }

  /** The first message in sight, and where it stands. */
  place(): Place | null {
    const { element, offset } = this.#standing() ?? {};
    const key = element?.getAttribute('data-key') ?? null;
    return key === null || offset === undefined ? null : { key, offset };
  }

  /** The key of the last message of which something is in sight. */
  lastInSight(): string | null {
    const bottom = this.viewport.getBoundingClientRect().bottom;
    const beyond = this.#firstWhere((rect) => rect.top >= bottom);
    return this.#messages[beyond - 1]?.getAttribute('data-key') ?? null;
  }

  #top(): number {
    return this.viewport.getBoundingClientRect().top;
  }

  /** How far somebody has scrolled of which no event has told yet, in pixels. */
  #scrolledUnseen(): number {
    const scrolled = this.viewport.scrollTop - this.#notedAt;
    // Where content went away below the end, the webview itself has moved up to it.
    return scrolled < 0 && this.below() <= 1 ? 0 : scrolled;
  }

  /** What the rest is measured by: the message that somebody acts on, else the one under the eye. */
  #standing(): Noted | undefined {
    const held = this.#noted.filter(({ element }) => element.isConnected);
    return held.find(({ element }) => element.contains(document.activeElement)) ?? held[0];
  }

  /** The index of the first message that `holds` for; it holds for every message below that one as well. */
  #firstWhere(holds: (rect: DOMRect) => boolean): number {
    let [from, to] = [0, this.#messages.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      const message = this.#messages[middle];
      if (message !== undefined && holds(message.getBoundingClientRect())) to = middle;
      else from = middle + 1;
    }
    return from;
  }
}
