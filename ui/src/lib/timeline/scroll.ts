/**
 * Keeps the message under the eye where it is, whatever is added, removed or resized around it.
 *
 * Webviews differ in whether they do this by themselves, so `overflow-anchor` is off and this does it for all.
 */

/** Nearer to the end than this counts as being at the end, in pixels. */
const AT_END_PX = 24;

export class ScrollAnchor {
  /** The first message in sight, and how far its top is below the viewport's. */
  #anchor: { readonly element: Element; readonly offset: number } | null = null;

  constructor(
    readonly viewport: HTMLElement,
    readonly content: HTMLElement,
  ) {}

  /** Whether the end is in sight. */
  atEnd(): boolean {
    return this.#below() <= AT_END_PX;
  }

  /** Pixels of content above what is in sight. */
  above(): number {
    return this.viewport.scrollTop;
  }

  /** Pixels of content below what is in sight. */
  below(): number {
    return this.#below();
  }

  /** Notes what is in sight; call it whenever somebody scrolled. */
  remember(): void {
    const top = this.viewport.getBoundingClientRect().top;
    const element = firstBelow(this.content.children, top);
    this.#anchor =
      element === undefined ? null : { element, offset: element.getBoundingClientRect().top - top };
  }

  /** Puts what was noted back to where it was. */
  restore(): void {
    const anchor = this.#anchor;
    if (anchor?.element.isConnected !== true) return;
    const top = this.viewport.getBoundingClientRect().top;
    const moved = anchor.element.getBoundingClientRect().top - top - anchor.offset;
    if (moved !== 0) this.viewport.scrollTop += moved;
  }

  toEnd(): void {
    this.viewport.scrollTop = this.viewport.scrollHeight;
  }

  /** Brings `element` to a fifth of the viewport's height. */
  toElement(element: HTMLElement): void {
    const { top, height } = this.viewport.getBoundingClientRect();
    this.viewport.scrollTop += element.getBoundingClientRect().top - top - height / 5;
  }

  /** The last of the content's children of which something is in sight. */
  lastInSight(): Element | undefined {
    const { bottom } = this.viewport.getBoundingClientRect();
    const { children } = this.content;
    for (let at = children.length - 1; at >= 0; at -= 1) {
      const child = children[at];
      if (child !== undefined && child.getBoundingClientRect().top < bottom) return child;
    }
    return undefined;
  }

  #below(): number {
    const { scrollHeight, scrollTop, clientHeight } = this.viewport;
    return scrollHeight - scrollTop - clientHeight;
  }
}

/** The first of the children, which stand one below the other, whose end lies below `top`. */
function firstBelow(children: HTMLCollection, top: number): Element | undefined {
  let [from, to] = [0, children.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const child = children[middle];
    if (child !== undefined && child.getBoundingClientRect().bottom <= top) from = middle + 1;
    else to = middle;
  }
  return children[from];
}
