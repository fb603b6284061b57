/** Every word that the app shows, in English. No text stands anywhere else in `ui/`. */
import { entry } from './en/entry';
import { errors } from './en/errors';
import { list } from './en/list';
import { settings } from './en/settings';
import { surroundings } from './en/surroundings';
import { timeline } from './en/timeline';

export const en = {
  ...entry,
  ...errors,
  ...list,
  ...settings,
  ...surroundings,
  ...timeline,

  'app.name': 'Roost',
  'app.starting': 'Opening your messages…',

  'keyring.title': 'Keyring',
  'keyring.notice':
    'Roost can’t reach this device’s keyring, so it will ask you to sign in again the next time it starts.',
  'notice.dismiss': 'Got it',

  'clock.title': 'Clock',
  'clock.fast':
    'Your clock is {time} fast, so times may look wrong. Set it right in the settings of this device.',
  'clock.slow':
    'Your clock is {time} slow, so times may look wrong. Set it right in the settings of this device.',

  'recovered.title': 'Damaged messages',
  'recovered.whole':
    'The messages on this device were damaged and have been replaced. Everything that only this device had was saved; the rest comes again from your server.',
  'recovered.partly':
    'The messages on this device were damaged and have been replaced. Part of the old file couldn’t be read, so look whether anything that you hadn’t sent yet is missing. The rest comes again from your server.',
  'recovered.saved': {
    one: '{count} unsent message was saved.',
    other: '{count} unsent messages were saved.',
  },

  'role.admin': 'Admin',
  'role.coordinator': 'Coordinator',
  'role.student': 'Student',
  'person.unnamed': 'Unnamed ({id})',

  'dialog.cancel': 'Cancel',
  'dialog.keep': 'Keep it',
} as const;
