import { afterEach, expect, it, vi } from 'vitest';
import { LIST_WIDTH, fit, keepWidth, keptWidth } from './panes';

afterEach(() => {
  vi.unstubAllGlobals();
  localStorage.clear();
});

it('keeps the list within its bounds, and leaves the conversation its share', () => {
  expect(fit(10, 1_280)).toBe(LIST_WIDTH.least);
  expect(fit(9_999, 1_280)).toBe(LIST_WIDTH.most);
  expect(fit(400, 1_280)).toBe(400);
  expect(fit(500, 800)).toBe(440);
  expect(fit(500, 100)).toBe(LIST_WIDTH.least);
});

it('remembers the width, and has one where nothing or nonsense is remembered', () => {
  expect(keptWidth()).toBe(LIST_WIDTH.usual);
  keepWidth(401.6);
  expect(keptWidth()).toBe(402);
  localStorage.setItem('roost.list-width', 'wide');
  expect(keptWidth()).toBe(LIST_WIDTH.usual);
});

it('does without a memory', () => {
  const broken = () => {
    throw new DOMException('denied', 'SecurityError');
  };
  vi.stubGlobal('localStorage', { getItem: broken, setItem: broken });
  keepWidth(400);
  expect(keptWidth()).toBe(LIST_WIDTH.usual);
});
