/** Texts: measured as the contract does, and shown so that nothing in them acts on the screen. */

/** How many characters (Unicode code points) `text` has. */
export function characters(text: string): number {
  return Array.from(text).length;
}

const LINE_END = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/gu;

/** The first and the last of the control characters of ASCII, and where Unicode keeps pictures of them. */
const DELETE = 0x7f;
const PICTURES = 0x2400;
const PICTURE_OF_DELETE = 0x2421;

/**
 * `text` with what would act on the screen made visible: control characters, and the overrides that turn letters
 * around (U+202D, U+202E). Marks that people of right-to-left languages write with stay; their effect ends with the
 * message, because each line of it is a paragraph of its own.
 */
export function harmless(text: string): string {
  return text.replace(LINE_END, '\n').replace(/[\p{Cc}\u202D\u202E]/gu, (mark) => {
    const code = mark.codePointAt(0) ?? 0;
    if (mark === '\n' || mark === '\t') return mark;
    if (code < 0x20) return String.fromCodePoint(PICTURES + code);
    return code === DELETE ? String.fromCodePoint(PICTURE_OF_DELETE) : '\uFFFD';
  });
}
