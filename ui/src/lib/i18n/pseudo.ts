/**
 * A language that nobody speaks: English with accents, a third longer, between brackets, laid out from right to left.
 * A text that is cut off, that stands outside the catalogue, or that is put together from parts shows at a glance.
 */
import type { Catalogue, Forms, Text } from './types';

const PLAIN = 'aceginorsuyACEGINORSUY';
const ACCENTED = 'áçéĝîñóŕšúýÁÇÉĜÎÑÓŔŠÚÝ';
/** How much longer than English a translation may well be. */
const LONGER = 0.35;

function accented(text: string): string {
  // The names of holes stay as they are.
  const letters = text.replace(/\{\w+\}|[a-z]/gi, (part) => ACCENTED[PLAIN.indexOf(part)] ?? part);
  return `[${letters}${'·'.repeat(Math.ceil(text.length * LONGER))}]`;
}

function disguised(text: Text): Text {
  if (typeof text === 'string') return accented(text);
  return Object.fromEntries(Object.entries(text).map(([rule, form]) => [rule, accented(form)])) as Forms;
}

/** The catalogue in that language. */
export function pseudo(source: Readonly<Record<keyof Catalogue, Text>>): Catalogue {
  const texts = Object.entries(source).map(([key, text]) => [key, disguised(text)] as const);
  return Object.fromEntries(texts) as Catalogue;
}
