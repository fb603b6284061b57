import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { expect, it, vi } from 'vitest';
import Root from '../../Root.svelte';
import { FakeShell, account } from '../../test/shell';
import { api, type ServerInfo, type SessionState } from '../api';
import { App } from '../state/app.svelte';

const college: ServerInfo = {
  url: 'https://chat.school.edu/',
  name: 'Northside College',
  version: '0.1.0',
  registration: 'open',
  supported: true,
  hasLogin: true,
};

function start(session: SessionState = { state: 'signedOut' }) {
  let now = session;
  const signIn = () => {
    now = { state: 'signedIn', account };
    return account;
  };
  const shell = new FakeShell()
    .answer('session', () => now)
    .answer('probe_server', () => college)
    .answer('sign_in', signIn)
    .answer('register', signIn);
  render(Root, { app: new App(api) });
  return { shell, signIn, user: userEvent.setup() };
}

it('goes from an address to the server’s name to the conversations', async () => {
  const { shell, user } = start();
  await user.type(await screen.findByTestId('server-address'), ' chat.school.edu {Enter}');
  expect(shell.called('probe_server')).toEqual([{ address: 'chat.school.edu', certificate: null }]);
  expect(await screen.findByRole('heading', { name: 'Sign in to Northside College' })).toBeVisible();
  await user.type(screen.getByTestId('login-name'), 'ana');
  await user.type(screen.getByTestId('login-password'), 'correct horse{Enter}');
  expect(await screen.findByText('No conversations yet')).toBeVisible();
  expect(shell.called('sign_in')).toEqual([
    { site: { url: college.url, certificate: null }, login: 'ana', password: 'correct horse' },
  ]);
});

it('says nothing of a first connection that takes less than five seconds', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  try {
    const { shell, user } = start();
    shell.answer('connection', () => ({ state: 'connecting' }));
    await user.type(await screen.findByTestId('server-address'), 'chat.school.edu{Enter}');
    await user.type(await screen.findByTestId('login-name'), 'ana');
    // However long somebody took to type.
    vi.setSystemTime(Date.now() + 60_000);
    await user.type(screen.getByTestId('login-password'), 'correct horse{Enter}');
    expect(await screen.findByText('No conversations yet')).toBeVisible();
    expect(screen.queryByTestId('offline-bar')).toBeNull();
    vi.setSystemTime(Date.now() + 5_000);
    expect(await screen.findByTestId('offline-bar')).toHaveTextContent('Connecting to chat.school.edu');
  } finally {
    vi.useRealTimers();
  }
});

it('keeps the address where no server is found, says why, and hides the raw error', async () => {
  const { shell, user } = start();
  shell.refuse('probe_server', { kind: 'noSuchHost', host: 'chat.scool.edu' }, 'dns error: not known');
  await user.type(await screen.findByTestId('server-address'), 'chat.scool.edu{Enter}');
  expect(await screen.findByTestId('form-error')).toHaveTextContent(
    'No server called chat.scool.edu was found.',
  );
  expect(screen.getByTestId('server-address')).toHaveValue('chat.scool.edu');
  expect(screen.getByText('dns error: not known').closest('details')).not.toHaveAttribute('open');
});

it('turns down a server that lacks what the engine needs', async () => {
  const { shell, user } = start();
  shell.answer('probe_server', () => ({ ...college, supported: false }));
  await user.type(await screen.findByTestId('server-address'), 'old.school.edu{Enter}');
  expect(await screen.findByTestId('form-error')).toHaveTextContent('doesn’t offer what Roost needs');
});

it('keeps name and password where they are wrong', async () => {
  const { shell, user } = start();
  shell.refuse('sign_in', { kind: 'credentials' });
  await user.type(await screen.findByTestId('server-address'), 'chat.school.edu{Enter}');
  await user.type(await screen.findByTestId('login-name'), 'ana');
  await user.type(screen.getByTestId('login-password'), 'wrong{Enter}');
  expect(await screen.findByTestId('form-error')).toHaveTextContent('Wrong user name or password.');
  expect(screen.getByTestId('login-name')).toHaveValue('ana');
  expect(screen.getByTestId('login-password')).toHaveValue('wrong');
});

it('names what is missing before it asks the server', async () => {
  const { shell, user } = start();
  await user.type(await screen.findByTestId('server-address'), '{Enter}');
  expect(screen.getByText('Fill this in.')).toBeVisible();
  expect(shell.called('probe_server')).toEqual([]);
});

it('makes an account where the server allows it', async () => {
  const { shell, user } = start();
  await user.type(await screen.findByTestId('server-address'), 'chat.school.edu{Enter}');
  await user.click(await screen.findByTestId('show-register'));
  await user.type(screen.getByTestId('register-first-name'), 'Ana');
  await user.type(screen.getByTestId('register-last-name'), 'Cruz');
  await user.type(screen.getByTestId('register-user-name'), 'ana');
  await user.type(screen.getByTestId('register-email'), 'ana');
  await user.type(screen.getByTestId('register-password'), 'short{Enter}');
  expect(screen.getByText('That isn’t an e-mail address.')).toBeVisible();
  expect(screen.getByText('Use at least 8 characters.')).toBeVisible();
  await user.type(screen.getByTestId('register-email'), '@school.edu');
  await user.type(screen.getByTestId('register-password'), ' no more{Enter}');
  expect(await screen.findByText('No conversations yet')).toBeVisible();
  expect(shell.called('register')).toEqual([
    {
      site: { url: college.url, certificate: null },
      form: {
        firstName: 'Ana',
        lastName: 'Cruz',
        userName: 'ana',
        email: 'ana@school.edu',
        password: 'short no more',
        invitation: null,
      },
    },
  ]);
});

it('offers no account where registration is closed', async () => {
  const { shell, user } = start();
  shell.answer('probe_server', () => ({ ...college, registration: 'closed' }));
  await user.type(await screen.findByTestId('server-address'), 'chat.school.edu{Enter}');
  expect(await screen.findByText(/are made by whoever runs it/)).toBeVisible();
  expect(screen.queryByTestId('show-register')).toBeNull();
});

async function fillIn(user: ReturnType<typeof userEvent.setup>): Promise<void> {
  await user.type(screen.getByTestId('register-first-name'), 'Ana');
  await user.type(screen.getByTestId('register-last-name'), 'Cruz');
  await user.type(screen.getByTestId('register-user-name'), 'ana');
  await user.type(screen.getByTestId('register-email'), 'ana@school.edu');
  await user.type(screen.getByTestId('register-password'), 'long enough{Enter}');
}

it.each(['open', 'invite', 'closed'] as const)(
  'takes an invitation link for an address where registration is %s',
  async (registration) => {
    const { shell, user } = start();
    shell.answer('probe_server', () => ({ ...college, registration }));
    await user.type(
      await screen.findByTestId('server-address'),
      'https://chat.school.edu/join#K7QX-22{Enter}',
    );
    expect(await screen.findByTestId('register-invitation')).toHaveValue('K7QX-22');
    expect(screen.getByTestId('register-first-name')).toHaveFocus();
    expect(shell.called('probe_server')).toEqual([{ address: 'https://chat.school.edu', certificate: null }]);
    await fillIn(user);
    expect(await screen.findByText('No conversations yet')).toBeVisible();
    expect(shell.called('register')).toMatchObject([{ form: { invitation: 'K7QX-22' } }]);
  },
);

it('asks for the invitation where accounts need one', async () => {
  const { shell, user } = start();
  shell.answer('probe_server', () => ({ ...college, registration: 'invite' }));
  await user.type(await screen.findByTestId('server-address'), 'chat.school.edu{Enter}');
  expect(await screen.findByText(/by invitation/)).toBeVisible();
  await user.click(screen.getByTestId('show-register'));
  expect(screen.getByTestId('register-invitation')).toHaveFocus();
  await fillIn(user);
  expect(screen.getByText('Fill this in.')).toBeVisible();
  expect(shell.called('register')).toEqual([]);
  await user.type(screen.getByTestId('register-invitation'), ' https://chat.school.edu/join#K7QX-22 {Enter}');
  expect(await screen.findByText('No conversations yet')).toBeVisible();
  expect(shell.called('register')).toMatchObject([{ form: { invitation: 'K7QX-22' } }]);
});

it('asks whoever’s session ended to sign in again, for what waits', async () => {
  const { shell, signIn, user } = start({ state: 'expired', account });
  shell.answer('waiting', () => 3);
  expect(await screen.findByText('Sign in again to send 3 messages.', { selector: 'p' })).toBeVisible();
  await user.click(screen.getByTestId('bar-action'));
  expect(screen.getByTestId('login-name')).toHaveValue('ana');
  shell.answer('sign_in', signIn);
  await user.type(screen.getByTestId('login-password'), 'correct horse{Enter}');
  expect(await screen.findByTestId('new-conversation')).toBeVisible();
  expect(screen.queryByTestId('offline-bar')).toBeNull();
});

it('offers to remove another account’s messages, and then signs in', async () => {
  const { shell, signIn, user } = start();
  shell.refuse('sign_in', { kind: 'otherAccount', userName: 'ben', server: 'chat.school.edu' });
  await user.type(await screen.findByTestId('server-address'), 'chat.school.edu{Enter}');
  await user.type(await screen.findByTestId('login-name'), 'ana');
  await user.type(screen.getByTestId('login-password'), 'correct horse{Enter}');
  await user.click(await screen.findByTestId('remove-kept'));
  shell.answer('sign_out', () => null).answer('sign_in', signIn);
  await user.click(screen.getByTestId('dialog-confirm'));
  expect(await screen.findByTestId('new-conversation')).toBeVisible();
  expect(shell.called('sign_out')).toEqual([{ keepMessages: false }]);
});

it('says why the messages cannot be opened', async () => {
  new FakeShell().refuse('session', { kind: 'profileNewer' }, 'schema 9');
  render(Root, { app: new App(api) });
  expect(await screen.findByRole('alert')).toHaveTextContent('written by a newer Roost');
});

it('takes an access token where the server has no sign-in of its own', async () => {
  const { shell, signIn, user } = start();
  shell.answer('probe_server', () => ({ ...college, hasLogin: false, registration: 'unknown' }));
  shell.answer('sign_in_with_token', signIn);
  await user.type(await screen.findByTestId('server-address'), 'plain.school.edu{Enter}');
  expect(await screen.findByText(/Paste the access token/)).toBeVisible();
  expect(screen.queryByTestId('login-password')).toBeNull();
  await user.type(screen.getByTestId('login-token'), ' abc.def.ghi {Enter}');
  expect(await screen.findByText('No conversations yet')).toBeVisible();
  expect(shell.called('sign_in_with_token')).toEqual([
    { site: { url: college.url, certificate: null }, token: 'abc.def.ghi' },
  ]);
});

it('trusts a certificate only after its fingerprint was shown', async () => {
  const { shell, user } = start();
  shell.answer('probe_server', ({ certificate }) => {
    if (certificate === '3082') return college;
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- what the shell rejects with
    throw {
      problem: {
        kind: 'untrusted',
        host: 'home.lan',
        fingerprint: 'AB:CD',
        certificate: '3082',
        helps: true,
      },
      message: '',
      details: null,
    };
  });
  await user.type(await screen.findByTestId('server-address'), 'home.lan{Enter}');
  expect(await screen.findByTestId('fingerprint')).toHaveTextContent('AB:CD');
  await user.click(screen.getByTestId('dialog-confirm'));
  await user.type(await screen.findByTestId('login-name'), 'ana');
  await user.type(screen.getByTestId('login-password'), 'correct horse{Enter}');
  expect(await screen.findByText('No conversations yet')).toBeVisible();
  expect(shell.called('sign_in')[0]?.site).toEqual({ url: college.url, certificate: '3082' });
});

it('asks for a token again where the server takes nothing else', async () => {
  const { shell, signIn, user } = start({ state: 'expired', account });
  shell.answer('probe_server', () => ({ ...college, hasLogin: false, registration: 'unknown' }));
  shell.answer('sign_in_with_token', signIn);
  await user.click(await screen.findByTestId('bar-action'));
  const token = await screen.findByTestId('login-token');
  expect(token).toHaveFocus();
  expect(screen.queryByTestId('login-password')).toBeNull();
  await user.type(token, 'abc.def.ghi{Enter}');
  expect(await screen.findByTestId('new-conversation')).toBeVisible();
});

it('takes no password away from under somebody who is typing it', async () => {
  const { shell, user } = start({ state: 'expired', account });
  let answer: (server: ServerInfo) => void = () => undefined;
  shell.answer('probe_server', () => new Promise((resolve) => (answer = resolve)));
  await user.click(await screen.findByTestId('bar-action'));
  await user.type(screen.getByTestId('login-password'), 'corr');
  answer({ ...college, hasLogin: false });
  await tick();
  await user.type(screen.getByTestId('login-password'), 'ect');
  expect(screen.getByTestId('login-password')).toHaveValue('correct');
});

it('asks the server of an ended session by the certificate that is trusted there', async () => {
  const { shell, user } = start({ state: 'expired', account: { ...account, certificate: '3082' } });
  await user.click(await screen.findByTestId('bar-action'));
  await screen.findByTestId('login-password');
  expect(shell.called('probe_server')).toEqual([{ address: account.server, certificate: '3082' }]);
});

it('signs in again where the server has another certificate, once that is trusted', async () => {
  const { shell, signIn, user } = start({ state: 'expired', account: { ...account, certificate: '3082' } });
  const changed = { host: 'home.lan', fingerprint: 'EF:01', certificate: '3083', helps: true };
  shell.refuse('sign_in', { kind: 'untrusted', ...changed });
  await user.click(await screen.findByTestId('bar-action'));
  await user.type(await screen.findByTestId('login-password'), 'correct horse{Enter}');
  expect(await screen.findByTestId('fingerprint')).toHaveTextContent('EF:01');
  shell.answer('sign_in', signIn);
  await user.click(screen.getByTestId('dialog-confirm'));
  expect(await screen.findByTestId('new-conversation')).toBeVisible();
  expect(shell.called('sign_in').map(({ site }) => site)).toEqual([
    { url: account.server, certificate: null },
    { url: account.server, certificate: '3083' },
  ]);
});

it('says what is wrong with a certificate that nobody can make right by trusting it', async () => {
  const { shell, user } = start({ state: 'signedIn', account });
  shell.answer('connection', () => ({
    state: 'offline',
    host: 'chat.school.edu',
    retryAt: null,
    cause: 'insecure',
  }));
  shell.answer('retry_now', () => null);
  shell.refuse('probe_server', { kind: 'clockOff', host: 'chat.school.edu', seconds: 420 });
  await user.click(await screen.findByTestId('bar-action', {}, { timeout: 8_000 }));
  expect(await screen.findByTestId('form-error')).toHaveTextContent('Your clock is 7 minutes fast');
}, 15_000);
