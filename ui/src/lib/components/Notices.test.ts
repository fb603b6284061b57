import { render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { FakeShell } from '../../test/shell';
import { api } from '../api';
import { App } from '../state/app.svelte';
import { appContext } from '../state/context';
import Notices from './Notices.svelte';

async function notices(skew: number | null) {
  const shell = new FakeShell().answer('clock_skew', () => skew);
  const app = new App(api);
  await app.start();
  render(Notices, { context: appContext(app) });
  return shell;
}

it('says that the clock is off, and by how much, until somebody has read it', async () => {
  const shell = await notices(-7 * 60);
  expect(screen.getByTestId('clock-skew')).toHaveTextContent('Your clock is 7 minutes slow');
  shell.answer('clock_skew', () => 3 * 3600);
  await shell.tell({ kind: 'connection' });
  await waitFor(() => {
    expect(screen.getByTestId('clock-skew')).toHaveTextContent('Your clock is 3 hours fast');
  });
  await userEvent.click(screen.getByRole('button', { name: 'Got it' }));
  expect(screen.queryByTestId('clock-skew')).toBeNull();
});

it('takes it back when the clock is put right', async () => {
  const shell = await notices(7 * 60);
  shell.answer('clock_skew', () => null);
  await shell.tell({ kind: 'connection' });
  await waitFor(() => {
    expect(screen.queryByTestId('clock-skew')).toBeNull();
  });
});

it('says nothing of a clock that is right', async () => {
  await notices(null);
  expect(screen.queryByTestId('clock-skew')).toBeNull();
});
