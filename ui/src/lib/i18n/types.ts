/** What a catalogue of texts is, and what a language has to say for each of its keys. */
import type { en } from './en';

/** The forms that a number asks for (`Intl.PluralRules`); each language has those that it needs. */
export type Forms = { readonly other: string } & Readonly<Partial<Record<Intl.LDMLPluralRule, string>>>;

/** A text, or its forms. Names in braces are holes that are filled when it is shown. */
export type Text = string | Forms;

/** A text of the catalogue. */
export type Key = keyof typeof en;

/** What another language says: the same keys, a text for a text and forms for forms. */
export type Translation<Source extends Readonly<Record<string, Text>>> = {
  readonly [K in keyof Source]: Source[K] extends string ? string : Forms;
};

/** Everything that the app says, in one language. */
export type Catalogue = Translation<typeof en>;
