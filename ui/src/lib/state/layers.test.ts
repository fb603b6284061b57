import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { closeOnBack, closeOnEscape, pushLayer } from './layers';

const escape = (change: KeyboardEventInit = {}) =>
  new KeyboardEvent('keydown', { key: 'Escape', cancelable: true, ...change });

it('closes one layer a press, the topmost first', () => {
  const [below, above] = [vi.fn(), vi.fn()];
  const popBelow = pushLayer(below);
  const popAbove = pushLayer(above);
  closeOnEscape(escape());
  expect(above).toHaveBeenCalledOnce();
  expect(below).not.toHaveBeenCalled();
  popAbove();
  closeOnEscape(escape());
  expect(below).toHaveBeenCalledOnce();
  popBelow();
});

it('leaves Escape to an input method', () => {
  const close = vi.fn();
  const pop = pushLayer(close);
  closeOnEscape(escape({ isComposing: true }));
  expect(close).not.toHaveBeenCalled();
  pop();
});

it('closes what is beneath last, however late it came', () => {
  const [search, conversation] = [vi.fn(), vi.fn()];
  const popSearch = pushLayer(search);
  const popConversation = pushLayer(conversation, true);
  closeOnEscape(escape());
  expect(search).toHaveBeenCalledOnce();
  expect(conversation).not.toHaveBeenCalled();
  popSearch();
  popConversation();
});

/** A window's history of one page: what `history` and `popstate` do in every browser, one turn later. */
class View extends EventTarget {
  readonly #entries: unknown[] = [null];
  #at = 0;
  readonly history = {
    pushState: (state: unknown) => {
      this.#entries.splice(this.#at + 1, Infinity, state);
      this.#at += 1;
    },
    back: () => {
      this.go(-1);
    },
  };

  constructor() {
    super();
    Object.defineProperty(this.history, 'state', { get: () => this.#entries[this.#at] });
  }

  go(by: number): void {
    setTimeout(() => {
      this.#at += by;
      this.dispatchEvent(new Event('popstate'));
    });
  }

  /** Whether one more step back would leave the app. */
  get atStart(): boolean {
    return this.#at === 0;
  }
}

/** Many turns later: every one of them lets what was put off before it happen. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) await new Promise((resolve) => setTimeout(resolve));
}

describe('the system’s Back', () => {
  let stop: () => void = () => undefined;
  let view: View;

  beforeEach(() => {
    view = new View();
    stop = closeOnBack(view as unknown as Window);
  });
  afterEach(() => {
    stop();
  });

  /** A layer that goes when it is closed. */
  function layer(): { readonly open: boolean; close: () => void } {
    const state = { open: true, close };
    const pop = pushLayer(close);
    function close(): void {
      state.open = false;
      pop();
    }
    return state;
  }

  it('closes one layer a press, and then leaves', async () => {
    const [below, above] = [layer(), layer()];
    await settled();
    view.go(-1);
    await settled();
    expect([below.open, above.open, view.atStart]).toEqual([true, false, false]);
    view.go(-1);
    await settled();
    expect([below.open, view.atStart]).toEqual([false, true]);
  });

  it('is not needed twice after something was closed another way', async () => {
    const only = layer();
    await settled();
    expect(view.atStart).toBe(false);
    only.close();
    await settled();
    expect(view.atStart).toBe(true);
  });

  it('keeps up with a layer that makes room for the next', async () => {
    const menu = layer();
    await settled();
    menu.close();
    const dialog = layer();
    await settled();
    expect(view.atStart).toBe(false);
    dialog.close();
    await new Promise((resolve) => setTimeout(resolve));
    // While the step back is still under way.
    const late = layer();
    await settled();
    expect([late.open, view.atStart]).toEqual([true, false]);
    view.go(-1);
    await settled();
    expect([late.open, view.atStart]).toEqual([false, true]);
  });

  it('leads forward to nothing', async () => {
    const only = layer();
    await settled();
    view.go(-1);
    await settled();
    expect(only.open).toBe(false);
    view.go(1);
    await settled();
    expect(view.atStart).toBe(true);
  });
});
