/** The words on the screen: looked up by a typed key, filled in, and put in the right plural form. */
import { en } from './en';

/** A text, or the forms that a number asks for (`Intl.PluralRules`). */
export type Text = string | { readonly one: string; readonly other: string };

type Catalogue = typeof en;
export type Key = keyof Catalogue;

/** The names that stand in braces in a text. */
type Holes<T> = T extends `${string}{${infer Name}}${infer Rest}` ? Name | Holes<Rest> : never;
type Forms<T> = T extends { one: infer One; other: infer Other } ? One | Other : T;
type Hole<K extends Key> = Holes<Forms<Catalogue[K]>>;
type Fill<K extends Key> = [Hole<K>] extends [never] ? [] : [fill: Record<Hole<K>, string | number>];

/** The language of the interface; dates and numbers follow the system's locale. */
export const language = 'en';

const plurals = new Intl.PluralRules(language);

/** The text of `key` with its holes filled; the plural form follows the hole called `count`. */
export function t<K extends Key>(key: K, ...[fill]: Fill<K>): string {
  const text: Text = en[key];
  const values = (fill ?? {}) as Record<string, string | number>;
  const form =
    typeof text === 'string' ? text : text[plurals.select(Number(values.count)) === 'one' ? 'one' : 'other'];
  return form.replace(/\{(\w+)\}/g, (hole, name: string) => String(values[name] ?? hole));
}
