import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { expect, it, vi } from 'vitest';
import Root from '../../Root.svelte';
import { FakeShell, ben, conversation, message, page } from '../../test/shell';
import { api, type Anchor, type TimelineItem } from '../api';
import { App } from '../state/app.svelte';

it('shows history that is fetched after it was asked for, also where the window is not full', async () => {
  // A new device knows the last message; the one before it comes later.
  const fetched: TimelineItem[] = [];
  const shell = new FakeShell()
    .answer('conversations', () => [conversation(ben)])
    .answer('timeline', ({ anchor }) =>
      (anchor as Anchor).at === 'before'
        ? page(fetched, {
            hasOlder: fetched.length === 0,
            history: fetched.length === 0 ? 'loading' : 'complete',
          })
        : page([message('m2')], { hasOlder: true, history: 'loading' }),
    );
  render(Root, { app: new App(api) });
  await userEvent.setup().click(await screen.findByTestId('conversation'));
  await screen.findByTestId('message');
  const asked = () =>
    shell.called('timeline').filter(({ anchor }) => (anchor as Anchor).at === 'before').length;
  await vi.waitFor(() => {
    expect(asked()).toBeGreaterThan(0);
  });
  // Whatever is still under way finds nothing either.
  for (let before = -1; before !== asked();) {
    before = asked();
    await tick();
  }
  fetched.push(message('m1'));
  await shell.tell({ kind: 'timeline', peer: ben.id });
  await vi.waitFor(() => {
    expect(screen.getAllByTestId('message').map(({ dataset }) => dataset.key)).toEqual(['m1', 'm2']);
  });
});
