import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { expect, it } from 'vitest';
import Root from '../../../Root.svelte';
import { FakeShell, settings } from '../../../test/shell';
import { api, type Settings } from '../../api';
import { App } from '../../state/app.svelte';

async function open(stored: Settings = settings) {
  const shell = new FakeShell().answer('settings', () => stored);
  const user = userEvent.setup();
  render(Root, { app: new App(api) });
  await user.click(await screen.findByTestId('account-menu'));
  await user.click(await screen.findByTestId('settings-open'));
  await screen.findByTestId('settings');
  return { shell, user };
}

const stored = (shell: FakeShell) => shell.called('set_settings').map(({ settings: given }) => given);

it('shows the sections, one at a time, and goes with Escape', async () => {
  const { user } = await open();
  expect(screen.getByRole('heading', { name: 'General' })).toBeVisible();
  await user.click(screen.getByTestId('settings-about'));
  expect(screen.getByRole('heading', { name: 'About Roost' })).toBeVisible();
  expect(screen.queryByRole('heading', { name: 'General' })).toBeNull();
  await user.keyboard('{Escape}');
  expect(screen.queryByTestId('settings')).toBeNull();
});

it('speaks another language at once, and keeps it', async () => {
  const { shell, user } = await open();
  await user.selectOptions(screen.getByTestId('language'), 'fil');
  expect(await screen.findByRole('heading', { name: 'Mga setting' })).toBeVisible();
  expect(stored(shell)).toEqual([{ ...settings, language: 'fil' }]);
  await user.selectOptions(screen.getByTestId('language'), '');
  expect(await screen.findByRole('heading', { name: 'Settings' })).toBeVisible();
});

it('puts on other colours and other sizes at once', async () => {
  const { shell, user } = await open({ ...settings, textSize: 150 });
  expect(document.documentElement.style.fontSize).toBe('150%');
  await user.click(screen.getByTestId('settings-appearance'));
  await user.click(screen.getByTestId('theme-dark'));
  expect(document.documentElement.dataset.theme).toBe('dark');
  await user.click(screen.getByTestId('theme-light'));
  expect(document.documentElement.dataset.theme).toBe('light');
  expect(stored(shell).at(-1)).toEqual({ ...settings, textSize: 150, theme: 'light' });
});

it('takes a change back that could not be stored, and says so', async () => {
  const { shell, user } = await open();
  shell.refuse('set_settings', { kind: 'diskFull' });
  await user.click(screen.getByTestId('enter-breaks'));
  expect(await screen.findByRole('alert')).toHaveTextContent('The disk is full.');
  expect(screen.getByTestId('enter-sends')).toBeChecked();
});

it('offers quiet hours, the hours that were chosen among them', async () => {
  const notifications = { ...settings.notifications, quietFrom: '21:10', quietUntil: '06:30' };
  const { shell, user } = await open({ ...settings, notifications });
  await user.click(screen.getByTestId('settings-notifications'));
  expect(screen.getByTestId('quiet-from')).toHaveValue('21:10');
  await user.selectOptions(screen.getByTestId('quiet-until'), '08:00');
  await user.click(screen.getByTestId('quiet'));
  expect(screen.queryByTestId('quiet-from')).toBeNull();
  await user.click(screen.getByTestId('quiet'));
  expect(stored(shell)).toEqual(
    [
      { quietFrom: '21:10', quietUntil: '08:00' },
      { quietFrom: null, quietUntil: null },
      { quietFrom: '22:00', quietUntil: '07:00' },
    ].map((quiet) => ({ ...settings, notifications: { ...notifications, ...quiet } })),
  );
});

it('asks for nothing of notifications that are off', async () => {
  const { user } = await open();
  await user.click(screen.getByTestId('settings-notifications'));
  await user.click(screen.getByTestId('notify'));
  for (const name of ['notify-content', 'sound', 'quiet']) expect(screen.getByTestId(name)).toBeDisabled();
});

it('follows what another window or the tray has changed', async () => {
  const { shell } = await open();
  await shell.tellSettings({ ...settings, enterSends: false });
  await tick();
  expect(screen.getByTestId('enter-breaks')).toBeChecked();
});

it('signs out, and asks what becomes of the messages', async () => {
  const { shell, user } = await open();
  shell.answer('sign_out', () => null);
  await user.click(screen.getByTestId('settings-account'));
  await user.click(screen.getByTestId('settings-sign-out'));
  await user.click(screen.getByTestId('keep-messages'));
  expect(screen.getByText(/They are removed from this device/)).toBeVisible();
  shell.answer('session', () => ({ state: 'signedOut' }));
  await user.click(screen.getByTestId('dialog-confirm'));
  expect(await screen.findByTestId('server-address')).toBeVisible();
  expect(shell.called('sign_out')).toEqual([{ keepMessages: false }]);
});

it('names the version that the rest of Roost has', async () => {
  const { user } = await open();
  await user.click(screen.getByTestId('settings-about'));
  const version = /^version = "(.+)"$/m.exec(String(import.meta.env.WORKSPACE))?.[1];
  expect(screen.getByTestId('version')).toHaveTextContent(`Version ${version ?? 'unknown'}`);
});
