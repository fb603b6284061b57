/** The chat of somebody who is signed in and has a conversation with Ben, for component tests. */
import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import Root from '../Root.svelte';
import { api, type TimelineItem } from '../lib/api';
import { App } from '../lib/state/app.svelte';
import { FakeShell, ben, conversation, page } from './shell';

/** Shows it; `open` opens the conversation, which holds `items`. */
export function chat(items: TimelineItem[], unread = 0) {
  const shell = new FakeShell()
    .answer('conversations', () => [conversation(ben, unread)])
    .answer('timeline', () => page(items))
    .answer('mark_read', () => null);
  const app = new App(api);
  render(Root, { app });
  const user = userEvent.setup();
  const open = async () => {
    await user.click(await screen.findByTestId('conversation'));
    return screen.findByTestId('timeline');
  };
  return { shell, user, open, app };
}
