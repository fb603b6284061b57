import { render, screen, waitFor } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import { FakeShell, ben } from '../../test/shell';
import { api, type Person } from '../api';
import { App } from '../state/app.svelte';
import { appContext } from '../state/context';
import Avatar from './Avatar.svelte';

const PICTURE = 'data:image/png;base64,iVBORw0KGgo=';
const pictured: Person = { ...ben, avatar: '/pictures/ben.png' };

async function avatar(person: Person, picture: () => unknown) {
  const shell = new FakeShell().answer('picture', picture);
  const app = new App(api);
  await app.start();
  const view = render(Avatar, { props: { person }, context: appContext(app) });
  const image = () => view.container.querySelector('img');
  return { ...view, shell, app, image };
}

it('shows what the engine has drawn, and never the address that somebody gave', async () => {
  const { shell, image } = await avatar(pictured, () => PICTURE);
  await waitFor(() => {
    expect(image()).toHaveAttribute('src', PICTURE);
  });
  expect(shell.called('picture')).toEqual([{ id: ben.id }]);
});

it('shows initials where there is no picture, and asks for none where nobody gave one', async () => {
  const { shell, image } = await avatar(ben, () => PICTURE);
  expect(screen.getByText('BO')).toBeVisible();
  const other = await avatar(pictured, () => null);
  await waitFor(() => {
    expect(other.shell.called('picture')).toHaveLength(1);
  });
  expect([image(), other.image()]).toEqual([null, null]);
  expect(shell.called('picture')).toEqual([]);
});

it('asks once for all places that show somebody, and again when there is a connection', async () => {
  let found: string | null = null;
  const { shell, app, image } = await avatar(pictured, () => found);
  shell.answer('connection', () => ({ state: 'connecting' }));
  await shell.tell({ kind: 'connection' });
  found = PICTURE;
  shell.answer('connection', () => ({ state: 'online', asOf: '2026-05-03T10:00:00.000Z' }));
  await shell.tell({ kind: 'connection' });
  await waitFor(() => {
    expect(image()).toHaveAttribute('src', PICTURE);
  });
  const before = shell.called('picture').length;
  await Promise.all([app.pictures.of(pictured), app.pictures.of(pictured)]);
  expect(shell.called('picture')).toHaveLength(before);
});

it('shows nobody with the face of who was there before', async () => {
  const { shell, image, rerender } = await avatar(pictured, () => PICTURE);
  await waitFor(() => {
    expect(image()).not.toBeNull();
  });
  shell.answer('picture', () => new Promise<never>(() => undefined));
  await rerender({ person: { ...pictured, id: 'g1', firstName: 'Grace' } });
  expect(image()).toBeNull();
  expect(screen.getByText('GO')).toBeVisible();
});
