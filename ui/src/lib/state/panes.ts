/** How the window is shared between the list and the conversation. */

/** What stands in place of the list. */
export type Searching = 'people' | 'messages' | null;

/** The list's width, in CSS pixels. */
export const LIST_WIDTH = { least: 240, usual: 340, most: 520 } as const;

/** What the conversation keeps at least, in CSS pixels. */
const CONVERSATION_LEAST = 360;

const KEPT_AS = 'roost.list-width';

/** The width nearest to `wanted` that leaves the conversation its share of `room`. */
export function fit(wanted: number, room: number): number {
  const most = Math.min(LIST_WIDTH.most, room - CONVERSATION_LEAST);
  return Math.max(LIST_WIDTH.least, Math.min(wanted, most));
}

/** The width that was chosen on this device, or the usual one. */
export function keptWidth(): number {
  try {
    const kept = Number.parseFloat(localStorage.getItem(KEPT_AS) ?? '');
    return Number.isFinite(kept) ? kept : LIST_WIDTH.usual;
  } catch {
    // Where the webview keeps nothing, the usual width is as good.
    return LIST_WIDTH.usual;
  }
}

/** Keeps the width that was chosen, for the next start. */
export function keepWidth(width: number): void {
  try {
    localStorage.setItem(KEPT_AS, String(Math.round(width)));
  } catch {
    // It holds until the window is closed.
  }
}
