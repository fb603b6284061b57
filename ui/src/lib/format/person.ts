/** How a person is called and coloured on the screen. */
import type { Person, Role } from '../api';
import { t } from '../i18n';
import { harmless } from './text';

/** How many colours `tokens.css` holds for people. */
const PERSON_COLOURS = 8;

const letters = new Intl.Segmenter();

/** A name as it is shown: on one line, and no mark in it turns letters around. */
const shown = (name: string): string => harmless(name).replace(/\s+/gu, ' ').trim();

/** Given and family name, or the end of the id where nothing else is known of them; never empty. */
export function fullName(person: Person): string {
  return (
    shown(`${person.firstName} ${person.lastName}`) || t('person.unnamed', { id: `…${person.id.slice(-6)}` })
  );
}

/** The name to speak of somebody by; never empty. */
export function callName(person: Person): string {
  return shown(person.firstName) || fullName(person);
}

/** One or two letters that stand in for a picture. */
export function initials(person: Person): string {
  // By what people see as one letter, which may be several code points.
  const first = (text: string) => letters.segment(shown(text))[Symbol.iterator]().next().value?.segment ?? '';
  return (first(person.firstName) + first(person.lastName)).toLocaleUpperCase() || '·';
}

/** Which of the colours for people is this person's: the same on every device. */
export function colourOf(id: string): number {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 65_521;
  return sum % PERSON_COLOURS;
}

/** What the person is in the programme, in words. */
export function roleName(role: Role): string {
  return t(`role.${role}`);
}
