import { render, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import Root from '../../Root.svelte';
import { FakeShell, settings } from '../../test/shell';
import { api } from '../api';
import { dayName, timeOfDay } from '../format/time';
import { App } from '../state/app.svelte';
import { en } from './en';
import { fil } from './fil';
import {
  chooseLanguage,
  direction,
  formatNumber,
  language,
  languages,
  PSEUDO,
  readSystemLanguages,
  t,
} from '.';
import type { Key, Text } from './types';

function systemSpeaks(...tags: string[]): void {
  vi.spyOn(navigator, 'languages', 'get').mockReturnValue(tags);
  readSystemLanguages();
}

afterEach(() => {
  chooseLanguage(null);
  systemSpeaks('en-US');
});

const forms = (text: Text): string[] => (typeof text === 'string' ? [text] : Object.values(text));
const holes = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([hole]) => hole).sort();
const keys = Object.keys(en) as Key[];

describe('Filipino', () => {
  it.each(keys)('fills the same holes in %s', (key) => {
    const expected = forms(en[key]).map(holes)[0];
    for (const form of forms(fil[key])) expect(holes(form)).toEqual(expected);
  });

  it('has both forms of its numbers', () => {
    for (const key of keys) if (typeof fil[key] !== 'string') expect(fil[key]).toHaveProperty('one');
    chooseLanguage('fil');
    expect(t('people.results', { count: 3 })).toBe('3 tao');
    expect(t('people.results', { count: 4 })).toBe('4 na tao');
  });

  it('leaves next to nothing in English', () => {
    const same = keys.filter((key) => JSON.stringify(en[key]) === JSON.stringify(fil[key]));
    // Names, loans, and what is put together from holes.
    expect(same.length / keys.length).toBeLessThan(0.1);
  });
});

describe('the language', () => {
  it('is the first of the system’s that is here', () => {
    systemSpeaks('de-DE', 'tl-PH', 'en-US');
    expect(language()).toBe('fil');
    systemSpeaks('ja');
    expect(language()).toBe('en');
    systemSpeaks('not a tag', 'fil');
    expect(language()).toBe('fil');
  });

  it('is the one that was chosen, as long as it is here', () => {
    systemSpeaks('en-US');
    chooseLanguage('fil');
    expect(language()).toBe('fil');
    chooseLanguage('tlh');
    expect(language()).toBe('en');
    chooseLanguage('constructor');
    expect(language()).toBe('en');
  });

  it('is offered by its own name, the pseudo-language to nobody', () => {
    expect(languages()).toEqual([
      { tag: 'en', name: 'English' },
      { tag: 'fil', name: 'Filipino' },
    ]);
  });

  it('decides how dates and numbers are written, with the region of the system', () => {
    const time = new Date(2026, 4, 3, 14, 2);
    const now = new Date(2026, 4, 20);
    systemSpeaks('en-US');
    expect(timeOfDay(time)).toMatch(/^2:02\sPM$/);
    expect(formatNumber(12_345.5)).toBe('12,345.5');
    systemSpeaks('de-DE');
    expect(timeOfDay(time)).toBe('14:02');
    expect(dayName(time, now)).toMatch(/^Sunday,? 3 May$/);
    systemSpeaks('fil-PH');
    expect(dayName(time, now)).toMatch(/^Linggo,? Mayo 3$/);
  });

  it('changes everything on the screen at once', async () => {
    const shell = new FakeShell().answer('session', () => ({ state: 'signedOut' }));
    render(Root, { app: new App(api) });
    expect(await screen.findByRole('heading', { name: en['server.title'] })).toBeVisible();
    await shell.tellSettings({ ...settings, language: 'fil' });
    await tick();
    expect(screen.getByRole('heading', { name: fil['server.title'] })).toBeVisible();
    expect(document.documentElement.lang).toBe('fil');
    expect(document.documentElement.dir).toBe('ltr');
  });
});

describe('the pseudo-language', () => {
  it('is accented, longer, and runs from right to left', async () => {
    new FakeShell()
      .answer('session', () => ({ state: 'signedOut' }))
      .answer('settings', () => ({ ...settings, language: PSEUDO }));
    render(Root, { app: new App(api) });
    await screen.findByTestId('server-address');
    expect(direction()).toBe('rtl');
    expect(document.documentElement.dir).toBe('rtl');
    const text = t('signIn.title', { server: 'chat.school.edu' });
    expect(text).toMatch(/^\[Šîĝñ îñ tó chat\.school\.edu·+\]$/);
    expect(t('people.results', { count: 1 })).toMatch(/^\[1 péŕšóñ·+\]$/);
  });
});
