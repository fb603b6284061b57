/** What the system shows for the app, and what the app asks about it, in Filipino. */
import type { surroundings as source } from '../en/surroundings';
import type { Translation } from '../types';

export const surroundings: Translation<typeof source> = {
  'tray.open': 'Buksan ang Roost',
  'tray.mute': 'I-mute ang mga notipikasyon nang 1 oras',
  'tray.quit': 'Isara ang Roost',
  'notification.hidden': 'Bagong mensahe',

  'closing.title': 'Panatilihing tumatakbo ang Roost?',
  'closing.text':
    'Sa likuran, patuloy itong tatanggap ng mga mensahe at magsasabi sa iyo tungkol sa mga ito. Muli itong mabubuksan mula sa icon nito sa tray ng system. Mababago mo ito sa mga setting.',
  'closing.keep': 'Panatilihing tumatakbo',
  'closing.end': 'Isara',
};
