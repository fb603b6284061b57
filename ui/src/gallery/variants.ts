/** How each screen is looked at: on a desktop, on a phone and on the narrowest, in both directions; each in both themes. */
import type { Settings } from '../lib/bindings';
import { PSEUDO } from '../lib/i18n/language.svelte';
import { TEXT_SIZE_MAX } from '../lib/limits';

/** Names and roles are the same in every direction and language; places are not. */
export type Asked = 'everything' | 'places';

export interface Variant {
  /** What it is called in a report and above its picture. */
  readonly name: string;
  /** In CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly settings: Pick<Settings, 'language' | 'textSize'>;
  /** What axe is asked: everything, or only what this variant can change of the answer. */
  readonly asks: Asked;
  /** Whether it is held in the hand: a coarse pointer. */
  readonly touch: boolean;
  /** Where it stands on the sheet, in CSS pixels. */
  readonly left: number;
}

const DESKTOP = { width: 1280, height: 800 } as const;
const PHONE = { width: 390, height: 844 } as const;
const NARROW = { width: 320, height: 640 } as const;

const GAP = 16;
/** What a name above a picture takes. */
export const CAPTION = 20;

const KINDS: readonly Omit<Variant, 'left' | 'touch'>[] = [
  ...[DESKTOP, PHONE, NARROW].map((size) => ({
    ...size,
    name: `${size.width}×${size.height}`,
    settings: { language: 'en', textSize: 100 },
    asks: size === NARROW ? ('places' as const) : ('everything' as const),
  })),
  ...[DESKTOP, PHONE, NARROW].map((size) => ({
    ...size,
    name: `${size.width}×${size.height}, right to left`,
    settings: { language: PSEUDO, textSize: 100 },
    asks: 'places' as const,
  })),
  { ...PHONE, name: '390×844, Filipino', settings: { language: 'fil', textSize: 100 }, asks: 'places' },
  {
    ...NARROW,
    name: '320×640, text at its largest',
    settings: { language: 'en', textSize: TEXT_SIZE_MAX },
    asks: 'places',
  },
];

let left = GAP;
export const VARIANTS: readonly Variant[] = KINDS.map((kind) => {
  const variant = { ...kind, left, touch: kind.width < DESKTOP.width };
  left += kind.width + GAP;
  return variant;
});

/** How large the sheet is that holds all of them, in CSS pixels. */
export const SHEET = { width: left, height: CAPTION + PHONE.height + GAP } as const;
