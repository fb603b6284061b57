/** The part of the page that an on-screen keyboard leaves, for webviews that lay the keyboard over the page. */

/** Keeps `--visible-height` in step from now on; answers how to stop. */
export function followKeyboard(viewport: VisualViewport): () => void {
  const root = document.documentElement;
  const apply = (): void => {
    // Who zooms in sees less of the page, and wants no other layout.
    const covered = viewport.scale === 1 && viewport.height < innerHeight - 1;
    if (!covered) {
      root.style.removeProperty('--visible-height');
      return;
    }
    root.style.setProperty('--visible-height', `${viewport.height}px`);
    // The system scrolls the field into view as if the page were as long as before.
    scrollTo(0, 0);
  };
  apply();
  viewport.addEventListener('resize', apply);
  return () => {
    viewport.removeEventListener('resize', apply);
    root.style.removeProperty('--visible-height');
  };
}
