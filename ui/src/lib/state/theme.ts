/** Which colours the screen has: `data-theme` on the root element, read by `tokens.css`. */
import type { Theme } from '../api';

/** Shows `theme` from now on, following the system where it says so; answers how to stop. */
export function applyTheme(theme: Theme): () => void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = (): void => {
    document.documentElement.dataset.theme = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
  };
  apply();
  dark.addEventListener('change', apply);
  return () => {
    dark.removeEventListener('change', apply);
  };
}
