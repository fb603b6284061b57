/** The way in: the server's address, signing in, making an account. */
import type { CommandError, ServerInfo } from '../../lib/bindings';
import { account, type FakeShell } from '../../test/shell';
import type { Hand } from '../hand';
import { never, type Scene } from './scene';

type Problem = CommandError['problem'];

const HOST = 'chat.school.edu';
const SITE = 'https://chat.school.edu/';
const FINGERPRINT =
  '3F:9A:1C:77:E0:52:B8:4D:06:91:AA:2E:5B:C3:D8:14:70:EF:63:28:9D:B1:45:0C:F7:8E:32:A6:59:1B:D4:60';

const server: ServerInfo = {
  url: SITE,
  name: 'Northfield School',
  version: '1.4.0',
  registration: 'open',
  supported: true,
  hasLogin: true,
};

function out(shell: FakeShell): FakeShell {
  return shell.answer('session', () => ({ state: 'signedOut' }));
}

function expired(shell: FakeShell): FakeShell {
  return shell
    .answer('session', () => ({ state: 'expired', account }))
    .answer('probe_server', () => server)
    .answer('waiting', () => 3);
}

async function name(hand: Hand): Promise<void> {
  await hand.fill('server-address', HOST);
  await hand.press('server-continue');
}

async function refused(hand: Hand): Promise<void> {
  await name(hand);
  await hand.see('form-error');
}

function failing(name: string, about: string, problem: Problem, details: string | null = null): Scene {
  return {
    name: `address-${name}`,
    about,
    shell: (shell) => out(shell).refuse('probe_server', problem, details),
    open: refused,
  };
}

function found(change: Partial<ServerInfo> = {}): (shell: FakeShell) => FakeShell {
  return (shell) => out(shell).answer('probe_server', () => ({ ...server, ...change }));
}

async function signIn(hand: Hand): Promise<void> {
  await name(hand);
  await hand.fill('login-name', 'ana');
  await hand.fill('login-password', 'mango-tree-42');
  await hand.press('login-submit');
}

async function register(hand: Hand): Promise<void> {
  await name(hand);
  await hand.press('show-register');
  await hand.see('register-submit');
}

async function fillForm(hand: Hand): Promise<void> {
  await hand.fill('register-first-name', 'Ana');
  await hand.fill('register-last-name', 'Cruz');
  await hand.fill('register-user-name', 'ana');
  await hand.fill('register-email', 'ana@school.edu');
  await hand.fill('register-password', 'mango-tree-42');
  await hand.press('register-submit');
}

async function again(hand: Hand): Promise<void> {
  await hand.press('bar-action');
  await hand.see('login-password');
}

const otherAccount: Problem = { kind: 'otherAccount', userName: 'ben', server: SITE };

export const ENTRY: readonly Scene[] = [
  { name: 'address', about: 'The first start asks for the server.', shell: out },
  {
    name: 'address-missing',
    about: 'Nothing was typed.',
    shell: out,
    open: (hand) => hand.press('server-continue'),
  },
  {
    name: 'address-looking',
    about: 'The server is being looked for.',
    shell: (shell) => out(shell).answer('probe_server', never),
    open: name,
  },
  failing('wrong', 'What was typed is no address.', { kind: 'address' }),
  failing(
    'no-such-host',
    'There is no such server.',
    { kind: 'noSuchHost', host: HOST },
    'dns error: no record found',
  ),
  failing('refused', 'Nothing answers there.', { kind: 'refused', host: HOST }),
  failing('timed-out', 'It takes too long.', { kind: 'timedOut', host: HOST }),
  failing('incompatible', 'Something else answers.', { kind: 'incompatible', host: HOST }),
  failing('failing', 'The server has trouble.', { kind: 'failing', host: HOST }),
  failing('unsupported', 'The server is of another time.', { kind: 'unsupported' }),
  {
    name: 'certificate',
    about: 'The certificate is not trusted, and may be.',
    shell: (shell) =>
      out(shell).refuse('probe_server', {
        kind: 'untrusted',
        host: HOST,
        fingerprint: FINGERPRINT,
        certificate: '30',
        helps: true,
      }),
    open: async (hand) => {
      await name(hand);
      await hand.see('fingerprint');
    },
  },
  { name: 'sign-in', about: 'A compatible server was found.', shell: found(), open: name },
  {
    name: 'sign-in-invited',
    about: 'A server that takes who was invited, on a line that anybody can read.',
    shell: found({ registration: 'invite', name: null, url: 'http://192.168.1.20:8000/' }),
    open: name,
  },
  {
    name: 'sign-in-missing',
    about: 'Nothing was typed.',
    shell: found({ registration: 'closed' }),
    open: async (hand) => {
      await name(hand);
      await hand.press('login-submit');
    },
  },
  {
    name: 'sign-in-busy',
    about: 'The server is asked.',
    shell: (shell) => found()(shell).answer('sign_in', never),
    open: signIn,
  },
  {
    name: 'sign-in-wrong',
    about: 'A wrong password.',
    shell: (shell) => found()(shell).refuse('sign_in', { kind: 'credentials' }),
    open: signIn,
  },
  {
    name: 'sign-in-too-often',
    about: 'Too many attempts.',
    shell: (shell) => found()(shell).refuse('sign_in', { kind: 'tooMany', seconds: 90 }),
    open: signIn,
  },
  {
    name: 'sign-in-other-account',
    about: 'The messages of somebody else are kept on this device.',
    shell: (shell) => found()(shell).refuse('sign_in', otherAccount),
    open: async (hand) => {
      await signIn(hand);
      await hand.see('remove-kept');
    },
  },
  {
    name: 'remove-kept',
    about: 'Asks before what is kept for somebody else goes.',
    shell: (shell) => found()(shell).refuse('sign_in', otherAccount),
    open: async (hand) => {
      await signIn(hand);
      await hand.press('remove-kept');
      await hand.see('dialog');
    },
  },
  {
    name: 'sign-in-token',
    about: 'A server without a login of its own.',
    shell: found({ hasLogin: false, registration: 'unknown' }),
    open: name,
  },
  { name: 'register', about: 'Making an account.', shell: found(), open: register },
  {
    name: 'register-missing',
    about: 'Nothing was typed.',
    shell: found(),
    open: async (hand) => {
      await register(hand);
      await hand.press('register-submit');
    },
  },
  {
    name: 'register-invited',
    about: 'An invitation that has run out.',
    shell: (shell) =>
      found({ registration: 'invite' })(shell).refuse('register', {
        kind: 'rejected',
        reason: 'This invitation has run out.',
      }),
    open: async (hand) => {
      await hand.fill('server-address', 'https://chat.school.edu/join#8H2K-Q9XW-41TZ-M5RD');
      await hand.press('server-continue');
      await fillForm(hand);
      await hand.see('form-error');
    },
  },
  { name: 'sign-in-again', about: 'A session has ended.', shell: expired, open: again },
  {
    name: 'sign-in-again-token',
    about: 'Back with a token.',
    shell: expired,
    open: async (hand) => {
      await again(hand);
      await hand.press('other-way');
    },
  },
];
