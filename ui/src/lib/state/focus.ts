/**
 * Remembers what has the focus; answers how to give it back, for what opens on top and is gone afterwards.
 *
 * Nothing is given back where the focus has moved on meanwhile.
 */
export function keepFocus(): () => void {
  const before = document.activeElement;
  return () => {
    const lost = document.activeElement === null || document.activeElement === document.body;
    if (lost && before instanceof HTMLElement && before.isConnected) before.focus();
  };
}
