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
  'signOut.removed':
    'Aalisin ang mga ito sa device na ito, at manggagaling ulit sa server mo kapag nag-sign in ka.',
  'signOut.confirm': 'Mag-sign out',

  'settings.title': 'Mga setting',
  'settings.close': 'Isara ang mga setting',
  'settings.sections': 'Mga bahagi',
  'settings.general': 'Pangkalahatan',
  'settings.appearance': 'Hitsura',
  'settings.notifications': 'Mga notipikasyon',
  'settings.data': 'Mga mensahe sa device na ito',
  'settings.account': 'Account',
  'settings.about': 'Tungkol sa Roost',
  'settings.enter': 'Ang Enter key',
  'settings.enterSends': 'Nagpapadala ng mensahe',
  'settings.enterBreaks': 'Gumagawa ng bagong linya; {keys} ang nagpapadala',
  'settings.closeToTray': 'Patuloy na tumakbo kapag isinara ang window',
  'settings.closeToTrayHelp': 'Mananatili sa tray ang Roost at sasabihan ka kapag may bagong mensahe.',
  'settings.autostart': 'Buksan kapag nag-sign in ako sa computer na ito',
  'settings.startMinimised': 'Magbukas nang walang window',
  'settings.startMinimisedHelp': 'Mabubuksan ito mula sa tray.',
  'settings.theme': 'Mga kulay',
  'settings.themeSystem': 'Ayon sa system',
  'settings.themeLight': 'Maliwanag',
  'settings.themeDark': 'Madilim',
  'settings.textSize': 'Laki ng teksto',
  'settings.letter': 'A',
  'settings.notify': 'Sabihan ako kapag may bagong mensahe',
  'settings.notifyContent': 'Ipakita ang sinasabi ng mensahe',
  'settings.notifyContentHelp': 'Kung hindi, kung sino lamang ang sumulat ang sasabihin ng notipikasyon.',
  'settings.sound': 'Magpatunog',
  'settings.quiet': 'Mga oras ng katahimikan',
  'settings.quietHelp': 'Darating pa rin ang mga mensahe, pero walang tutunog at walang lilitaw.',
  'settings.quietFrom': 'Mula',
  'settings.quietUntil': 'Hanggang',
  'settings.dataText':
    'Nakatago rito ang mga mensahe mo, naka-encrypt, para makabasa at makasulat ka kahit walang koneksiyon.',

  'language.title': 'Wika',
  'language.system': 'Ang wika ng system',

  'about.version': 'Bersiyon {version}',
  'about.text':
    'Itinatago ng Roost ang mga mensahe mo sa device mo, at sa server mo lamang ito nakikipag-ugnayan.',
  'about.licence': 'Malayang software sa ilalim ng lisensiyang MIT o Apache 2.0, alinman ang piliin mo.',
  'about.typeface': 'Tipo ng titik: Atkinson Hyperlegible Next, sa ilalim ng SIL Open Font License',
};
