/** The words on the screen: looked up by a typed key, filled in, and put in the right plural form. */
import type { en } from './en';
import { formatNumber, pluralRule } from './intl';
import { catalogue } from './language.svelte';
import type { Key, Text } from './types';

export { dateFormat, formatNumber, numberFormat } from './intl';
export {
  chooseLanguage,
  direction,
  language,
  languages,
  locale,
  PSEUDO,
  readSystemLanguages,
} from './language.svelte';
export type { Key, Text } from './types';

/** The names that stand in braces in a text. */
type Holes<T> = T extends `${string}{${infer Name}}${infer Rest}` ? Name | Holes<Rest> : never;
type FormsOf<T> = T extends { one: infer One; other: infer Other } ? One | Other : T;
type Hole<K extends Key> = Holes<FormsOf<(typeof en)[K]>>;
type Fill<K extends Key> = [Hole<K>] extends [never] ? [] : [fill: Record<Hole<K>, string | number>];

/**
 * The text of `key` in the language of the screen, with its holes filled: numbers are written as the locale writes them,
 * and the plural form follows the hole called `count`. What shows it is shown anew when the language changes.
 */
export function t<K extends Key>(key: K, ...[fill]: Fill<K>): string {
  const text: Text = catalogue()[key];
  const values = (fill ?? {}) as Record<string, string | number>;
  const form = typeof text === 'string' ? text : (text[pluralRule(Number(values.count))] ?? text.other);
  return form.replace(/\{(\w+)\}/g, (hole, name: string) => {
    const value = values[name];
    return typeof value === 'number' ? formatNumber(value) : (value ?? hole);
  });
}
