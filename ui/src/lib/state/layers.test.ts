import { expect, it, vi } from 'vitest';
import { closeOnEscape, pushLayer } from './layers';

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
