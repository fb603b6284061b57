/** What the system shows for the app, and what the app asks about it. */
export const surroundings = {
  'tray.open': 'Open Roost',
  'tray.mute': 'Mute notifications for 1 hour',
  'tray.quit': 'Quit Roost',
  'notification.hidden': 'New message',

  'closing.title': 'Keep Roost running?',
  'closing.text':
    'In the background it goes on receiving messages and tells you of them. Its icon in the system’s tray opens it again. You can change this in the settings.',
  'closing.keep': 'Keep running',
  'closing.end': 'Quit',
} as const;
