/** Choosing people: who matches what is typed, and who is known by an id alone. */
import type { Person } from '../api';
import { fullName } from '../format/person';

/** An account's id, as servers of the contract make them. */
const ID = /^[0-9a-f]{24}$/;

/** Marks that stand on letters, which nobody types while searching. */
const MARKS = /\p{Mark}/gu;

/**
 * Somebody of whom nothing is known but the id that was typed: servers without a search for people give nothing else.
 * `null` where it is no id, where it is one's own, and where that person is among those who were found.
 */
export function personById(typed: string, me: string | null, found: readonly Person[]): Person | null {
  const id = typed.trim().toLowerCase();
  if (!ID.test(id) || id === me || found.some((person) => person.id === id)) return null;
  return { id, firstName: '', lastName: '', role: null, avatar: null };
}

/** Whether each word of `query` begins a word of the name, accents and case aside. */
export function matches(person: Person, query: string): boolean {
  const names = words(fullName(person));
  return words(query).every((wanted) => names.some((name) => name.startsWith(wanted)));
}

function words(text: string): string[] {
  return text
    .normalize('NFD')
    .replace(MARKS, '')
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
}
