import { describe, expect, it } from 'vitest';
import { pageBy } from './paging';

/** How far a key that is pressed in `target` scrolls a view that is 800 pixels high. */
function pressed(key: string, target: HTMLElement, held: KeyboardEventInit = {}): number {
  let by = Number.NaN;
  const listen = (event: KeyboardEvent) => (by = pageBy(event, 800));
  document.body.append(target);
  addEventListener('keydown', listen, { once: true });
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, ...held }));
  target.remove();
  return by;
}

describe('the keys for pages', () => {
  it('scroll by most of a view', () => {
    expect(pressed('PageUp', document.createElement('div'))).toBe(-720);
    expect(pressed('PageDown', document.createElement('textarea'))).toBe(720);
  });

  it('are left to what takes them itself, and to other keys', () => {
    expect(pressed('PageUp', document.createElement('dialog'))).toBe(0);
    expect(pressed('PageUp', document.createElement('div'), { ctrlKey: true })).toBe(0);
    expect(pressed('Home', document.createElement('div'))).toBe(0);
    const long = document.createElement('textarea');
    Object.defineProperty(long, 'scrollHeight', { value: 500 });
    Object.defineProperty(long, 'clientHeight', { value: 100 });
    expect(pressed('PageDown', long)).toBe(0);
  });
});
