/** Every word that the app shows, in English. No text stands anywhere else in `ui/`. */
import { entry } from './en/entry';
import { errors } from './en/errors';
import { list } from './en/list';
import { settings } from './en/settings';

export const en = {
  ...entry,
  ...errors,
  ...list,
  ...settings,

  'app.name': 'Roost',
  'app.starting': 'Opening your messages…',

  'keyring.title': 'Keyring',
  'keyring.notice':
    'Roost can’t reach this device’s keyring, so it will ask you to sign in again the next time it starts.',
  'notice.dismiss': 'Got it',

  'recovered.title': 'Damaged messages',
  'recovered.whole':
    'The messages on this device were damaged and have been replaced. Everything that only this device had was saved; the rest comes again from your server.',
  'recovered.partly':
    'The messages on this device were damaged and have been replaced. Part of the old file couldn’t be read, so look whether anything that you hadn’t sent yet is missing. The rest comes again from your server.',
  'recovered.saved': {
    one: '{count} unsent message was saved.',
    other: '{count} unsent messages were saved.',
  },

  'role.admin': 'Admin',
  'role.coordinator': 'Coordinator',
  'role.student': 'Student',
  'person.unnamed': 'Unnamed ({id})',

  'chat.back': 'Back to conversations',
  'chat.with': 'Conversation with {name}',
  'chat.empty': 'Say hello to {name}.',
  'chat.loading': 'Loading older messages…',
  'chat.olderOffline': 'Older messages arrive when you’re online again.',
  'chat.beginning': 'This is the beginning of your conversation with {name}.',
  'chat.newDivider': 'New messages',
  'chat.newest': 'To the newest message',
  'chat.pill': { one: '{count} new', other: '{count} new' },
  'chat.announce': '{name}: {text}',
  'chat.failed': 'The messages can’t be read from this device.',

  'date.today': 'Today',
  'date.yesterday': 'Yesterday',

  'message.mine': 'You',
  'message.edited': 'edited',
  'message.editedAt': 'Edited',
  'message.deleted': 'Message deleted',
  'message.savingEdit': 'Saving your change…',
  'message.deleting': 'Deleting…',
  'message.actions': 'Actions for this message',
  'message.retry': 'Try again',
  'message.edit': 'Edit',
  'message.copy': 'Copy text',
  'message.delete': 'Delete',
  'message.cancel': 'Don’t send',
  'message.info': 'Message details',
  'message.lost': 'No longer on the server.',
  'message.sendAgain': 'Send again',
  'message.refused': 'Not sent: {reason}',
  'message.held': 'Waits until the message above is sent, changed or deleted.',

  'info.title': 'Message details',
  'info.sentAt': 'Sent',
  'info.writtenAt': 'Written',
  'info.deliveredAt': 'Delivered',
  'info.seenAt': 'Seen',
  'info.readAt': 'Read',
  'info.close': 'Close',

  'delete.title': 'Delete this message?',
  'delete.text': 'It is deleted for {name} as well.',
  'cancel.title': 'Don’t send this message?',
  'cancel.text': 'It has not been sent, and it will be gone from this device.',
  'dialog.cancel': 'Cancel',
  'dialog.keep': 'Keep it',

  'status.waiting': 'Waiting for connection',
  'status.sending': 'Sending',
  'status.sent': 'Sent',
  'status.sentAt': 'Sent {time}',
  'status.delivered': 'Delivered',
  'status.deliveredAt': 'Delivered {time}',
  'status.read': 'Read',
  'status.readAt': 'Read {time}',
  'status.refused': 'Not sent',
  'status.held': 'Held back by the message above',

  'composer.label': 'Message to {name}',
  'composer.placeholder': 'Write a message',
  'composer.send': 'Send',
  'composer.save': 'Save change',
  'composer.editing': 'Changing your message',
  'composer.stopEditing': 'Keep it as it was',
  'composer.left': { one: '{count} character left', other: '{count} characters left' },
  'composer.over': {
    one: '{count} character too long',
    other: '{count} characters too long',
  },
} as const;
