import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import type { Channel } from '@tauri-apps/api/core';
import { expect, it, vi } from 'vitest';
import Root from '../../../Root.svelte';
import { FakeShell, ana } from '../../../test/shell';
import { api, type Device, type Offers, type OwnProfile } from '../../api';
import { App } from '../../state/app.svelte';

const offers: Offers = { accounts: true, devices: true, presence: true, typing: true, invites: [] };
const profile: OwnProfile = {
  person: ana,
  userName: 'ana',
  email: 'ana@school.edu',
  showPresence: true,
  sendReadReceipts: true,
};
const nothing = { firstName: null, lastName: null, showPresence: null, sendReadReceipts: null };

function device(id: string, change: Partial<Device> = {}): Device {
  const at = '2026-05-03T10:00:00.000Z';
  return {
    id,
    signedInAt: at,
    usedAt: at,
    program: `Roost on ${id}`,
    address: '',
    current: false,
    ...change,
  };
}

async function open(section: string, prepare: (shell: FakeShell) => void = () => undefined) {
  const shell = new FakeShell()
    .answer('offers', () => offers)
    .answer('profile', () => profile)
    .answer('devices', () => [device('here', { current: true }), device('phone', { address: '192.0.2.7' })]);
  prepare(shell);
  const user = userEvent.setup();
  render(Root, { app: new App(api) });
  await user.click(await screen.findByTestId('account-menu'));
  await user.click(await screen.findByTestId('settings-open'));
  await user.click(await screen.findByTestId(`settings-${section}`));
  return { shell, user };
}

it('turns read receipts off at the server, and keeps them on where that fails', async () => {
  const { shell, user } = await open('privacy');
  shell.answer('change_profile', () => ({ ...profile, sendReadReceipts: false }));
  await user.click(await screen.findByTestId('receipts'));
  await vi.waitFor(() => {
    expect(screen.getByTestId('receipts')).not.toBeChecked();
    expect(screen.getByTestId('presence')).toBeEnabled();
  });
  shell.refuse('change_profile', { kind: 'unreachable', host: 'chat.school.edu' });
  await user.click(screen.getByTestId('presence'));
  expect(await screen.findByRole('alert')).toHaveTextContent('chat.school.edu can’t be reached.');
  expect(screen.getByTestId('presence')).toBeChecked();
  expect(shell.called('change_profile')).toEqual([
    { change: { ...nothing, sendReadReceipts: false } },
    { change: { ...nothing, showPresence: false } },
  ]);
});

it('says where a server knows no such choice', async () => {
  await open('privacy', (shell) =>
    shell.answer('profile', () => ({ ...profile, showPresence: null, sendReadReceipts: null })),
  );
  expect(await screen.findByText('This server knows no such choices.')).toBeVisible();
});

it('shows where one is signed in, and signs out there after asking', async () => {
  const { shell, user } = await open('account');
  expect(await screen.findByText(/192\.0\.2\.7/)).toBeVisible();
  expect(screen.getAllByTestId('device-sign-out')).toHaveLength(1);
  shell.answer('sign_out_device', () => null).answer('devices', () => [device('here', { current: true })]);
  await user.click(screen.getByTestId('device-sign-out'));
  expect(shell.called('sign_out_device')).toEqual([]);
  await user.click(screen.getByTestId('dialog-confirm'));
  await vi.waitFor(() => {
    expect(screen.queryByTestId('device-sign-out')).toBeNull();
  });
  expect(shell.called('sign_out_device')).toEqual([{ device: 'phone' }]);
  expect(screen.queryByTestId('others-sign-out')).toBeNull();
});

it('changes the password, once the current one is right', async () => {
  const { shell, user } = await open('account');
  shell.refuse('change_password', { kind: 'wrongPassword' });
  await user.click(await screen.findByTestId('change-password'));
  await user.type(screen.getByTestId('password-current'), 'old');
  await user.type(screen.getByTestId('password-new'), 'short');
  await user.click(screen.getByTestId('dialog-confirm'));
  expect(shell.called('change_password')).toEqual([]);
  await user.type(screen.getByTestId('password-new'), ' no more');
  await user.click(screen.getByTestId('dialog-confirm'));
  expect(await screen.findByRole('alert')).toHaveTextContent('isn’t your current password');
  shell.answer('change_password', () => null);
  await user.click(screen.getByTestId('dialog-confirm'));
  expect(await screen.findByText('Your password is changed.')).toBeVisible();
  expect(shell.called('change_password').at(-1)).toEqual({ current: 'old', password: 'short no more' });
});

it('changes one’s name, and takes no empty one', async () => {
  const { shell, user } = await open('account');
  shell.answer('change_profile', () => profile);
  await user.clear(await screen.findByTestId('last-name'));
  await user.click(screen.getByTestId('save-name'));
  expect(shell.called('change_profile')).toEqual([]);
  await user.type(screen.getByTestId('last-name'), 'Reyes{Enter}');
  expect(await screen.findByText('Saved.')).toBeVisible();
  expect(shell.called('change_profile')).toEqual([
    { change: { ...nothing, firstName: 'Ana', lastName: 'Reyes' } },
  ]);
});

it('makes an invitation where one may', async () => {
  const { shell, user } = await open('account', (fake) =>
    fake.answer('offers', () => ({ ...offers, invites: ['student', 'coordinator'] })),
  );
  shell.answer('invite', () => ({
    link: 'https://chat.school.edu/join#K7QX',
    expiresAt: '2026-05-10T10:00:00Z',
  }));
  await user.click(await screen.findByTestId('invite'));
  await user.click(screen.getByTestId('invite-role-coordinator'));
  await user.click(screen.getByTestId('dialog-confirm'));
  expect(await screen.findByTestId('invitation')).toHaveTextContent('https://chat.school.edu/join#K7QX');
  expect(shell.called('invite')).toEqual([{ invitation: { role: 'coordinator', hours: 168, uses: 1 } }]);
});

it('offers nothing that the server does not', async () => {
  await open('account', (shell) =>
    shell.answer('offers', () => ({ ...offers, accounts: false, devices: false })),
  );
  expect(await screen.findByTestId('settings-sign-out')).toBeVisible();
  for (const name of ['change-password', 'invite', 'device', 'save-name'])
    expect(screen.queryByTestId(name)).toBeNull();
});

it('exports the messages, and says where they are', async () => {
  let answer: (path: string) => void = () => undefined;
  const { shell, user } = await open('data');
  shell.answer('export_messages', ({ progress }) => {
    (progress as Channel<number>).onmessage(1_200);
    return new Promise((resolve) => (answer = resolve));
  });
  await user.click(screen.getByTestId('export'));
  expect(await screen.findByText('1,200 messages written…')).toBeVisible();
  answer('/home/ana/Downloads/roost-messages.jsonl');
  await vi.waitFor(() => {
    expect(screen.getByTestId('exported')).toHaveTextContent('/home/ana/Downloads/roost-messages.jsonl');
  });
});
