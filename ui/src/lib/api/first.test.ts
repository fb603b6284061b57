import { render, screen, waitFor } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import Root from '../../Root.svelte';
import { FakeShell, account, ben, conversation, settings } from '../../test/shell';
import { api, type First } from '.';
import { App } from '../state/app.svelte';
import { takeFirst } from './first';

const first: First = {
  settings: { ...settings, language: 'fil' },
  session: { state: 'signedIn', account },
  secretsLast: true,
  conversations: [conversation(ben, 3)],
};

/** The page as the shell hands it over. */
function pageWith(json: string): Document {
  return new DOMParser().parseFromString(
    `<html><head><script id="first" type="application/json">${json}</script></head></html>`,
    'text/html',
  );
}

test('takes the picture out of the page', () => {
  const page = pageWith(JSON.stringify(first));
  expect(takeFirst(page)).toEqual(first);
  expect(page.getElementById('first')).toBeNull();
  expect(takeFirst(page)).toBeNull();
});

test('shows the picture before anything was asked, and then what is so', async () => {
  new FakeShell()
    .answer('settings', () => settings)
    .answer('conversations', () => [conversation({ ...ben, firstName: 'Benjamin' }, 0)]);
  render(Root, { app: new App(api, first) });
  expect(screen.getByRole('heading', { name: 'Mga usapan' })).toBeVisible();
  expect(screen.getByTestId('conversation')).toHaveTextContent('Ben Okoye');
  await waitFor(() => {
    expect(screen.getByTestId('conversation')).toHaveTextContent('Benjamin Okoye');
  });
  expect(screen.getByRole('heading', { name: 'Conversations' })).toBeVisible();
});
