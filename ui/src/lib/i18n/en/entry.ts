/** The way in: opening the messages, choosing a server, signing in, making an account. */
export const entry = {
  'failed.title': 'Roost can’t open your messages',
  'failed.hint': 'Nothing has been deleted. Try again once this is put right.',
  'failed.tryAgain': 'Try again',
  'failed.opening': 'Opening…',

  'passphrase.title': 'Your messages are locked',
  'passphrase.choose': 'Choose a passphrase',
  'passphrase.why':
    'Roost encrypts your messages on this device. You’ll be asked for the passphrase each time Roost starts. Nobody can restore it.',
  'passphrase.label': 'Passphrase',
  'passphrase.help': 'At least {min} characters. A few words are a good one.',
  'passphrase.open': 'Open my messages',
  'passphrase.set': 'Use this passphrase',

  'startOver.offer': 'Start over without these messages…',
  'startOver.forgotten': 'I don’t know it any more…',
  'startOver.title': 'Start over without these messages?',
  'startOver.text':
    'You sign in again, and your server sends what it has. What it never got, because it waited here to be sent, stays locked. Nothing is deleted: the locked messages are put aside on this device.',
  'startOver.confirm': 'Start over',

  'server.title': 'Where do you chat?',
  'server.intro': 'Roost talks to the server of your school, your team or your friends.',
  'server.address': 'Server address',
  'server.placeholder': 'chat.school.edu',
  'server.help': 'The name alone is enough. Were you sent an invitation? Paste its link here.',
  'server.continue': 'Continue',

  'trust.title': 'Do you trust this server?',
  'trust.text':
    '{host} shows a certificate that no authority known to this device has issued. Ask whoever runs the server for the fingerprint of the certificate, and trust it only if it is this one:',
  'trust.fingerprint': 'Fingerprint (SHA-256)',
  'trust.confirm': 'It is the same: trust it',
  'trust.refuse': 'Don’t connect',
  'trust.look': 'Look at it…',

  'server.looking': 'Looking for the server…',

  'signIn.title': 'Sign in to {server}',
  'signIn.again': 'Sign in again to {server}',
  'signIn.login': 'User name or e-mail',
  'signIn.password': 'Password',
  'signIn.submit': 'Sign in',
  'signIn.token': 'Access token',
  'signIn.tokenHelp': 'This server has no sign-in of its own. Paste the access token that you were given.',
  'signIn.useToken': 'Sign in with an access token',
  'signIn.usePassword': 'Sign in with a password',
  'signIn.busy': 'Signing in…',
  'signIn.otherServer': 'Another server',
  'signIn.later': 'Not now',
  'signIn.unencrypted': 'The connection to this server isn’t encrypted.',
  'signIn.keptMessages': 'Your messages are kept on this device.',

  'register.offer': 'New here?',
  'register.show': 'Create an account',
  'register.title': 'Create an account on {server}',
  'register.firstName': 'First name',
  'register.lastName': 'Last name',
  'register.userName': 'User name',
  'register.email': 'E-mail',
  'register.password': 'Password',
  'register.passwordHelp': 'At least {min} characters.',
  'register.submit': 'Create account',
  'register.busy': 'Creating your account…',
  'register.toSignIn': 'I have an account',
  'register.invite': 'This server takes new people by invitation.',
  'register.useInvitation': 'I have an invitation',
  'register.invitation': 'Invitation',
  'register.invitationHelp': 'The link or the code that you were sent.',
  'register.closed': 'Accounts on this server are made by whoever runs it.',

  'password.show': 'Show password',
  'password.hide': 'Hide password',

  'removeKept.offer': 'Remove them…',
  'removeKept.title': 'Remove the messages of {userName}?',
  'removeKept.text':
    'They are removed from this device, with what was not sent yet. What {server} has stays there.',
  'removeKept.confirm': 'Remove',

  'field.required': 'Fill this in.',
  'field.passwordShort': 'Use at least {min} characters.',
  'field.email': 'That isn’t an e-mail address.',
} as const;
