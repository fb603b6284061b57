import { describe, expect, it } from 'vitest';
import tokens from './tokens.css?raw';

const styles = import.meta.glob<string>(['../**/*.svelte', './*.css'], {
  query: '?raw',
  import: 'default',
  eager: true,
});

const THEMES = { light: /^:root \{([^}]*)\}/m, dark: /^:root\[data-theme='dark'\] \{([^}]*)\}/m } as const;

/** What a block of the tokens defines: names without their dashes. */
function colours(block: RegExp): Map<string, string> {
  const body = block.exec(tokens)?.[1] ?? '';
  return new Map(
    [...body.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6});/g)].map(([, name = '', value = '']) => [name, value]),
  );
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const GROUNDS = ['canvas', 'surface', 'surface-raised', 'surface-hover', 'surface-selected'];
const PEOPLE = Array.from({ length: 8 }, (_, at) => `person-${at}`);
/** What is read, on what it stands on. */
const TEXTS: readonly [string, string][] = [
  ...GROUNDS.flatMap((ground): [string, string][] => [
    ['ink', ground],
    ['ink-soft', ground],
    ['primary', ground],
    ['danger', ground],
  ]),
  ['on-primary', 'primary'],
  ['on-primary', 'primary-hover'],
  ['on-accent', 'accent'],
  ['on-danger', 'danger'],
  ['on-danger', 'danger-hover'],
  ['on-danger-surface', 'danger-surface'],
  ['on-warning-surface', 'warning-surface'],
  ['on-calm-surface', 'calm-surface'],
  ['on-highlight', 'highlight'],
  ['on-bubble-own', 'bubble-own'],
  ['bubble-own-soft', 'bubble-own'],
  ['on-bubble-other', 'bubble-other'],
  ['ink-soft', 'bubble-other'],
  ...PEOPLE.map((person): [string, string] => ['on-person', person]),
];
/** What is seen, beside what it stands out from: focus, edges of fields, marks. */
const SHAPES: readonly [string, string][] = GROUNDS.slice(0, 3).flatMap((ground): [string, string][] => [
  ['focus', ground],
  ['line-strong', ground],
  ['online', ground],
]);

describe.each(Object.entries(THEMES))('the %s theme', (theme, block) => {
  const own = colours(block);
  const all = new Map([...colours(THEMES.light), ...own]);
  const ratio = (one: string, other: string) => contrast(all.get(one) ?? '', all.get(other) ?? '');

  it.each(TEXTS)('lets one read %s on %s (AA)', (text, ground) => {
    expect(ratio(text, ground)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(SHAPES)('sets %s off from %s (AA)', (shape, ground) => {
    expect(ratio(shape, ground)).toBeGreaterThanOrEqual(3);
  });

  it(`has every colour of its own (${theme})`, () => {
    expect([...own.keys()].sort()).toEqual([...colours(THEMES.light).keys()].sort());
  });
});

it('measures contrast as WCAG does', () => {
  expect(contrast('#ffffff', '#000000')).toBe(21);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
});

const defined = (source: string) => [...source.matchAll(/--([\w-]+)\s*[:=]/g)].map(([, name]) => name);
const tokenNames = new Set(defined(tokens));

it.each(Object.entries(styles))('%s uses no token that is not there', (_, source) => {
  const known = new Set([...tokenNames, ...defined(source)]);
  // What has a value for when it is absent is set from outside.
  const used = [...source.matchAll(/var\(--([\w-]+)\)/g)].map(([, name]) => name);
  expect(used.filter((name) => !known.has(name))).toEqual([]);
});
