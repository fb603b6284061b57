/** The webview's own context menu, which is a browser's: it offers to go back and to reload. */

/** Keeps it where it is of use: in what one writes, and on what is selected. */
export function keepToText(event: MouseEvent): void {
  const writes =
    event.target instanceof Element && event.target.closest('input, textarea, [contenteditable]') !== null;
  if (!writes && getSelection()?.isCollapsed !== false) event.preventDefault();
}
