/** The one bar about the connection, in each of its states. */
import type { Connection, OfflineCause } from '../../lib/bindings';
import { account, type FakeShell } from '../../test/shell';
import { ago, NOW } from '../clock';
import { crowd } from './list';
import type { Scene } from './scene';

const HOST = 'chat.school.edu';

/** Longer than a drop that is not worth a word. */
const A_WHILE = 60;

function bar(name: string, about: string, shell: (shell: FakeShell) => FakeShell): Scene {
  return {
    name: `bar-${name}`,
    about,
    shell: (fake) => shell(crowd(fake)),
    secondsBefore: A_WHILE,
    open: (hand) => hand.see('offline-bar'),
  };
}

function connection(state: Connection, waiting = 0): (shell: FakeShell) => FakeShell {
  return (shell) => shell.answer('connection', () => state).answer('waiting', () => waiting);
}

export function offline(cause: OfflineCause, seconds: number | null = null): Connection {
  const retryAt = seconds === null ? null : new Date(NOW + seconds * 1_000).toISOString();
  return { state: 'offline', host: HOST, cause, retryAt };
}

const expired = (shell: FakeShell): FakeShell =>
  shell.answer('session', () => ({ state: 'expired', account }));

const untrusted = {
  kind: 'untrusted',
  host: HOST,
  fingerprint: ago(0).replaceAll(/\D/g, '').repeat(4).slice(0, 64).match(/../g)?.join(':') ?? '',
  certificate: '30',
  helps: true,
} as const;

export const CONNECTION: readonly Scene[] = [
  bar('connecting', 'On the way to the server.', connection({ state: 'connecting' })),
  bar('updating', 'What is new is being fetched.', connection({ state: 'catchingUp' })),
  bar('offline', 'There is no network.', connection(offline('noNetwork'))),
  bar('offline-waiting', 'There is no network, and messages wait.', connection(offline('noNetwork'), 3)),
  bar('unreachable', 'The server cannot be reached.', connection(offline('serverUnreachable', 8), 2)),
  bar('server-error', 'The server has trouble.', connection(offline('serverError', 42))),
  bar('keyring', 'The keyring is locked.', connection(offline('keyringLocked'))),
  bar('insecure', 'The certificate is not trusted.', connection(offline('insecure'))),
  {
    ...bar('trust', 'The certificate, to be looked at.', (shell) =>
      connection(offline('insecure'))(shell)
        .refuse('probe_server', untrusted)
        .answer('retry_now', () => null),
    ),
    open: async (hand) => {
      await hand.press('bar-action');
      await hand.see('fingerprint');
    },
  },
  bar('expired', 'The session has ended.', expired),
  bar('expired-waiting', 'The session has ended, and messages wait.', (shell) =>
    expired(shell).answer('waiting', () => 3),
  ),
];
