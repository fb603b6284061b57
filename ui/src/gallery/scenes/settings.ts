/** The settings, section by section, and what opens from them. */
import type { Device, OwnProfile } from '../../lib/bindings';
import { ana, type FakeShell } from '../../test/shell';
import { ago } from '../clock';
import type { Hand } from '../hand';
import { crowd } from './list';
import { never, type Scene } from './scene';

const profile: OwnProfile = {
  person: ana,
  userName: 'ana',
  email: 'ana@school.edu',
  showPresence: true,
  sendReadReceipts: false,
};

const devices: readonly Device[] = [
  {
    id: '1',
    signedInAt: ago(9_000),
    usedAt: ago(1),
    program: 'Roost 0.1.0 on Linux',
    address: '192.168.1.14',
    current: true,
  },
  {
    id: '2',
    signedInAt: ago(60_000),
    usedAt: ago(60 * 5),
    program: 'Roost 0.1.0 on Android',
    address: '2001:db8:85a3::8a2e:370:7334',
    current: false,
  },
  { id: '3', signedInAt: ago(90_000), usedAt: ago(60 * 24 * 20), program: '', address: '', current: false },
];

export function signedIn(shell: FakeShell): FakeShell {
  return crowd(shell)
    .answer('profile', () => profile)
    .answer('devices', () => devices)
    .answer('offers', () => ({
      accounts: true,
      devices: true,
      presence: true,
      typing: true,
      invites: ['student', 'coordinator', 'admin'],
    }))
    .answer('storage', () => ({
      kib: 48_128,
      freeKib: 0,
      asideKib: 2_048,
      messages: 104_212,
      conversations: 12,
      waiting: 2,
      drafts: 1,
    }));
}

/** Opens the settings at this section; where there is little room, all stand under one another. */
async function section(hand: Hand, name: string): Promise<void> {
  await hand.press('account-menu');
  await hand.press('settings-open');
  await hand.see('settings');
  if (hand.alone) (await hand.find(`section[aria-labelledby$="-${name}"]`)).scrollIntoView();
  else await hand.press(`settings-${name}`);
}

function at(name: string, about: string, ready: string): Scene {
  return {
    name: `settings-${name}`,
    about,
    shell: signedIn,
    open: async (hand) => {
      await section(hand, name);
      await hand.see(ready);
    },
  };
}

function dialog(
  name: string,
  about: string,
  where: string,
  button: string,
  then?: (hand: Hand) => Promise<unknown>,
): Scene {
  return {
    name,
    about,
    shell: signedIn,
    open: async (hand) => {
      await section(hand, where);
      await hand.press(button);
      await hand.see('dialog');
      await then?.(hand);
    },
  };
}

export const SETTINGS: readonly Scene[] = [
  at('general', 'Language, and what Enter does.', 'enter'),
  at('appearance', 'Colours and the size of text.', 'theme'),
  {
    ...at('notifications', 'What is told of, and when not.', 'notify'),
    settings: {
      notifications: { enabled: true, content: false, sound: true, quietFrom: '22:00', quietUntil: '07:00' },
    },
  },
  at('privacy', 'What others see.', 'receipts'),
  at('data', 'What stands on this device.', 'storage'),
  at('account', 'Name, devices, inviting others, signing out.', 'device'),
  at('about', 'The version.', 'version'),
  {
    name: 'settings-failed',
    about: 'What was chosen cannot be stored, and the server cannot be asked.',
    shell: (shell) =>
      signedIn(shell)
        .refuse('set_settings', { kind: 'diskFull' })
        .refuse('profile', { kind: 'unreachable', host: 'chat.school.edu' }),
    open: async (hand) => {
      await section(hand, 'general');
      (await hand.find('[data-testid="enter"] input:not(:checked), input[data-testid="enter"]')).click();
      await hand.see('form-error');
    },
  },
  dialog('password', 'Another password.', 'account', 'change-password'),
  {
    ...dialog('password-wrong', 'The old one is wrong.', 'account', 'change-password', async (hand) => {
      await hand.fill('password-current', 'not it');
      await hand.fill('password-new', 'another-mango-43');
      await hand.press('dialog-confirm');
      await hand.see('form-error');
    }),
    shell: (shell) => signedIn(shell).refuse('change_password', { kind: 'wrongPassword' }),
  },
  dialog('invite', 'What somebody is invited to be.', 'account', 'invite'),
  {
    ...dialog('invite-made', 'A link to pass on.', 'account', 'invite', async (hand) => {
      await hand.press('dialog-confirm');
      await hand.see('invitation');
    }),
    shell: (shell) =>
      signedIn(shell).answer('invite', () => ({
        link: 'https://chat.school.edu/join#8H2K-Q9XW-41TZ-M5RD-77PV-C3NS',
        expiresAt: ago(-60 * 24 * 7),
      })),
  },
  dialog('device-sign-out', 'Asks before signing out elsewhere.', 'account', 'device-sign-out'),
  dialog('disk', 'What the messages take of the disk.', 'data', 'storage', (hand) => hand.see('clear')),
  dialog('disk-clear', 'Asks before it is given back.', 'data', 'storage', async (hand) => {
    await hand.press('clear');
  }),
  {
    ...at('exporting', 'All messages are being written to a file.', 'export'),
    shell: (shell) => signedIn(shell).answer('export_messages', never),
    open: async (hand) => {
      await section(hand, 'data');
      await hand.press('export');
    },
  },
  {
    ...at('exported', 'All messages were written to a file.', 'export'),
    shell: (shell) =>
      signedIn(shell).answer(
        'export_messages',
        () => '/home/ana/Downloads/Roost messages of ana at chat.school.edu, 7 May 2026.jsonl',
      ),
    open: async (hand) => {
      await section(hand, 'data');
      await hand.press('export');
      await hand.until(
        'the path',
        () => (document.querySelector('[data-testid="exported"]')?.textContent ?? '') !== '',
      );
    },
  },
];
