/** Every screen, in the order of the index. */
import { BAD_INPUT } from './bad-input';
import { CONNECTION } from './connection';
import { CONVERSATION } from './conversation';
import { ENTRY } from './entry';
import { LIST } from './list';
import { MESSAGE } from './message';
import { SEARCH } from './search';
import { SETTINGS } from './settings';
import { STORAGE } from './storage';
import type { Group, Scene } from './scene';

export const GROUPS: readonly Group[] = [
  { name: 'First run and signing in', scenes: ENTRY },
  { name: 'The list', scenes: LIST },
  { name: 'The connection', scenes: CONNECTION },
  { name: 'Searching', scenes: SEARCH },
  { name: 'A conversation', scenes: CONVERSATION },
  { name: 'A message', scenes: MESSAGE },
  { name: 'Settings', scenes: SETTINGS },
  { name: 'Messages that cannot be opened', scenes: STORAGE },
  { name: 'Bad input', scenes: BAD_INPUT },
];

export const SCENES: readonly Scene[] = GROUPS.flatMap(({ scenes }) => scenes);
