/** Pulling a list down with a finger, to ask for what is new. */
import type { Attachment } from 'svelte/attachments';

/** How far the list is pulled before letting go asks, in CSS pixels. */
export const PULL_ENOUGH_PX = 64;

/** A list follows a finger by this share of its way, as something that is held back does. */
const RESISTANCE = 0.5;

/** How far it can be pulled, in CSS pixels. */
const PULL_MOST_PX = 96;

export interface Pull {
  /** The list is pulled down by this many CSS pixels; 0 once it is let go. */
  moved(by: number): void;
  /** It was let go, far enough down. */
  asked(): void;
}

/** Lets a finger pull the list down while it stands at its top. Everything else is left to scrolling. */
export function pullable(pull: Pull): Attachment<HTMLElement> {
  return (list) => {
    let from: number | null = null;
    let by = 0;

    const start = ({ touches }: TouchEvent): void => {
      const finger = touches.length === 1 ? touches[0] : undefined;
      from = finger !== undefined && list.scrollTop <= 0 ? finger.clientY : null;
      by = 0;
    };
    const move = (event: TouchEvent): void => {
      const finger = event.touches[0];
      if (from === null || finger === undefined) return;
      const down = (finger.clientY - from) * RESISTANCE;
      if (by === 0 && (down <= 0 || list.scrollTop > 0)) {
        // It began as scrolling, and stays that.
        from = null;
        return;
      }
      event.preventDefault();
      by = Math.max(0, Math.min(down, PULL_MOST_PX));
      pull.moved(by);
    };
    const end = (event: TouchEvent): void => {
      if (from === null) return;
      from = null;
      if (by === 0) return;
      pull.moved(0);
      if (event.type === 'touchend' && by >= PULL_ENOUGH_PX) pull.asked();
    };

    list.addEventListener('touchstart', start, { passive: true });
    // Not passive: while the list is pulled, the page must not be.
    list.addEventListener('touchmove', move, { passive: false });
    list.addEventListener('touchend', end);
    list.addEventListener('touchcancel', end);
    return () => {
      list.removeEventListener('touchstart', start);
      list.removeEventListener('touchmove', move);
      list.removeEventListener('touchend', end);
      list.removeEventListener('touchcancel', end);
    };
  };
}
