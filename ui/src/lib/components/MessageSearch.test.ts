import { cleanup, render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { FakeShell, ben, conversation } from '../../test/shell';
import { api, type Hit } from '../api';
import { App } from '../state/app.svelte';
import { appContext } from '../state/context';
import { Finding } from '../state/finding.svelte';
import { closeOnEscape } from '../state/layers';
import MessageSearch from './MessageSearch.svelte';

function hit(key: string, change: Partial<Hit> = {}): Hit {
  return {
    peer: ben.id,
    key,
    position: key,
    sentAt: '2026-05-03T10:00:00.000Z',
    mine: false,
    parts: [
      { text: 'green ', found: false },
      { text: 'mango', found: true },
    ],
    ...change,
  };
}

async function search(answer: (given: Record<string, unknown>) => unknown) {
  const shell = new FakeShell()
    .answer('conversations', () => [conversation(ben)])
    .answer('search', ({ search }) => answer(search as Record<string, unknown>));
  const app = new App(api);
  await app.start();
  const props = { finding: new Finding(api), onopen: vi.fn(), onclose: vi.fn() };
  render(MessageSearch, { props, context: appContext(app) });
  return { shell, app, props, box: screen.getByTestId('message-search') };
}

it('shows what was found with its words, and opens it', async () => {
  const { shell, props, box } = await search(() => ({ hits: [hit('m1')], more: false }));
  expect(box).toHaveFocus();
  await userEvent.type(box, '  mang');
  const found = await screen.findByTestId('hit');
  expect(found).toHaveTextContent('Ben Okoye');
  expect(found).toHaveTextContent('green mango');
  expect(found.querySelector('mark')).toHaveTextContent('mango');
  const asked = shell.called('search').at(-1)?.search;
  expect(asked).toMatchObject({ query: 'mang', peer: null, before: null });
  await userEvent.keyboard('{ArrowDown}{Enter}');
  expect(props.onopen).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ key: 'm1' }));
});

it('shows what was written as text, whatever it is made of', async () => {
  const parts = [{ text: '<img src=x onerror=alert(1)>', found: true }];
  const { box } = await search(() => ({ hits: [hit('m1', { parts })], more: false }));
  await userEvent.type(box, 'img');
  expect(await screen.findByTestId('hit')).toHaveTextContent('<img src=x onerror=alert(1)>');
  expect(document.querySelector('img')).toBeNull();
});

it('goes on behind the last hit, and shows none twice', async () => {
  const { box } = await search(({ before }) =>
    before === null
      ? { hits: [hit('m3'), hit('m2')], more: true }
      : { hits: before === 'm2' ? [hit('m2'), hit('m1')] : [], more: false },
  );
  await userEvent.type(box, 'mango');
  await userEvent.click(await screen.findByTestId('more-hits'));
  await waitFor(() => {
    expect(screen.getAllByTestId('hit').map((row) => row.dataset.key)).toEqual(['m3', 'm2', 'm1']);
  });
  expect(screen.queryByTestId('more-hits')).toBeNull();
});

it('can be narrowed to a person, and widened again where nothing is found', async () => {
  const { shell, box } = await search(({ peer }) => ({
    hits: peer === null ? [hit('m1')] : [],
    more: false,
  }));
  await userEvent.type(box, 'mango');
  await screen.findByTestId('hit');
  await userEvent.click(screen.getByTestId('search-person'));
  await userEvent.type(screen.getByTestId('switcher-box'), 'oko{Enter}');
  await screen.findByText('No message found for “mango”.');
  expect(shell.called('search').at(-1)?.search).toMatchObject({ peer: ben.id });
  await userEvent.click(screen.getByTestId('search-everywhere'));
  expect(await screen.findByTestId('hit')).toBeVisible();
  expect(shell.called('search').at(-1)?.search).toMatchObject({ peer: null });
});

it('can be narrowed to days', async () => {
  const { shell, box } = await search(() => ({ hits: [], more: false }));
  await userEvent.type(box, 'mango');
  await userEvent.selectOptions(screen.getByTestId('search-span'), 'Choose days…');
  await userEvent.type(screen.getByTestId('search-first'), '2026-05-01');
  await userEvent.type(screen.getByTestId('search-last'), '2026-05-03');
  await waitFor(() => {
    expect(shell.called('search').at(-1)?.search).toMatchObject({
      from: new Date(2026, 4, 1).toISOString(),
      to: new Date(2026, 4, 4).toISOString(),
    });
  });
});

it('shows the hits again as they were, and where one was in them', async () => {
  const { shell, props, app, box } = await search(() => ({ hits: [hit('m2'), hit('m1')], more: false }));
  await userEvent.type(box, 'mango');
  await userEvent.click((await screen.findAllByTestId('hit'))[1] ?? box);
  cleanup();
  shell.answer('search', () => ({ hits: [hit('m3'), hit('m2'), hit('m1')], more: false }));
  render(MessageSearch, { props, context: appContext(app) });
  const opened = screen.getAllByTestId('hit')[1];
  expect(opened).toHaveAttribute('data-key', 'm1');
  expect(opened).toHaveFocus();
  // What came meanwhile is found, too, without moving the focus.
  await waitFor(() => {
    expect(screen.getAllByTestId('hit')).toHaveLength(3);
  });
  expect(opened).toHaveFocus();
});

it('says what it searches, as the history arrives', async () => {
  const { shell, app } = await search(() => ({ hits: [], more: false }));
  const reach = screen.getByTestId('search-reach');
  expect(reach).toHaveTextContent('It has all your messages.');
  shell.answer('reach', () => ({ kind: 'unknown' }));
  await shell.tell({ kind: 'connection' });
  await waitFor(() => {
    expect(reach).toHaveTextContent('Your server may have more.');
  });
  const year = new Date(app.now).getFullYear();
  shell.answer('reach', () => ({ kind: 'since', time: new Date(year, 4, 3).toISOString() }));
  await shell.tell({ kind: 'progress' });
  await waitFor(() => {
    expect(reach).toHaveTextContent(/complete since (May 3|3 May)\. Older messages are still being fetched/);
  });
  shell.answer('connection', () => ({
    state: 'offline',
    host: 'chat.school.edu',
    retryAt: null,
    cause: 'noNetwork',
  }));
  await shell.tell({ kind: 'connection' });
  await waitFor(() => {
    expect(reach).toHaveTextContent('Older messages come once you’re online.');
  });
});

it('says what failed', async () => {
  const { shell, box } = await search(() => ({ hits: [hit('m1')], more: false }));
  await userEvent.type(box, 'mango');
  await screen.findByTestId('hit');
  shell.refuse('search', { kind: 'storage' });
  await userEvent.type(box, 'x');
  expect(await screen.findByTestId('form-error')).toBeVisible();
});

it('closes with Escape', async () => {
  const { props } = await search(() => ({ hits: [], more: false }));
  window.addEventListener('keydown', closeOnEscape);
  await userEvent.keyboard('{Escape}');
  window.removeEventListener('keydown', closeOnEscape);
  expect(props.onclose).toHaveBeenCalledOnce();
});
