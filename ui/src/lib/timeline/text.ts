/** How much of a message is shown: none takes all of the room. */

/** A message of more lines or more UTF-16 units than this is cut until somebody asks for all of it. */
export const LINES_SHOWN = 24;
export const UNITS_SHOWN = 2_000;

/** A text that is but little longer is not cut: “Show all” would hide next to nothing. */
const SLACK = 1.25;

const letters = new Intl.Segmenter();

/** The beginning of a text that is too long to be shown at once, or `null` where all of it may be. */
export function beginningOf(text: string): string | null {
  if (text.length <= UNITS_SHOWN * SLACK && countLines(text, LINES_SHOWN * SLACK) <= LINES_SHOWN * SLACK)
    return null;
  let end = endOfLine(text.slice(0, UNITS_SHOWN), LINES_SHOWN);
  if (end === UNITS_SHOWN) end = endOfWord(text);
  return text.slice(0, end);
}

/** How many lines `text` has, counted up to one more than `most`. */
function countLines(text: string, most: number): number {
  let lines = 1;
  for (let at = text.indexOf('\n'); at !== -1 && lines <= most; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}

/** Where the line with this number ends, or the text. */
function endOfLine(text: string, line: number): number {
  let at = -1;
  for (let count = 0; count < line; count += 1) {
    at = text.indexOf('\n', at + 1);
    if (at === -1) return text.length;
  }
  return at;
}

/** The end of the last word that fits; within an endless word, of the last whole letter or emoji. */
function endOfWord(text: string): number {
  const NEAR = 80;
  const from = UNITS_SHOWN - NEAR;
  const near = text.slice(from, UNITS_SHOWN);
  const space = near.search(/\s\S*$/u);
  if (space !== -1) return from + space;
  // Letters are looked for from a little before the cut on, where the first may be the rest of one and is not used.
  let end = from;
  for (const { index } of letters.segment(text.slice(from, UNITS_SHOWN + NEAR))) {
    if (from + index > UNITS_SHOWN) break;
    end = from + index;
  }
  return end > from ? end : UNITS_SHOWN;
}
