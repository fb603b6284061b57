/** Which language the screen speaks: the system's choice, unless somebody chose another. It changes at once. */
import { en } from './en';
import { fil } from './fil';
import { pseudo } from './pseudo';
import type { Catalogue } from './types';

interface Language {
  /** What the language calls itself. */
  readonly name: string;
  readonly direction: 'ltr' | 'rtl';
  readonly catalogue: Catalogue;
}

/** The tag of the pseudo-language, which shows what a translation would break. It is offered to developers alone. */
export const PSEUDO = 'en-XA';

/** What the screen speaks where neither a choice nor the system names a language that is here. */
const DEFAULT = 'en';

/** Made when it is first shown, which for nearly everybody is never. */
let disguised: Catalogue | undefined;

const LANGUAGES: Readonly<Record<string, Language>> = {
  en: { name: 'English', direction: 'ltr', catalogue: en },
  fil: { name: 'Filipino', direction: 'ltr', catalogue: fil },
  [PSEUDO]: {
    name: 'Pseudo',
    direction: 'rtl',
    get catalogue() {
      return (disguised ??= pseudo(en));
    },
  },
};

/** Older systems call Filipino Tagalog. */
const ALIASES: Readonly<Record<string, string>> = { tl: 'fil' };

let choice = $state<string | null>(null);
let system = $state.raw<readonly string[]>(navigator.languages);

const tag = $derived(known(choice) ?? system.map(languageOf).find((name) => known(name) !== null) ?? DEFAULT);
/** What dates and numbers follow: the system's own locale of that language, else the language in the system's region. */
const format = $derived.by(() => {
  if (tag === PSEUDO) return DEFAULT;
  const [own, first] = [system.find((name) => languageOf(name) === tag), system[0]];
  const region = own === undefined && first !== undefined ? regionOf(first) : undefined;
  return own ?? (region === undefined ? tag : `${tag}-${region}`);
});

function known(name: string | null): string | null {
  return name !== null && Object.hasOwn(LANGUAGES, name) ? name : null;
}

function parsed(name: string): Intl.Locale | null {
  try {
    return new Intl.Locale(name);
  } catch {
    return null;
  }
}

function languageOf(name: string): string {
  const found = parsed(name)?.language ?? '';
  return ALIASES[found] ?? found;
}

function regionOf(name: string): string | undefined {
  return parsed(name)?.region;
}

/** Chooses the language of the screen; `null`, or a language that is not here, leaves it to the system. */
export function chooseLanguage(name: string | null): void {
  choice = name;
}

/** The system has changed its languages. */
export function readSystemLanguages(): void {
  system = navigator.languages;
}

/** The language of the screen, as a BCP 47 tag. */
export function language(): string {
  return tag;
}

/** The locale that dates and numbers are written in, as a BCP 47 tag. */
export function locale(): string {
  return format;
}

/** Where the lines of the language begin. */
export function direction(): 'ltr' | 'rtl' {
  return LANGUAGES[tag]?.direction ?? 'ltr';
}

/** The texts of the language. */
export function catalogue(): Catalogue {
  return LANGUAGES[tag]?.catalogue ?? en;
}

/** The languages that people can choose, by what each calls itself. */
export function languages(): readonly { readonly tag: string; readonly name: string }[] {
  return Object.entries(LANGUAGES)
    .filter(([name]) => name !== PSEUDO)
    .map(([name, { name: title }]) => ({ tag: name, name: title }));
}
