/** A long press, which on a touch screen is what a right click is elsewhere. */
import type { Attachment } from 'svelte/attachments';

/** How long a finger must rest, as long as the systems themselves ask for. */
const PRESS_MS = 500;

/** A finger that moves further than this scrolls, in pixels. */
const SLIP_PX = 10;

/**
 * Calls `pressed` where a finger has rested on the element. Not every system's webview opens a context menu then, so it
 * is timed here for all, and the menu of those that do is left out.
 */
export function longPress(pressed: (at: { x: number; y: number }) => void): Attachment<HTMLElement> {
  return (element) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let from = { x: 0, y: 0 };
    /** Whether the finger that is down has opened the menu: its lifting presses nothing. */
    let held = false;

    const stop = (): void => {
      clearTimeout(timer);
      timer = undefined;
    };
    const down = (event: PointerEvent): void => {
      stop();
      held = false;
      if (event.pointerType !== 'touch' || !event.isPrimary) return;
      from = { x: event.clientX, y: event.clientY };
      timer = setTimeout(() => {
        timer = undefined;
        held = true;
        pressed(from);
      }, PRESS_MS);
    };
    const move = (event: PointerEvent): void => {
      if (Math.hypot(event.clientX - from.x, event.clientY - from.y) > SLIP_PX) stop();
    };
    const swallow = (event: Event): void => {
      if (!held) return;
      event.preventDefault();
      event.stopPropagation();
    };
    const menu = (event: Event): void => {
      // The system's own long press was first, or comes on top.
      if (timer !== undefined) stop();
      else swallow(event);
    };

    element.addEventListener('pointerdown', down);
    element.addEventListener('pointermove', move);
    element.addEventListener('pointerup', stop);
    element.addEventListener('pointercancel', stop);
    element.addEventListener('contextmenu', menu, { capture: true });
    element.addEventListener('click', swallow, { capture: true });
    return () => {
      stop();
      element.removeEventListener('pointerdown', down);
      element.removeEventListener('pointermove', move);
      element.removeEventListener('pointerup', stop);
      element.removeEventListener('pointercancel', stop);
      element.removeEventListener('contextmenu', menu, { capture: true });
      element.removeEventListener('click', swallow, { capture: true });
    };
  };
}
