import { fireEvent, render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { describe, expect, it, vi } from 'vitest';
import { FakeShell, message } from '../../test/shell';
import { ApiError, api, type TimelineItem } from '../api';
import { App } from '../state/app.svelte';
import { appContext } from '../state/context';
import { closeOnEscape } from '../state/layers';
import type { Behind } from '../timeline/storing';
import Composer from './Composer.svelte';

function compose(change: { editing?: TimelineItem; store?: () => Promise<void>; app?: App } = {}) {
  const shell = new FakeShell();
  const props = {
    peer: 'b1',
    name: 'Ben',
    editing: change.editing ?? null,
    onsend: vi.fn((_text: string, behind: Behind) => behind(change.store ?? (() => Promise.resolve()))),
    onsave: vi.fn(() => Promise.resolve()),
    onstop: vi.fn(),
    oneditlast: vi.fn(),
    onend: vi.fn(),
  };
  const app = change.app ?? new App(api);
  const view = render(Composer, { props, context: appContext(app) });
  return { ...view, shell, props, app, box: screen.getByTestId<HTMLTextAreaElement>('composer') };
}

it('sends with Enter, makes a line with Shift and Enter, and is empty once the message is stored', async () => {
  const user = userEvent.setup();
  const { box, props } = compose();
  await user.type(box, 'one{Shift>}{Enter}{/Shift}two');
  expect(box).toHaveValue('one\ntwo');
  expect(props.onsend).not.toHaveBeenCalled();
  await user.keyboard('{Enter}');
  expect(props.onsend).toHaveBeenCalledExactlyOnceWith('one\ntwo', expect.anything());
  expect(box).toHaveValue('');
  expect(box).toHaveFocus();
});

it('sends with Ctrl and Enter as well', async () => {
  const user = userEvent.setup();
  const { box, props } = compose();
  await user.type(box, 'hello{Control>}{Enter}{/Control}');
  expect(props.onsend).toHaveBeenCalledExactlyOnceWith('hello', expect.anything());
});

it.each([
  ['says so', { key: 'Enter', isComposing: true }],
  ['ended just before the key, as in WebKit', { key: 'Enter', keyCode: 229 }],
])('does not send the Enter of an input method that %s', async (_, key) => {
  const user = userEvent.setup();
  const { box, props } = compose();
  await user.type(box, 'にほん');
  await fireEvent.keyDown(box, key);
  expect(props.onsend).not.toHaveBeenCalled();
  expect(box).toHaveValue('にほん');
});

it('makes a line with Enter where somebody wants that, and sends with Ctrl and Enter', async () => {
  const user = userEvent.setup();
  const { box, props, app } = compose();
  app.preferences.settings = { ...app.preferences.settings, enterSends: false };
  await user.type(box, 'one{Enter}two');
  expect([box.value, props.onsend.mock.calls]).toEqual(['one\ntwo', []]);
  await user.keyboard('{Control>}{Enter}{/Control}');
  expect(props.onsend).toHaveBeenCalledExactlyOnceWith('one\ntwo', expect.anything());
});

it('lets the other see that something is being written, and that it no longer is', async () => {
  const user = userEvent.setup();
  const { shell, box, unmount } = compose();
  const told = () => shell.called('set_typing').map(({ isTyping }) => isTyping);
  await user.type(box, 'hi');
  expect(told()).toEqual([true, true]);
  await user.clear(box);
  expect(told()).toEqual([true, true, false]);
  await user.type(box, '  ');
  expect(told()).toHaveLength(3);
  await user.type(box, 'a');
  unmount();
  expect(told()).toEqual([true, true, false, true, false]);
});

it('never sends white space alone', async () => {
  const user = userEvent.setup();
  const { box, props } = compose();
  await user.type(box, '  {Shift>}{Enter}{/Shift} {Enter}');
  expect(props.onsend).not.toHaveBeenCalled();
  expect(screen.getByTestId('send')).toBeDisabled();
});

it('keeps what was typed where it cannot be stored, and says why', async () => {
  const user = userEvent.setup();
  const { box } = compose({ store: () => Promise.reject(new ApiError({ kind: 'diskFull' }, 'full')) });
  await user.type(box, 'hello{Enter}');
  expect(box).toHaveValue('hello');
  expect(screen.getByTestId('form-error')).toHaveTextContent('The disk is full.');
});

describe('while a message is stored', () => {
  /** Sends “one”, which is being stored from then on. */
  async function storing() {
    const user = userEvent.setup();
    const stored: (() => void)[] = [];
    const view = compose({ store: () => new Promise((resolve) => stored.push(resolve)) });
    await user.type(view.box, 'one{Enter}');
    return {
      ...view,
      user,
      sent: () => view.props.onsend.mock.calls.map(([text]) => text),
      store: async () => {
        stored.shift()?.();
        await new Promise((resolve) => setTimeout(resolve));
      },
    };
  }

  it('what is typed on stays', async () => {
    const { user, box, store } = await storing();
    await user.type(box, ' and more');
    await store();
    expect(box).toHaveValue(' and more');
  });

  it('what is typed on and sent goes next, each message for itself', async () => {
    const { user, box, store, sent } = await storing();
    await user.type(box, 'two{Enter}three{Enter}fo');
    expect(sent()).toEqual(['one']);
    await store();
    expect(sent()).toEqual(['one', 'two']);
    await store();
    expect(sent()).toEqual(['one', 'two', 'three']);
    await store();
    expect(sent()).toEqual(['one', 'two', 'three']);
    expect(box).toHaveValue('fo');
  });

  it('a second Enter sends nothing, neither twice nor what is typed behind it', async () => {
    const { user, box, store, sent } = await storing();
    await user.type(box, '{Enter}I thi');
    await store();
    expect(sent()).toEqual(['one']);
    expect(box).toHaveValue('I thi');
  });

  it('Enter sends it no second time where somebody left and came back', async () => {
    const { user, app, unmount, store } = await storing();
    unmount();
    const again = compose({ app });
    await user.type(again.box, '{Enter}');
    expect(again.props.onsend).not.toHaveBeenCalled();
    await store();
    await user.type(again.box, 'two{Enter}');
    expect(again.props.onsend).toHaveBeenCalledExactlyOnceWith('two', expect.anything());
  });

  it('what was sent next stays a draft where the conversation is left', async () => {
    const { user, box, app, unmount, store, sent } = await storing();
    await user.type(box, 'two{Enter}');
    unmount();
    await store();
    expect(sent()).toEqual(['one']);
    expect(app.drafts.of('b1')).toBe('two');
  });
});

it('sends nothing that is too long, and says by how much', async () => {
  const user = userEvent.setup();
  const { box, props } = compose();
  await fireEvent.input(box, { target: { value: '👍'.repeat(10_001) } });
  await user.type(box, '{Enter}');
  expect(props.onsend).not.toHaveBeenCalled();
  expect(screen.getByTestId('characters-left')).toHaveTextContent('1 character too long');
  expect(screen.getByRole('status')).toHaveTextContent('1 character too long');
});

it('says how many characters are left, and not with every key', async () => {
  const { box } = compose();
  const type = (length: number) => fireEvent.input(box, { target: { value: 'a'.repeat(length) } });
  await type(9_499);
  expect(screen.queryByTestId('characters-left')).toBeNull();
  await type(9_510);
  expect(screen.getByRole('status')).toHaveTextContent('490 characters left');
  await type(9_520);
  expect(screen.getByTestId('characters-left')).toHaveTextContent('480 characters left');
  expect(screen.getByRole('status')).toHaveTextContent('490 characters left');
});

it('takes no text that is too long to be kept, and says so', async () => {
  const user = userEvent.setup();
  const { box } = compose();
  box.focus();
  await user.paste('a'.repeat(20_000));
  expect(box.value).toHaveLength(20_000);
  await user.paste('a'.repeat(100_000));
  expect(box.value).toHaveLength(20_000);
  expect(screen.getByTestId('form-error')).toHaveTextContent('too long to be kept');
});

it('takes what is typed where nothing else takes it', async () => {
  const user = userEvent.setup();
  const { box } = compose();
  const button = document.body.appendChild(document.createElement('button'));
  const field = document.body.appendChild(document.createElement('input'));
  button.focus();
  await user.keyboard('h');
  expect(box).toHaveFocus();
  button.focus();
  await user.keyboard('{Control>}k{/Control}{Enter} {Escape}');
  expect(button).toHaveFocus();
  field.focus();
  await user.keyboard('h');
  expect(field).toHaveFocus();
  button.remove();
  field.remove();
});

it('keeps a draft for each conversation', async () => {
  const user = userEvent.setup();
  const { box, app, unmount } = compose();
  await user.type(box, 'unfinished');
  unmount();
  const again = compose({ app });
  expect(again.box).toHaveValue('unfinished');
});

it('asks to change the last message with Up in an empty box alone', async () => {
  const user = userEvent.setup();
  const { box, props } = compose();
  await user.type(box, '{ArrowUp}');
  expect(props.oneditlast).toHaveBeenCalledOnce();
  await user.type(box, 'a{ArrowUp}');
  expect(props.oneditlast).toHaveBeenCalledOnce();
});

it('leads to the ends of the messages from an empty box, and of the text where there is one', async () => {
  const user = userEvent.setup();
  const { box, props } = compose();
  await user.type(box, '{Home}{End}{Control>}{Home}{End}{/Control}');
  expect(props.onend.mock.calls.flat()).toEqual(['oldest', 'newest']);
  await user.type(box, 'text{Control>}{Home}{End}{/Control}');
  expect(props.onend).toHaveBeenCalledTimes(2);
  expect(box).toHaveFocus();
});

it('changes a message and gives the draft back', async () => {
  const user = userEvent.setup();
  const { box, props, rerender } = compose();
  await user.type(box, 'draft');
  const item = message('m1', { mine: true, content: 'helo' });
  await rerender({ editing: item });
  expect(box).toHaveValue('helo');
  await user.clear(box);
  await user.type(box, 'hello{Enter}');
  expect(props.onsave).toHaveBeenCalledExactlyOnceWith(item, 'hello');
  expect(props.onstop).toHaveBeenCalled();
  await rerender({ editing: null });
  expect(box).toHaveValue('draft');
});

it.each([
  ['typed on', ' and more', 'draft and more', ['hello']],
  ['changed further', '{Backspace}!', 'hell!', ['hello', 'hell!']],
  ['taken back', '{Backspace}', 'hell', ['hello', 'hell']],
])('loses nothing that is %s while a change is stored', async (_, keys, left, saved) => {
  const user = userEvent.setup();
  let stored: () => void = () => undefined;
  const { box, props, rerender } = compose();
  await user.type(box, 'draft');
  await rerender({ editing: message('m1', { mine: true, content: 'hell' }) });
  props.onsave.mockImplementation(() => new Promise((resolve) => (stored = resolve)));
  props.onstop.mockImplementation(() => void rerender({ editing: null }));
  await user.type(box, 'o{Enter}');
  await user.type(box, `${keys}{Enter}`);
  stored();
  await vi.waitFor(() => {
    expect(box).toHaveValue(left);
  });
  // Nobody asked for the draft to be sent.
  expect(props.onsend).not.toHaveBeenCalled();
  if (saved.length > 1) await user.keyboard('{Enter}');
  expect(props.onsave.mock.calls.map((call: unknown[]) => call[1])).toEqual(saved);
});

it('leaves the cursor where somebody types in a message that is being changed', async () => {
  const user = userEvent.setup();
  const { box } = compose({ editing: message('m1', { mine: true, content: 'helo' }) });
  await user.type(box, 'l', { initialSelectionStart: 3 });
  expect(box).toHaveValue('hello');
  await tick();
  expect([box.selectionStart, box.selectionEnd]).toEqual([4, 4]);
});

it('goes on changing the message that was chosen while the change of another one is stored', async () => {
  const user = userEvent.setup();
  let stored: () => void = () => undefined;
  const { box, props, rerender } = compose({ editing: message('m1', { mine: true }) });
  props.onsave.mockImplementation(() => new Promise((resolve) => (stored = resolve)));
  await user.type(box, ' and more{Enter}');
  await rerender({ editing: message('m2', { mine: true }) });
  stored();
  await new Promise((resolve) => setTimeout(resolve));
  expect(props.onstop).not.toHaveBeenCalled();
});

it('stops changing with Escape', async () => {
  const { props } = compose({ editing: message('m1', { mine: true }) });
  closeOnEscape(new KeyboardEvent('keydown', { key: 'Escape' }));
  expect(props.onstop).toHaveBeenCalledOnce();
  await Promise.resolve();
});
