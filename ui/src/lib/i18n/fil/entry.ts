/** The way in, in Filipino. */
import type { entry as source } from '../en/entry';
import type { Translation } from '../types';

export const entry: Translation<typeof source> = {
  'failed.title': 'Hindi mabuksan ng Roost ang mga mensahe mo',
  'failed.hint': 'Walang nabura. Subukan ulit kapag naayos na ito.',
  'failed.tryAgain': 'Subukan ulit',
  'failed.opening': 'Binubuksan…',

  'passphrase.title': 'Naka-lock ang mga mensahe mo',
  'passphrase.choose': 'Pumili ng passphrase',
  'passphrase.why':
    'Ini-encrypt ng Roost ang mga mensahe mo sa device na ito. Hihingin ang passphrase tuwing bubuksan ang Roost. Walang makakapagbalik nito kapag nakalimutan.',
  'passphrase.label': 'Passphrase',
  'passphrase.help': 'Hindi bababa sa {min} karakter. Mainam ang ilang salita.',
  'passphrase.open': 'Buksan ang mga mensahe ko',
  'passphrase.set': 'Gamitin ang passphrase na ito',

  'startOver.offer': 'Magsimula ulit nang wala ang mga mensaheng ito…',
  'startOver.forgotten': 'Hindi ko na alam…',
  'startOver.title': 'Magsimula ulit nang wala ang mga mensaheng ito?',
  'startOver.text':
    'Magsa-sign in ka ulit, at ipapadala ng server mo ang nasa kaniya. Mananatiling naka-lock ang hindi nito natanggap dahil naghihintay pa ritong maipadala. Walang mabubura: itatabi sa device na ito ang mga naka-lock na mensahe.',
  'startOver.confirm': 'Magsimula ulit',

  'server.title': 'Saan ka nakikipag-chat?',
  'server.intro': 'Kumokonekta ang Roost sa server ng paaralan, ng grupo o ng mga kaibigan mo.',
  'server.address': 'Address ng server',
  'server.placeholder': 'chat.school.edu',
  'server.help': 'Sapat na ang pangalan. May nagpadala ba sa iyo ng imbitasyon? I-paste ang link nito rito.',
  'server.continue': 'Magpatuloy',
  'server.looking': 'Hinahanap ang server…',

  'trust.title': 'Pinagkakatiwalaan mo ba ang server na ito?',
  'trust.text':
    'Nagpapakita ang {host} ng sertipikong hindi inisyu ng sinumang awtoridad na kilala ng device na ito. Hingin sa nagpapatakbo ng server ang fingerprint ng sertipiko, at pagkatiwalaan lamang ito kung ganito:',
  'trust.fingerprint': 'Fingerprint (SHA-256)',
  'trust.confirm': 'Pareho ito: pagkatiwalaan',
  'trust.refuse': 'Huwag kumonekta',
  'trust.look': 'Tingnan ito…',

  'signIn.title': 'Mag-sign in sa {server}',
  'signIn.again': 'Mag-sign in ulit sa {server}',
  'signIn.login': 'User name o e-mail',
  'signIn.password': 'Password',
  'signIn.submit': 'Mag-sign in',
  'signIn.token': 'Access token',
  'signIn.tokenHelp':
    'Walang sariling sign-in ang server na ito. I-paste ang access token na ibinigay sa iyo.',
  'signIn.useToken': 'Mag-sign in gamit ang access token',
  'signIn.usePassword': 'Mag-sign in gamit ang password',
  'signIn.busy': 'Nagsa-sign in…',
  'signIn.otherServer': 'Ibang server',
  'signIn.later': 'Hindi muna',
  'signIn.unencrypted': 'Hindi naka-encrypt ang koneksiyon sa server na ito.',
  'signIn.keptMessages': 'Nasa device na ito pa rin ang mga mensahe mo.',

  'register.offer': 'Bago ka rito?',
  'register.show': 'Gumawa ng account',
  'register.title': 'Gumawa ng account sa {server}',
  'register.firstName': 'Pangalan',
  'register.lastName': 'Apelyido',
  'register.userName': 'User name',
  'register.email': 'E-mail',
  'register.password': 'Password',
  'register.passwordHelp': 'Hindi bababa sa {min} karakter.',
  'register.submit': 'Gumawa ng account',
  'register.busy': 'Ginagawa ang account mo…',
  'register.toSignIn': 'May account na ako',
  'register.invite': 'Sa imbitasyon lamang tumatanggap ng mga bagong tao ang server na ito.',
  'register.useInvitation': 'May imbitasyon ako',
  'register.invitation': 'Imbitasyon',
  'register.invitationHelp': 'Ang link o code na ipinadala sa iyo.',
  'register.closed': 'Ang nagpapatakbo ng server na ito ang gumagawa ng mga account.',

  'password.show': 'Ipakita ang password',
  'password.hide': 'Itago ang password',

  'removeKept.offer': 'Alisin ang mga ito…',
  'removeKept.title': 'Alisin ang mga mensahe ni {userName}?',
  'removeKept.text':
    'Aalisin ang mga ito sa device na ito, pati ang mga hindi pa naipapadala. Mananatili roon ang nasa {server}.',
  'removeKept.confirm': 'Alisin',

  'field.required': 'Punan ito.',
  'field.passwordShort': 'Gumamit ng hindi bababa sa {min} karakter.',
  'field.email': 'Hindi iyan e-mail address.',
};
