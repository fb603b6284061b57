/** What went wrong, in Filipino. */
import type { errors as source } from '../en/errors';
import type { Translation } from '../types';

export const errors: Translation<typeof source> = {
  'error.details': 'Mga detalye',
  'error.profileInUse': 'Bukas na ang mga mensaheng ito sa ibang window ng Roost.',
  'error.profileNewer':
    'Isinulat ng mas bagong Roost ang mga mensaheng ito. I-update ang app para mabuksan ang mga ito.',
  'error.profileFolder': 'Hindi magamit ng Roost ang folder nitong {path}.',
  'error.keyLost':
    'Wala na sa keyring ng device na ito ang susi ng mga mensahe mo. Mananatiling naka-lock ang mga ito hanggang bumalik ang susi.',
  'error.keyringLocked': 'Naka-lock ang keyring ng device na ito. I-unlock ito, saka subukan ulit.',
  'error.noKeyring': 'Walang keyring ang device na ito na mapagtataguan ng susi ng mga mensahe mo.',
  'error.passphraseNeeded': 'May passphrase na nagpoprotekta sa mga mensahe mo.',
  'error.wrongPassphrase': 'Hindi iyan ang passphrase.',
  'error.passphraseTooShort':
    'Masyadong maikli ang passphrase na ito. Gumamit ng hindi bababa sa {least} karakter.',
  'error.noTls': 'Hindi makagawa ng ligtas na koneksiyon ang device na ito.',
  'error.diskFull': 'Puno na ang disk. Magbakante ng espasyo, saka subukan ulit.',
  'error.damaged': 'Nasira ang mga mensahe sa device na ito. Inaayos na ng Roost; subukan ulit maya-maya.',
  'error.storage': 'Hindi magamit ng Roost ang mga mensaheng nakatago sa device na ito.',
  'error.address': 'Hindi iyan address. Dapat ganito ang hitsura: chat.school.edu.',
  'error.noSuchHost': 'Walang nahanap na server na {host}. Tama ba ang baybay, at online ka ba?',
  'error.refused': 'Walang sumasagot sa {host}. Tumatakbo ba ang server?',
  'error.timedOut': 'Masyadong matagal sumagot ang {host}. Subukan ulit maya-maya.',
  'error.untrusted': 'Hindi pinagkakatiwalaan ang sertipiko ng {host}, kaya hindi kokonekta ang Roost.',
  'error.clockFast':
    'Nauuna nang {time} ang orasan mo, kaya hindi mapagkakatiwalaan ang sertipiko ng {host}. Itama ito, saka subukan ulit.',
  'error.clockSlow':
    'Nahuhuli nang {time} ang orasan mo, kaya hindi mapagkakatiwalaan ang sertipiko ng {host}. Itama ito, saka subukan ulit.',
  'error.incompatible': 'Hindi katugmang server ang {host}.',
  'error.failing': 'May problema ngayon ang {host}. Subukan ulit maya-maya.',
  'error.unreachable': 'Hindi maabot ang {host}. Online ka ba?',
  'error.unsupported':
    'Wala sa server na ito ang kailangan ng Roost para manatiling magkatugma ang mga mensahe.',
  'error.credentials': 'Mali ang user name o password.',
  'error.noToken': 'Hindi ito access token.',
  'error.wrongToken': 'Ayaw tanggapin ng server ang access token na ito. Baka paso na ito.',
  'error.tooMany': {
    one: 'Masyadong maraming pagsubok. Subukan ulit makalipas ang {count} segundo.',
    other: 'Masyadong maraming pagsubok. Subukan ulit makalipas ang {count} na segundo.',
  },
  'error.rejected': 'Sabi ng server: {reason}',
  'error.otherAccount':
    'Nasa device pang ito ang mga mensahe ni {userName} sa {server}. Mag-sign in bilang {userName}, o alisin muna ang mga ito.',
  'error.signedIn': 'Naka-sign in si {userName}. Mag-sign out muna.',
  'error.noLink': 'Mga web page at e-mail address lang ang mabubuksan.',
  'error.notOpened': 'Hindi mabuksan ng device na ito ang link.',
  'error.autostart': 'Hindi pinapayagan ng device na ito na kusang magsimula ang Roost.',
  'error.signedOut': 'Mag-sign in muna.',
  'error.blank': 'Magsulat muna ng kahit ano.',
  'error.tooLong': 'Masyadong mahaba ang mensaheng ito. Hanggang {max} karakter ang maipapadala.',
  'error.toOneself': 'Hindi ka makakapagpadala ng mensahe sa sarili mo.',
  'error.outboxFull': 'Masyadong maraming mensahe ang naghihintay. Magpadala ulit kapag online ka na.',
  'error.draftTooLong': 'Masyadong mahaba ang tekstong ito para maitago.',
  'error.tooManyDrafts':
    'Masyadong maraming mensahe ang sabay-sabay mong isinusulat. Ipadala ang ilan, o alisin ang mga teksto nila.',
  'error.noSuchMessage': 'Wala na ang mensaheng ito.',
  'error.notYours': 'Ang sarili mong mga mensahe lamang ang mababago.',
  'error.notOffered': 'Hindi ito iniaalok ng server na ito.',
  'error.wrongPassword': 'Hindi iyan ang kasalukuyan mong password.',
  'error.exportFile': 'Hindi maisulat ang file na {path}.',
  'error.internal': 'May nagkaproblema sa Roost.',
};
