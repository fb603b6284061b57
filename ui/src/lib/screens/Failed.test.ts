import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import Root from '../../Root.svelte';
import { FakeShell } from '../../test/shell';
import { api, type Problem } from '../api';
import { App } from '../state/app.svelte';

/** The app while its messages can't be opened, for this reason. */
function shut(problem: Exclude<Problem, { kind: 'internal' }>) {
  const shell = new FakeShell().refuse('session', problem).refuse('open_again', problem);
  render(Root, { app: new App(api) });
  const opens = () => {
    shell.answer('session', () => ({ state: 'signedOut' })).answer('open_again', () => null);
  };
  return { shell, opens, user: userEvent.setup() };
}

it('tries again where the keyring was locked', async () => {
  const { shell, opens, user } = shut({ kind: 'keyringLocked' });
  expect(await screen.findByTestId('form-error')).toHaveTextContent('keyring is locked');
  await user.click(screen.getByTestId('try-again'));
  expect(await screen.findByTestId('form-error')).toBeVisible();
  opens();
  await user.click(screen.getByTestId('try-again'));
  expect(await screen.findByTestId('server-address')).toBeVisible();
  expect(shell.called('open_again')).toEqual([{ passphrase: null }, { passphrase: null }]);
  expect(shell.called('start_over')).toEqual([]);
});

it('asks for the passphrase, and says where it is another one', async () => {
  const { shell, opens, user } = shut({ kind: 'passphraseNeeded' });
  shell.refuse('open_again', { kind: 'wrongPassphrase' });
  await user.type(await screen.findByLabelText('Passphrase'), 'mango tree{Enter}');
  expect(await screen.findByTestId('form-error')).toHaveTextContent('That isn’t the passphrase.');
  opens();
  // What was wrong is selected, to be typed over.
  await user.keyboard('mango forest{Enter}');
  expect(await screen.findByTestId('server-address')).toBeVisible();
  expect(shell.called('open_again').at(-1)).toEqual({ passphrase: 'mango forest' });
});

it('has a passphrase chosen where there is no keyring', async () => {
  const { shell, opens, user } = shut({ kind: 'noKeyring' });
  expect(await screen.findByRole('heading', { name: 'Choose a passphrase' })).toBeVisible();
  expect(screen.queryByTestId('start-over')).toBeNull();
  await user.type(screen.getByTestId('passphrase'), 'short{Enter}');
  expect(screen.getByText('Use at least 8 characters.')).toBeVisible();
  expect(shell.called('open_again')).toEqual([]);
  opens();
  await user.type(screen.getByTestId('passphrase'), ' but not too short{Enter}');
  expect(await screen.findByTestId('server-address')).toBeVisible();
  expect(shell.called('open_again')).toEqual([{ passphrase: 'short but not too short' }]);
});

it('starts over only after asking, and says what becomes of the old messages', async () => {
  const { shell, opens, user } = shut({ kind: 'keyLost' });
  await user.click(await screen.findByTestId('start-over'));
  expect(screen.getByTestId('dialog')).toHaveTextContent('Nothing is deleted');
  await user.click(screen.getByTestId('dialog-cancel'));
  expect(shell.called('start_over')).toEqual([]);
  await user.click(screen.getByTestId('start-over'));
  opens();
  shell.answer('start_over', () => null);
  await user.click(screen.getByTestId('dialog-confirm'));
  expect(await screen.findByTestId('server-address')).toBeVisible();
});

it('goes on with a passphrase where there is no keyring to start over with', async () => {
  const { shell, user } = shut({ kind: 'keyLost' });
  shell.refuse('start_over', { kind: 'noKeyring' });
  await user.click(await screen.findByTestId('start-over'));
  await user.click(screen.getByTestId('dialog-confirm'));
  expect(await screen.findByRole('heading', { name: 'Choose a passphrase' })).toBeVisible();
});
