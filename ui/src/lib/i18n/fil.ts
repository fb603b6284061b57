/** Every word that the app shows, in Filipino. A key that English has and this lacks is an error of types. */
import { entry } from './fil/entry';
import { errors } from './fil/errors';
import { list } from './fil/list';
import { settings } from './fil/settings';
import type { Catalogue } from './types';

// The two forms of a number are those of Filipino: `one` after numerals that take a linker of their own (isang,
// dalawang, tatlong), `other` after those that are followed by “na” (apat na, anim na, siyam na).
export const fil: Catalogue = {
  ...entry,
  ...errors,
  ...list,
  ...settings,

  'app.name': 'Roost',
  'app.starting': 'Binubuksan ang mga mensahe mo…',

  'keyring.title': 'Keyring',
  'keyring.notice':
    'Hindi maabot ng Roost ang keyring ng device na ito, kaya hihilingin nitong mag-sign in ka ulit sa susunod na pagbukas.',
  'notice.dismiss': 'Sige',

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
};
