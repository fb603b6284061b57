/** The account, its menu, and the settings, in Filipino. */
import type { settings as source } from '../en/settings';
import type { Translation } from '../types';

export const settings: Translation<typeof source> = {
  'account.menu': 'Ang account mo',
  'account.on': '{name} sa {server}',
  'account.upToDate': 'Updated hanggang {time}',
  'account.notUpToDate': 'Hindi updated',
  'account.signOut': 'Mag-sign out',
  'account.storage': 'Storage',

  'storage.title': 'Mga mensahe sa device na ito',
  'storage.disk': 'Espasyo sa disk',
  'storage.messages': 'Mga mensahe',
  'storage.conversations': 'Mga usapan',
  'storage.waiting': 'Naghihintay maipadala',
  'storage.aside': 'Mga nasirang file na itinabi',
  'storage.offer': 'Magbakante ng espasyo…',
  'storage.clearText':
    'Aalisin ang mga mensahe sa device na ito at manggagaling ulit sa server mo, una ang pinakabago. Mananatili ang mga naghihintay maipadala at ang isinusulat mo.',
  'storage.clear': 'Alisin sa device na ito',
  'storage.clearing': 'Inaalis…',

  'signOut.title': 'Mag-sign out sa {server}?',
  'signOut.keep': 'Itago ang mga mensahe ko sa device na ito',
  'signOut.kept': 'Mabubuksan ulit ang mga ito kapag nag-sign in ka gamit ang parehong account.',
  'signOut.waiting': {
    one: '{count} mensahe ang hindi pa naipapadala. Mawawala ito kung hindi mo itatago ang mga mensahe mo.',
    other:
      '{count} na mensahe ang hindi pa naipapadala. Mawawala ang mga ito kung hindi mo itatago ang mga mensahe mo.',
  },
  'signOut.confirm': 'Mag-sign out',
};
