/** The first picture, which the shell puts into the page: what the first screen shows before anything is asked. */
import type { First } from '../bindings';

/** Where it stands, as `src-tauri/src/first.rs` has it. */
const ID = 'first';

/** Takes it out of the page; `null` where the engine was not open yet, and what it shows has to be asked for. */
export function takeFirst(page: Document): First | null {
  const element = page.getElementById(ID);
  if (element === null) return null;
  element.remove();
  return JSON.parse(element.textContent) as First;
}
