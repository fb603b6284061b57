/** What lies on top of what: Escape and the system's Back close one layer a press, the topmost first. */
type Close = () => void;

const open: Close[] = [];
let told: () => void = () => undefined;

/**
 * Puts a layer on top, or beneath all others; answers how to take it away again without closing it.
 *
 * Beneath is the place of what others open in front of, however late it came: a conversation lies under its search.
 */
export function pushLayer(close: Close, beneath = false): () => void {
  if (beneath) open.unshift(close);
  else open.push(close);
  told();
  return () => {
    const at = open.lastIndexOf(close);
    if (at !== -1) open.splice(at, 1);
    told();
  };
}

/** Closes the topmost layer; answers whether there was one. */
function closeTop(): boolean {
  const close = open.at(-1);
  close?.();
  return close !== undefined;
}

/** Closes the topmost layer. Goes on the window once, for as long as the app runs. */
export function closeOnEscape(event: KeyboardEvent): void {
  // An input method uses Escape for itself while it composes.
  if (event.key !== 'Escape' || event.isComposing || event.defaultPrevented) return;
  if (closeTop()) event.preventDefault();
}

/**
 * Lets the system's Back (a phone's gesture or button, a mouse's key) close the topmost layer; answers how to stop.
 *
 * While anything is open there is one entry more in the window's history, which Back takes away. What was closed
 * another way takes it away itself, so that Back always does something.
 */
export function closeOnBack(view: Window): () => void {
  const onGuard = (): boolean => (view.history.state as { layers?: boolean } | null)?.layers === true;
  let ahead = onGuard();
  /** Whether a step back that was asked for here is under way: it is answered later, and closes nothing. */
  let returning = false;
  let waiting = false;

  const settle = (): void => {
    waiting = false;
    if (returning || ahead === open.length > 0) return;
    if (ahead) {
      returning = true;
      view.history.back();
    } else {
      view.history.pushState({ layers: true }, '');
    }
    ahead = !ahead;
  };
  // Later, because one layer often goes only to make room for the next.
  const later = (): void => {
    if (waiting) return;
    waiting = true;
    setTimeout(settle);
  };
  const back = (): void => {
    const asked = returning;
    returning = false;
    // Forward leads to the entry again, which closes nothing.
    ahead = onGuard();
    if (!asked && !ahead) closeTop();
    later();
  };

  view.addEventListener('popstate', back);
  told = later;
  later();
  return () => {
    view.removeEventListener('popstate', back);
    told = () => undefined;
  };
}
