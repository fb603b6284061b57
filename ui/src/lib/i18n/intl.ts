/** Dates and numbers as the locale writes them. Making a formatter is slow, so each is made once for a locale. */
import { locale } from './language.svelte';

/** `make` for the locale of the screen, made anew where that has changed. */
function byLocale<Format>(make: (locale: string) => Format): () => Format {
  let made: { readonly locale: string; readonly format: Format } | null = null;
  return () => {
    const tag = locale();
    if (made?.locale !== tag) made = { locale: tag, format: make(tag) };
    return made.format;
  };
}

/** A way of writing moments. */
export function dateFormat(options: Intl.DateTimeFormatOptions): (time: Date) => string {
  const format = byLocale((tag) => new Intl.DateTimeFormat(tag, options));
  return (time) => format().format(time);
}

/** A way of writing numbers. */
export function numberFormat(options: Intl.NumberFormatOptions): (value: number) => string {
  const format = byLocale((tag) => new Intl.NumberFormat(tag, options));
  return (value) => format().format(value);
}

/** A plain number, with its thousands grouped. */
export const formatNumber = numberFormat({});

const plurals = byLocale((tag) => new Intl.PluralRules(tag));

/** Which form of a text a number asks for. */
export function pluralRule(count: number): Intl.LDMLPluralRule {
  return plurals().select(count);
}
