import { afterEach, expect, it } from 'vitest';
import { keepToText } from './native-menu';

document.addEventListener('contextmenu', keepToText);

afterEach(() => {
  getSelection()?.removeAllRanges();
  document.body.replaceChildren();
});

/** Whether the webview's menu opens on a right click there. */
function opensOn(element: Element): boolean {
  document.body.append(element);
  return element.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true }));
}

it('offers no browser’s menu on the app', () => {
  expect(opensOn(document.createElement('p'))).toBe(false);
});

it('leaves the menu to what one writes in', () => {
  expect(opensOn(document.createElement('textarea'))).toBe(true);
  expect(opensOn(document.createElement('input'))).toBe(true);
});

it('leaves the menu to what is selected', () => {
  const text = document.createElement('p');
  text.textContent = 'Good morning';
  document.body.append(text);
  getSelection()?.selectAllChildren(text);
  expect(opensOn(text)).toBe(true);
});
