/** The keys of the app, in one table: the window binds what stands here, and the sheet of shortcuts shows it. */
import { t, type Key } from '../i18n';

type Label = Extract<Key, `shortcuts.${string}`>;

/** What the window does for a key; the rest belongs to the box or the list that has the focus. */
export type Command = 'switch' | 'find' | 'search' | 'new' | 'next' | 'previous' | 'settings' | 'shortcuts';

/** A key with what is held down. `mod` is Command on a Mac, and Control everywhere else. */
export interface Chord {
  /** As `KeyboardEvent.key` names it; letters in lower case. */
  readonly key: string;
  readonly mod?: boolean;
  readonly alt?: boolean;
  readonly shift?: boolean;
}

export interface Shortcut {
  readonly chord: Chord;
  readonly label: Label;
  /** `null` where it is bound next to what it works on. */
  readonly does: Command | null;
}

export interface Group {
  readonly title: Label;
  readonly shortcuts: readonly Shortcut[];
}

export const SHORTCUTS: readonly Group[] = [
  {
    title: 'shortcuts.everywhere',
    shortcuts: [
      { chord: { key: 'k', mod: true }, label: 'shortcuts.switch', does: 'switch' },
      { chord: { key: 'n', mod: true }, label: 'shortcuts.new', does: 'new' },
      { chord: { key: 'f', mod: true }, label: 'shortcuts.find', does: 'find' },
      { chord: { key: 'f', mod: true, shift: true }, label: 'shortcuts.search', does: 'search' },
      { chord: { key: 'ArrowDown', alt: true }, label: 'shortcuts.next', does: 'next' },
      { chord: { key: 'ArrowUp', alt: true }, label: 'shortcuts.previous', does: 'previous' },
      { chord: { key: ',', mod: true }, label: 'shortcuts.settings', does: 'settings' },
      { chord: { key: '/', mod: true }, label: 'shortcuts.show', does: 'shortcuts' },
      { chord: { key: 'Escape' }, label: 'shortcuts.back', does: null },
    ],
  },
  {
    title: 'shortcuts.writing',
    shortcuts: [
      { chord: { key: 'Enter', mod: true }, label: 'shortcuts.send', does: null },
      { chord: { key: 'Enter', shift: true }, label: 'shortcuts.line', does: null },
      { chord: { key: 'ArrowUp' }, label: 'shortcuts.edit', does: null },
      { chord: { key: 'End', mod: true }, label: 'shortcuts.newest', does: null },
      { chord: { key: 'PageUp' }, label: 'shortcuts.older', does: null },
      { chord: { key: 'PageDown' }, label: 'shortcuts.newer', does: null },
    ],
  },
  {
    title: 'shortcuts.lists',
    shortcuts: [
      { chord: { key: 'F10', shift: true }, label: 'shortcuts.menu', does: null },
      { chord: { key: 'Home' }, label: 'shortcuts.first', does: null },
      { chord: { key: 'End' }, label: 'shortcuts.last', does: null },
    ],
  },
];

/** Whether this is one of Apple's systems, which have keys and names of their own. */
export function isApple(platform: string = navigator.platform): boolean {
  return /^(Mac|iP)/.test(platform);
}

/** What the window does for this press of a key; `null` where it is nothing to it. */
export function commandOf(event: KeyboardEvent, apple = isApple()): Command | null {
  if (event.isComposing) return null;
  for (const { shortcuts } of SHORTCUTS) {
    for (const { chord, does } of shortcuts) if (does !== null && presses(event, chord, apple)) return does;
  }
  return null;
}

function presses(event: KeyboardEvent, chord: Chord, apple: boolean): boolean {
  const { mod = false, alt = false, shift = false } = chord;
  const [held, other] = apple ? [event.metaKey, event.ctrlKey] : [event.ctrlKey, event.metaKey];
  if (held !== mod || other || event.altKey !== alt || keyOf(event) !== chord.key) return false;
  // Where the layout puts a sign behind Shift, holding it is part of typing the sign.
  return chord.key === '/' || event.shiftKey === shift;
}

/** The key; on layouts without Latin letters, the letter that stands there on others. */
function keyOf({ key, code }: KeyboardEvent): string {
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter !== undefined && !/^[a-z]$/i.test(key)) return letter.toLowerCase();
  return key.length === 1 ? key.toLowerCase() : key;
}

type Name = Extract<Key, `key.${string}`>;

const NAMES: Readonly<Record<string, Name | undefined>> = {
  ArrowDown: 'key.down',
  ArrowUp: 'key.up',
  Enter: 'key.enter',
  Escape: 'key.escape',
  Home: 'key.home',
  End: 'key.end',
  PageUp: 'key.pageUp',
  PageDown: 'key.pageDown',
};

/** What stands on the keys of a chord, in the order in which they are pressed. */
export function keysOf(chord: Chord, apple = isApple()): string[] {
  const name = NAMES[chord.key];
  return [
    ...(chord.mod === true ? [t(apple ? 'key.command' : 'key.control')] : []),
    ...(chord.alt === true ? [t(apple ? 'key.option' : 'key.alt')] : []),
    ...(chord.shift === true ? [t('key.shift')] : []),
    name === undefined ? chord.key.toUpperCase() : t(name),
  ];
}

/** The keys of a command on one line, for tooltips: `Ctrl+K`. */
export function keysFor(command: Command, apple = isApple()): string {
  for (const { shortcuts } of SHORTCUTS) {
    const found = shortcuts.find(({ does }) => does === command);
    if (found !== undefined) return keysOf(found.chord, apple).join('+');
  }
  return '';
}
