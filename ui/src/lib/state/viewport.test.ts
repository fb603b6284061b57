import { afterEach, expect, it } from 'vitest';
import { followKeyboard } from './viewport';

class Viewport extends EventTarget {
  scale = 1;
  height = innerHeight;

  become(height: number, scale = 1): void {
    [this.height, this.scale] = [height, scale];
    this.dispatchEvent(new Event('resize'));
  }
}

const visible = () => document.documentElement.style.getPropertyValue('--visible-height');
let stop = (): void => undefined;

afterEach(() => {
  stop();
});

it('keeps the app above a keyboard, and gives the room back', () => {
  const viewport = new Viewport();
  stop = followKeyboard(viewport as unknown as VisualViewport);
  expect(visible()).toBe('');
  viewport.become(400);
  expect(visible()).toBe('400px');
  viewport.become(innerHeight);
  expect(visible()).toBe('');
});

it('lays nothing out anew for who zooms in, and nothing once it is over', () => {
  const viewport = new Viewport();
  stop = followKeyboard(viewport as unknown as VisualViewport);
  viewport.become(300, 2);
  expect(visible()).toBe('');
  viewport.become(300);
  stop();
  expect(visible()).toBe('');
  viewport.become(200);
  expect(visible()).toBe('');
});
