/** What lies on top of what: Escape closes one layer a press, the topmost first. */
type Close = () => void;

const open: Close[] = [];

/** Puts a layer on top; answers how to take it away again without closing it. */
export function pushLayer(close: Close): () => void {
  open.push(close);
  return () => {
    const at = open.lastIndexOf(close);
    if (at !== -1) open.splice(at, 1);
  };
}

/** Closes the topmost layer. Goes on the window once, for as long as the app runs. */
export function closeOnEscape(event: KeyboardEvent): void {
  // An input method uses Escape for itself while it composes.
  if (event.key !== 'Escape' || event.isComposing || event.defaultPrevented) return;
  const close = open.at(-1);
  if (close === undefined) return;
  event.preventDefault();
  close();
}
