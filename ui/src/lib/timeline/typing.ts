/** Which keys are meant for the box that messages are written in, wherever the focus is, and which of its keys are not. */

/** Elements that take what is typed themselves. */
const TAKES =
  'input, textarea, select, [contenteditable], [role="menu"], [role="listbox"], [role="grid"], dialog';

/** Keys that press what has the focus. */
const PRESSES = new Set([' ', 'Enter']);

/** Whether `event` types a letter, or pastes, where nothing takes it. */
export function typedElsewhere(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.isComposing) return false;
  const command = event.ctrlKey || event.metaKey;
  const pastes = command && !event.altKey && event.key.toLowerCase() === 'v';
  // AltGr, with which many layouts type, counts as Ctrl and Alt on some systems.
  const types = event.key.length === 1 && (event.getModifierState('AltGraph') || (!command && !event.altKey));
  if (!pastes && !types) return false;
  const target = event.target instanceof Element ? event.target : null;
  if (target !== null && target.closest(TAKES) !== null) return false;
  if (document.querySelector('dialog[open]') !== null) return false;
  return !PRESSES.has(event.key);
}

/** Where a key leads through the messages. */
export type Leap = 'pageUp' | 'pageDown' | 'oldest' | 'newest';

const PAGES: Readonly<Record<string, Leap | undefined>> = { PageUp: 'pageUp', PageDown: 'pageDown' };
const ENDS: Readonly<Record<string, Leap | undefined>> = { Home: 'oldest', End: 'newest' };

/**
 * Where a key that is pressed in the box leads through the messages; `null` where it is about the text. That comes
 * first: in a text that does not fit into the box, or with Shift, the keys of pages are its own, and its ends are where
 * there is any.
 */
export function leapOf(event: KeyboardEvent, box: HTMLTextAreaElement): Leap | null {
  if (event.shiftKey || event.altKey) return null;
  if (event.ctrlKey || event.metaKey) return box.value === '' ? (ENDS[event.key] ?? null) : null;
  // Fractions of a pixel are rounded.
  return box.scrollHeight > box.clientHeight + 1 ? null : (PAGES[event.key] ?? null);
}
