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

  'settings.privacy': 'Privacy',
  'privacy.receipts': 'Mga resibo ng pagbasa',
  'privacy.receiptsHelp':
    'Nakikita ng iba na nabasa mo ang mga mensahe nila, at nakikita mo na nabasa nila ang sa iyo.',
  'privacy.presence': 'Ipakita kapag narito ako',
  'privacy.presenceHelp': 'Nakikita ito ng mga kausap mo, at nakikita mo rin ang sa kanila.',
  'privacy.none': 'Walang ganitong pagpipilian sa server na ito.',

  'account.saveName': 'I-save ang pangalan ko',
  'account.saved': 'Na-save na.',

  'newPassword.title': 'Palitan ang password…',
  'newPassword.text': 'Masa-sign out ka sa lahat ng iba pang device.',
  'newPassword.current': 'Kasalukuyang password',
  'newPassword.new': 'Bagong password',
  'newPassword.submit': 'Palitan ang password',
  'newPassword.done': 'Napalitan na ang password mo.',

  'devices.title': 'Kung saan ka naka-sign in',
  'devices.unknown': 'Device na walang pangalan',
  'devices.current': 'Ang device na ito',
  'devices.used': 'Huling ginamit: {time}',
  'devices.signOutOf': 'Mag-sign out sa {name}',
  'devices.others': 'Mag-sign out sa lahat ng iba pa…',
  'devices.othersTitle': 'Mag-sign out sa lahat ng iba pa?',
  'devices.signOutTitle': 'Mag-sign out sa {name}?',
  'devices.signOutText': 'Kailangang mag-sign in ulit ang gumagamit nito.',

  'invite.offer': 'Mag-imbita…',
  'invite.title': 'Mag-imbita ng tao',
  'invite.text':
    'Makakakuha ka ng link. Sa pamamagitan nito, isang tao ang makakagawa ng account sa loob ng isang linggo.',
  'invite.role': 'Magiging',
  'invite.make': 'Gumawa ng link',
  'invite.made': 'Ipadala ang link na ito sa iniimbita mo. Hindi na ito ipapakita ulit.',
  'invite.copy': 'Kopyahin ang link',
  'invite.copied': 'Nakopya na',

  'export.text':
    'Isang file ng lahat ng mensahe mo, isang linya ng JSON bawat isa, sa mga download mo. Hindi ito naka-encrypt.',
  'export.start': 'I-export ang mga mensahe',
  'export.busy': { one: '{count} mensahe ang naisulat na…', other: '{count} na mensahe ang naisulat na…' },
  'export.done': 'Nasa {path} ang mga mensahe mo.',

  'language.title': 'Wika',
  'language.system': 'Ang wika ng system',

  'about.version': 'Bersiyon {version}',
  'about.text':
    'Itinatago ng Roost ang mga mensahe mo sa device mo, at sa server mo lamang ito nakikipag-ugnayan.',
  'about.licence': 'Malayang software sa ilalim ng lisensiyang MIT o Apache 2.0, alinman ang piliin mo.',
  'about.typeface': 'Tipo ng titik: Atkinson Hyperlegible Next, sa ilalim ng SIL Open Font License',
};
