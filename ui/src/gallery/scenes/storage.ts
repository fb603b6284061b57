/** Messages that cannot be opened: why, and what helps. */
import type { CommandError } from '../../lib/bindings';
import type { FakeShell } from '../../test/shell';
import type { Hand } from '../hand';
import type { Scene } from './scene';

type Problem = CommandError['problem'];

function failed(name: string, about: string, problem: Problem, details: string | null = null): Scene {
  return { name: `failed-${name}`, about, shell: (shell) => shell.refuse('session', problem, details) };
}

function refusing(first: Problem, then: Problem): (shell: FakeShell) => void {
  return (shell) => shell.refuse('session', first).refuse('open_again', then);
}

async function tryPassphrase(hand: Hand): Promise<void> {
  await hand.fill('passphrase', 'not it at all');
  await hand.press('passphrase-submit');
  await hand.see('form-error');
}

export const STORAGE: readonly Scene[] = [
  failed('in-use', 'The app runs already.', { kind: 'profileInUse' }),
  failed('newer', 'A newer version has written them.', { kind: 'profileNewer' }),
  failed('folder', 'The folder cannot be written.', {
    kind: 'profileFolder',
    path: '/media/ana/USB STICK/a folder with a very long name/roost',
  }),
  failed('keyring', 'The keyring is locked.', { kind: 'keyringLocked' }),
  failed('full', 'The disk is full.', { kind: 'diskFull' }, 'SQLITE_FULL: database or disk is full (13)'),
  failed('key-lost', 'The key is gone.', { kind: 'keyLost' }),
  {
    ...failed('start-over', 'Asks before they are put aside.', { kind: 'keyLost' }),
    open: async (hand) => {
      await hand.press('start-over');
      await hand.see('dialog');
    },
  },
  failed('passphrase', 'A passphrase protects them.', { kind: 'passphraseNeeded' }),
  {
    ...failed('passphrase-wrong', 'Another passphrase protects them.', { kind: 'passphraseNeeded' }),
    shell: refusing({ kind: 'passphraseNeeded' }, { kind: 'wrongPassphrase' }),
    open: tryPassphrase,
  },
  failed('no-keyring', 'There is no keyring, so a passphrase is chosen.', { kind: 'noKeyring' }),
  {
    ...failed('no-keyring-short', 'One that is too short.', { kind: 'noKeyring' }),
    open: async (hand) => {
      await hand.fill('passphrase', 'short');
      await hand.press('passphrase-submit');
    },
  },
];
