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

/** An end of the messages. */
export type End = 'oldest' | 'newest';

const ENDS: Readonly<Record<string, End | undefined>> = { Home: 'oldest', End: 'newest' };

/** The end of the messages that a key leads to from the box; `null` where there is a text, whose ends these are then. */
export function endOf(event: KeyboardEvent, text: string): End | null {
  if (text !== '' || event.shiftKey || event.altKey || !(event.ctrlKey || event.metaKey)) return null;
  return ENDS[event.key] ?? null;
}
