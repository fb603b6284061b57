/** Every word that the app shows, in Filipino. A key that English has and this lacks is an error of types. */
import { entry } from './fil/entry';
import { errors } from './fil/errors';
import { settings } from './fil/settings';
import type { Catalogue } from './types';

// The two forms of a number are those of Filipino: `one` after numerals that take a linker of their own (isang,
// dalawang, tatlong), `other` after those that are followed by “na” (apat na, anim na, siyam na).
export const fil: Catalogue = {
  ...entry,
  ...errors,
  ...settings,

  'app.name': 'Roost',
  'app.starting': 'Binubuksan ang mga mensahe mo…',

  'keyring.title': 'Keyring',
  'keyring.notice':
    'Hindi maabot ng Roost ang keyring ng device na ito, kaya hihilingin nitong mag-sign in ka ulit sa susunod na pagbukas.',
  'notice.dismiss': 'Sige',

  'list.title': 'Mga usapan',
  'list.new': 'Bagong usapan',
  'list.empty.title': 'Wala pang usapan',
  'list.empty.text': 'Sumulat sa isang tao sa server mo para magsimula.',
  'list.you': 'Ikaw: {text}',
  'list.deleted': 'Binura ang mensahe',
  'list.draft': 'Draft: {text}',
  'list.fetching': 'Kinukuha ang mga lumang mensahe: kumpleto na ang {complete} sa {conversations} usapan.',
  'unread.label': {
    one: '{count} mensaheng hindi pa nababasa',
    other: '{count} na mensaheng hindi pa nababasa',
  },
  'unread.many': '{max}+',

  'recovered.title': 'Mga nasirang mensahe',
  'recovered.whole':
    'Nasira ang mga mensahe sa device na ito at napalitan na. Nailigtas ang lahat ng narito lamang; ang iba ay manggagaling ulit sa server mo.',
  'recovered.partly':
    'Nasira ang mga mensahe sa device na ito at napalitan na. May bahagi ng lumang file na hindi nabasa, kaya tingnan kung may nawawala sa mga hindi mo pa naipapadala. Ang iba ay manggagaling ulit sa server mo.',
  'recovered.saved': {
    one: '{count} mensaheng hindi pa naipapadala ang nailigtas.',
    other: '{count} na mensaheng hindi pa naipapadala ang nailigtas.',
  },

  'people.title': 'Bagong usapan',
  'people.search': 'Maghanap ng tao',
  'people.none': 'Walang nahanap para sa “{query}”.',
  'people.noneAtAll': 'Wala pang ibang tao rito.',
  'people.known': 'Offline ka, kaya ang mga kilala lamang ng device na ito ang ipinapakita.',
  'people.close': 'Bumalik sa mga usapan',
  'people.results': { one: '{count} tao', other: '{count} na tao' },

  'search.title': 'Maghanap sa mga mensahe',
  'search.close': 'Bumalik sa mga usapan',
  'search.only': 'Kay {name} lamang',
  'search.none': 'Walang mensaheng nahanap para sa “{query}”.',
  'search.partly': 'Kinukuha pa ang mga lumang mensahe at hindi pa kasama sa paghahanap.',
  'search.results': { one: '{count} mensahe', other: '{count} na mensahe' },
  'search.more': 'Magpakita pa',
  'search.mine': 'Ikaw',

  'people.byId': 'Sumulat sa taong may id na {id}',

  'role.admin': 'Admin',
  'role.coordinator': 'Koordineytor',
  'role.student': 'Estudyante',
  'person.unnamed': 'Walang pangalan ({id})',

  'chat.none.title': 'Pumili ng usapan',
  'chat.none.text': 'O magsimula ng bago. Lahat ng isusulat mo ay itinatago muna sa device na ito.',
  'chat.back': 'Bumalik sa mga usapan',
  'chat.with': 'Usapan ninyo ni {name}',
  'chat.empty': 'Batiin si {name}.',
  'chat.loading': 'Kinukuha ang mga lumang mensahe…',
  'chat.olderOffline': 'Darating ang mga lumang mensahe kapag online ka na ulit.',
  'chat.beginning': 'Dito nagsimula ang usapan ninyo ni {name}.',
  'chat.newDivider': 'Mga bagong mensahe',
  'chat.newest': 'Sa pinakabagong mensahe',
  'chat.pill': { one: '{count} bago', other: '{count} bago' },
  'chat.announce': '{name}: {text}',
  'chat.failed': 'Hindi mabasa ang mga mensahe mula sa device na ito.',

  'date.today': 'Ngayong araw',
  'date.yesterday': 'Kahapon',

  'message.mine': 'Ikaw',
  'message.edited': 'binago',
  'message.editedAt': 'Binago',
  'message.deleted': 'Binura ang mensahe',
  'message.savingEdit': 'Sine-save ang pagbabago mo…',
  'message.deleting': 'Binubura…',
  'message.actions': 'Mga magagawa sa mensaheng ito',
  'message.retry': 'Subukan ulit',
  'message.edit': 'Baguhin',
  'message.copy': 'Kopyahin ang teksto',
  'message.delete': 'Burahin',
  'message.cancel': 'Huwag ipadala',
  'message.info': 'Mga detalye ng mensahe',
  'message.lost': 'Wala na ito sa server.',
  'message.sendAgain': 'Ipadala ulit',
  'message.refused': 'Hindi naipadala: {reason}',
  'message.held': 'Naghihintay na maipadala, mabago o mabura ang mensahe sa itaas.',

  'info.title': 'Mga detalye ng mensahe',
  'info.sentAt': 'Ipinadala',
  'info.writtenAt': 'Isinulat',
  'info.deliveredAt': 'Naihatid',
  'info.seenAt': 'Nakita',
  'info.readAt': 'Nabasa',
  'info.close': 'Isara',

  'delete.title': 'Burahin ang mensaheng ito?',
  'delete.text': 'Mabubura rin ito para kay {name}.',
  'cancel.title': 'Huwag nang ipadala ang mensaheng ito?',
  'cancel.text': 'Hindi pa ito naipapadala, at mawawala na ito sa device na ito.',
  'dialog.cancel': 'Kanselahin',
  'dialog.keep': 'Huwag alisin',

  'status.waiting': 'Naghihintay ng koneksiyon',
  'status.sending': 'Ipinapadala',
  'status.sent': 'Naipadala',
  'status.sentAt': 'Naipadala {time}',
  'status.delivered': 'Naihatid',
  'status.deliveredAt': 'Naihatid {time}',
  'status.read': 'Nabasa',
  'status.readAt': 'Nabasa {time}',
  'status.refused': 'Hindi naipadala',
  'status.held': 'Nakaabang sa mensahe sa itaas',

  'composer.label': 'Mensahe kay {name}',
  'composer.placeholder': 'Sumulat ng mensahe',
  'composer.send': 'Ipadala',
  'composer.save': 'I-save ang pagbabago',
  'composer.editing': 'Binabago ang mensahe mo',
  'composer.stopEditing': 'Panatilihin ang dati',
  'composer.left': {
    one: '{count} karakter na lang ang natitira',
    other: '{count} na karakter na lang ang natitira',
  },
  'composer.over': { one: 'sobra ng {count} karakter', other: 'sobra ng {count} na karakter' },

  'bar.title': 'Koneksiyon',
  'bar.offline':
    'Offline ka. Makakabasa at makakasulat ka pa rin; maipapadala ang mga mensahe kapag may koneksiyon na.',
  'bar.insecure': 'Walang ligtas na koneksiyon sa {host}: hindi pinagkakatiwalaan ang sertipiko nito.',
  'bar.keyringLocked': 'Naka-lock ang keyring ng device na ito. I-unlock ito para kumonekta.',
  'bar.unreachable': 'Hindi maabot ang {host}.',
  'bar.serverError': 'May problema ngayon ang {host}.',
  'bar.retryingIn': 'Susubukan ulit sa loob ng {seconds} s',
  'bar.retrying': 'Sinusubukan ulit…',
  'bar.tryNow': 'Subukan na',
  'bar.retryNow': 'Subukan ulit ngayon',
  'bar.connecting': 'Kumokonekta sa {host}…',
  'bar.updating': 'Ina-update…',
  'bar.waiting': '{count} ang naghihintay',
  'bar.signIn': 'Mag-sign in ulit',
  'bar.expired': 'Natapos na ang session mo.',
  'bar.expiredWaiting': {
    one: 'Mag-sign in ulit para maipadala ang {count} mensahe.',
    other: 'Mag-sign in ulit para maipadala ang {count} na mensahe.',
  },
};
