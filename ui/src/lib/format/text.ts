/** Measuring text as the contract does. */

/** How many characters (Unicode code points) `text` has. */
export function characters(text: string): number {
  return Array.from(text).length;
}
