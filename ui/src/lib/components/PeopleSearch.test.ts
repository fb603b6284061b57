import { screen } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import { chat } from '../../test/chat';
import { ben } from '../../test/shell';

it('finds somebody and opens the conversation with them', async () => {
  const { shell, user } = chat([]);
  const grace = { ...ben, id: 'g1', firstName: 'Grace', lastName: 'Adeyemi' };
  shell.answer('people', ({ query }) => ({ people: query === 'gra' ? [grace] : [], askedServer: false }));
  await user.click(await screen.findByTestId('new-conversation'));
  await user.type(screen.getByTestId('people-search'), 'gra');
  await user.click(await screen.findByTestId('person'));
  expect(await screen.findByRole('heading', { name: 'Grace Adeyemi' })).toBeVisible();
});

it('echoes a search without hits, and says when only this device was searched', async () => {
  const { shell, user } = chat([]);
  shell.answer('people', () => ({ people: [], askedServer: false }));
  await user.click(await screen.findByTestId('new-conversation'));
  await user.type(screen.getByTestId('people-search'), 'zz');
  expect(await screen.findByText('Nobody found for “zz”.')).toBeVisible();
  expect(screen.getByText(/only people known on this device/)).toBeVisible();
});

it.each([
  ['the search for people', 'new-conversation', 'people-search', 'gra', 'person'],
  ['the search for people, without a word,', 'new-conversation', 'people-search', '', 'person'],
  ['the switcher', null, 'switcher-box', 'gra', 'choice'],
])('%s asks again once there is a server to ask', async (_, button, box, word, found) => {
  const { shell, user } = chat([]);
  const grace = { ...ben, id: 'g1', firstName: 'Grace', lastName: 'Adeyemi' };
  let state = 'connecting';
  shell
    .answer('conversations', () => [])
    .answer('connection', () =>
      state === 'online' ? { state, asOf: '2026-05-03T10:00:00.000Z' } : { state },
    )
    .answer('people', () =>
      state === 'online' ? { people: [grace], askedServer: true } : { people: [], askedServer: false },
    );
  await shell.tell({ kind: 'everything' });
  if (button === null) await user.keyboard('{Control>}k{/Control}');
  else await user.click(await screen.findByTestId(button));
  if (word !== '') {
    await user.type(await screen.findByTestId(box), word);
    expect(await screen.findByText('Nobody found for “gra”.')).toBeVisible();
  }
  if (button !== null) expect(await screen.findByText(/^Not connected yet/)).toBeVisible();
  state = 'online';
  await shell.tell({ kind: 'connection' });
  expect(await screen.findByTestId(found)).toHaveTextContent('Grace Adeyemi');
  expect(screen.queryByText('Nobody found for “gra”.')).toBeNull();
});

it('starts a conversation with an id where nobody is found', async () => {
  const { shell, user } = chat([]);
  shell.answer('people', () => ({ people: [], askedServer: false }));
  await user.click(await screen.findByTestId('new-conversation'));
  await user.type(screen.getByTestId('people-search'), ' 507F1F77BCF86CD799439012');
  await user.click(await screen.findByTestId('person-by-id'));
  expect(await screen.findByRole('heading', { name: 'Unnamed (…439012)' })).toBeVisible();
});
