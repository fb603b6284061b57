/** What was found wrong with one variant of a scene. */
export interface Report {
  readonly variant: string;
  readonly problems: readonly string[];
}

/** An element as a report names it: enough to find it, and no more. */
export function nameOf(element: Element): string {
  const test = element.closest<HTMLElement>('[data-testid]')?.dataset.testid;
  const own = element.cloneNode(false);
  const markup = own instanceof Element ? own.outerHTML.slice(0, 160) : '';
  const text = element.textContent.trim().replace(/\s+/g, ' ').slice(0, 40);
  return `${markup} “${text}”${test === undefined ? '' : ` in ${test}`}`;
}
