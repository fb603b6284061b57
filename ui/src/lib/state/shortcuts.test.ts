import { expect, it } from 'vitest';
import { SHORTCUTS, commandOf, isApple, keysFor, keysOf } from './shortcuts';

const press = (key: string, change: KeyboardEventInit = {}) =>
  new KeyboardEvent('keydown', { key, ...change });

it('takes Control for its modifier, and Command on a Mac', () => {
  expect(commandOf(press('k', { ctrlKey: true }), false)).toBe('switch');
  expect(commandOf(press('k', { metaKey: true }), true)).toBe('switch');
  expect(commandOf(press('k', { metaKey: true }), false)).toBeNull();
  expect(commandOf(press('k', { ctrlKey: true }), true)).toBeNull();
  expect(commandOf(press('k'), false)).toBeNull();
  expect([isApple('MacIntel'), isApple('iPhone'), isApple('Linux x86_64'), isApple('Win32')]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

it('tells chords with Shift apart, whatever case the letter comes in', () => {
  expect(commandOf(press('f', { ctrlKey: true }), false)).toBe('find');
  expect(commandOf(press('F', { ctrlKey: true, shiftKey: true }), false)).toBe('search');
  expect(commandOf(press('F', { ctrlKey: true }), false)).toBe('find');
});

it('works on other layouts: a sign behind Shift, and letters that are not Latin', () => {
  expect(commandOf(press('/', { ctrlKey: true, shiftKey: true, code: 'Digit7' }), false)).toBe('shortcuts');
  expect(commandOf(press('л', { ctrlKey: true, code: 'KeyK' }), false)).toBe('switch');
  // Where the Latin letter stands elsewhere, what it says counts.
  expect(commandOf(press('n', { ctrlKey: true, code: 'KeyK' }), false)).toBe('new');
});

it('leaves keys to an input method, and those alone that belong to a box', () => {
  expect(commandOf(press('k', { ctrlKey: true, isComposing: true }), false)).toBeNull();
  expect(commandOf(press('Enter', { ctrlKey: true }), false)).toBeNull();
  expect(commandOf(press('ArrowUp'), false)).toBeNull();
  expect(commandOf(press('ArrowUp', { altKey: true }), false)).toBe('previous');
});

it('binds every chord once, and names its keys as the keyboard does', () => {
  const all = SHORTCUTS.flatMap(({ shortcuts }) => shortcuts);
  const named = all.map(({ chord }) => keysOf(chord, false).join('+'));
  expect(new Set(named).size).toBe(named.length);
  expect(keysFor('next', false)).toBe('Alt+↓');
  expect(keysFor('switch', true)).toBe('⌘+K');
  for (const { chord, does } of all.filter((each) => each.does !== null)) {
    const { key, mod = false, alt = false, shift = false } = chord;
    expect(commandOf(press(key, { ctrlKey: mod, altKey: alt, shiftKey: shift }), false)).toBe(does);
  }
});
