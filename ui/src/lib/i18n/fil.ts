/** Every word that the app shows, in Filipino. A key that English has and this lacks is an error of types. */
import { entry } from './fil/entry';
import { errors } from './fil/errors';
import { list } from './fil/list';
import { settings } from './fil/settings';
import { surroundings } from './fil/surroundings';
import { timeline } from './fil/timeline';
import type { Catalogue } from './types';

// The two forms of a number are those of Filipino: `one` after numerals that take a linker of their own (isang,
// dalawang, tatlong), `other` after those that are followed by “na” (apat na, anim na, siyam na).
export const fil: Catalogue = {
  ...entry,
  ...errors,
  ...list,
  ...settings,
  ...surroundings,
  ...timeline,

  'app.name': 'Roost',
  'app.starting': 'Binubuksan ang mga mensahe mo…',

  'keyring.title': 'Keyring',
  'keyring.notice':
    'Hindi maabot ng Roost ang keyring ng device na ito, kaya hihilingin nitong mag-sign in ka ulit sa susunod na pagbukas.',
  'notice.dismiss': 'Sige',

  'clock.title': 'Orasan',
  'clock.fast':
    'Nauuna nang {time} ang orasan mo, kaya maaaring mali ang mga oras na nakikita. Itama ito sa mga setting ng device na ito.',
  'clock.slow':
    'Nahuhuli nang {time} ang orasan mo, kaya maaaring mali ang mga oras na nakikita. Itama ito sa mga setting ng device na ito.',

  'recovered.title': 'Mga nasirang mensahe',
  'recovered.whole':
    'Nasira ang mga mensahe sa device na ito at napalitan na. Nailigtas ang lahat ng narito lamang; ang iba ay manggagaling ulit sa server mo.',
  'recovered.partly':
    'Nasira ang mga mensahe sa device na ito at napalitan na. May bahagi ng lumang file na hindi nabasa, kaya tingnan kung may nawawala sa mga hindi mo pa naipapadala. Ang iba ay manggagaling ulit sa server mo.',
  'recovered.saved': {
    one: '{count} mensaheng hindi pa naipapadala ang nailigtas.',
    other: '{count} na mensaheng hindi pa naipapadala ang nailigtas.',
  },

  'role.admin': 'Admin',
  'role.coordinator': 'Koordineytor',
  'role.student': 'Estudyante',
  'person.unnamed': 'Walang pangalan ({id})',

  'dialog.cancel': 'Kanselahin',
  'dialog.keep': 'Huwag alisin',
};
