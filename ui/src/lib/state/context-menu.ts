/** Asking what can be done with something: the right key of a mouse, a long press, or the keyboard. */
import type { Attachment } from 'svelte/attachments';
import { longPress } from './press';

/** A place in the window, in CSS pixels. */
interface Point {
  readonly x: number;
  readonly y: number;
}

/** Calls `open` with the place where the menu is asked for. */
export function contextMenu(open: (at: Point) => void): Attachment<HTMLElement> {
  return (element) => {
    const middle = (): Point => {
      const { left, top, width, height } = element.getBoundingClientRect();
      return { x: left + width / 2, y: top + height / 2 };
    };
    const menu = (event: MouseEvent): void => {
      event.preventDefault();
      // Where a webview turns the keyboard's question into this event, it comes from nowhere.
      open(event.clientX === 0 && event.clientY === 0 ? middle() : { x: event.clientX, y: event.clientY });
    };
    const press = (event: KeyboardEvent): void => {
      if (event.key !== 'ContextMenu' && !(event.key === 'F10' && event.shiftKey)) return;
      event.preventDefault();
      open(middle());
    };

    const forget = longPress(open)(element);
    element.addEventListener('contextmenu', menu);
    element.addEventListener('keydown', press);
    return () => {
      if (typeof forget === 'function') forget();
      element.removeEventListener('contextmenu', menu);
      element.removeEventListener('keydown', press);
    };
  };
}
