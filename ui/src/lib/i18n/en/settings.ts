/** The account, its menu, and the settings. */
export const settings = {
  'account.menu': 'Your account',
  'account.on': '{name} on {server}',
  'account.upToDate': 'Up to date as of {time}',
  'account.notUpToDate': 'Not up to date',
  'account.signOut': 'Sign out',
  'account.storage': 'Storage',

  'storage.title': 'Messages on this device',
  'storage.disk': 'Space on the disk',
  'storage.messages': 'Messages',
  'storage.conversations': 'Conversations',
  'storage.waiting': 'Waiting to be sent',
  'storage.aside': 'Damaged files, put aside',
  'storage.offer': 'Free up space…',
  'storage.clearText':
    'The messages are removed from this device and come again from your server, the newest first. What waits to be sent and what you’re writing stay.',
  'storage.clear': 'Remove from this device',
  'storage.clearing': 'Removing…',

  'signOut.title': 'Sign out of {server}?',
  'signOut.keep': 'Keep my messages on this device',
  'signOut.kept': 'They open again when you sign in with the same account.',
  'signOut.waiting': {
    one: '{count} message has not been sent yet. It is lost unless you keep your messages.',
    other: '{count} messages have not been sent yet. They are lost unless you keep your messages.',
  },
  'signOut.confirm': 'Sign out',
} as const;
