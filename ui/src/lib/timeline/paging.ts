/** Page Up and Page Down scroll the messages, also while somebody writes. */

/** How much of a view stays in sight from one page to the next. */
const KEPT_OF_VIEW = 0.1;

/** What Page Up and Page Down belong to by themselves. */
const TAKES = 'dialog, [role="menu"], [role="listbox"], [role="grid"]';

/** How far the key scrolls a view of this height, in CSS pixels: up where it is negative, not at all where it is 0. */
export function pageBy(event: KeyboardEvent, height: number): number {
  const way = { PageUp: -1, PageDown: 1 }[event.key] ?? 0;
  const held = event.ctrlKey || event.metaKey || event.altKey || event.shiftKey;
  if (way === 0 || held || event.defaultPrevented || event.isComposing) return 0;
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest(TAKES) != null) return 0;
  // A text that is longer than its box is paged through itself.
  if (target instanceof HTMLTextAreaElement && target.scrollHeight > target.clientHeight) return 0;
  return Math.round(way * height * (1 - KEPT_OF_VIEW));
}
