import { describe, expect, it } from 'vitest';
import { LINES_SHOWN, UNITS_SHOWN, beginningOf } from './text';

describe('beginningOf', () => {
  it('is nothing for a message that may be shown whole', () => {
    expect(beginningOf('short')).toBeNull();
    expect(beginningOf(Array(LINES_SHOWN).fill('line').join('\n'))).toBeNull();
    expect(beginningOf('a'.repeat(UNITS_SHOWN))).toBeNull();
  });

  it('is the first lines of ten thousand', () => {
    const beginning = beginningOf('x\n'.repeat(5_000));
    expect(beginning?.split('\n')).toHaveLength(LINES_SHOWN);
  });

  it('ends with a whole word', () => {
    expect(beginningOf('word '.repeat(1_000))).toMatch(/ word$/);
  });

  it('is bounded for an endless word', () => {
    expect(beginningOf('a'.repeat(10_000))).toHaveLength(UNITS_SHOWN);
  });

  it('cuts no emoji in two', () => {
    const family = '👩‍👩‍👧‍👦';
    const beginning = beginningOf(family.repeat(900)) ?? '';
    expect(beginning.length % family.length).toBe(0);
    expect(beginning.length).toBeGreaterThan(UNITS_SHOWN - 100);
  });

  it('is bounded where marks are piled upon one letter', () => {
    expect(beginningOf(`a${'\u0301'.repeat(9_999)}`)?.length).toBeLessThanOrEqual(UNITS_SHOWN);
  });
});
