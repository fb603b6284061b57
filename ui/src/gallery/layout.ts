/** What an intact layout means: nothing out of reach, nothing cut off, and what a finger is to hit is large enough. */
import { nameOf } from './report';

/** What people press or fill in. */
const CONTROLS =
  'a[href], button:enabled, input:enabled, select:enabled, textarea:enabled, summary, [role="option"], [role="menuitem"], [role="switch"]';

/** The least that a finger is given to hit (`--target` in `tokens.css`), in CSS pixels. */
const FINGER_PX = 44;

/** The least that a day of a calendar is given in width: a minimum target of WCAG 2.2. */
const DAY_PX = 24;

/** Boxes are measured in fractions of a pixel. */
const SLACK_PX = 1;

function shown(element: Element): boolean {
  if (element.closest('.unseen, [inert]') !== null) return false;
  // What lies behind a dialog is out of reach.
  const dialog = [...document.querySelectorAll('dialog[open]')].at(-1);
  if (dialog !== undefined && !dialog.contains(element)) return false;
  const { width, height } = element.getBoundingClientRect();
  return width > 0 && height > 0 && element.checkVisibility({ visibilityProperty: true });
}

/** What one hits for this control: its label where that holds it. */
function target(control: Element): Element {
  const holds = control instanceof HTMLInputElement && /^(checkbox|radio)$/.test(control.type);
  return (holds ? control.closest('label') : null) ?? control;
}

/** A link within a sentence keeps to its line. */
function inSentence(control: Element): boolean {
  const sentence = control.closest('p');
  return sentence !== null && sentence.textContent.trim() !== control.textContent.trim();
}

function overflows(element: Element): boolean {
  return element.scrollWidth > element.clientWidth + SLACK_PX;
}

function* sideways(): Generator<string> {
  const page = document.scrollingElement;
  if (page !== null && page.scrollWidth > innerWidth) yield `the page is ${page.scrollWidth} px wide`;
  for (const element of document.querySelectorAll('#app *, dialog *')) {
    if (!shown(element) || !overflows(element)) continue;
    const { overflowX } = getComputedStyle(element);
    if (overflowX !== 'auto' && overflowX !== 'scroll') continue;
    const { left, right } = element.getBoundingClientRect();
    const wide = [...element.querySelectorAll('*')].find((part) => {
      const box = part.getBoundingClientRect();
      return box.width > 0 && (box.right > right || box.left < left);
    });
    yield `it scrolls sideways: ${nameOf(element)}, for ${wide === undefined ? 'a text' : nameOf(wide)}`;
  }
}

function* outside(controls: readonly Element[]): Generator<string> {
  for (const control of controls) {
    const { left, right } = control.getBoundingClientRect();
    if (left < -SLACK_PX || right > innerWidth + SLACK_PX) yield `it lies outside: ${nameOf(control)}`;
  }
}

function* cut(controls: readonly Element[]): Generator<string> {
  for (const control of controls) {
    if (control.matches('input, textarea, select')) continue;
    for (const element of [control, ...control.querySelectorAll('*')]) {
      // What is hidden from screen readers is a picture, such as initials in a circle.
      if (element.matches('.unseen, svg, svg *, [aria-hidden="true"]')) continue;
      const { overflowX, textOverflow, display } = getComputedStyle(element);
      const ellipsis = overflowX !== 'visible' && textOverflow === 'ellipsis';
      if (display !== 'inline' && !ellipsis && overflows(element))
        yield `its text is cut: ${nameOf(element)}`;
    }
  }
}

/** Whether a finger reaches it as things are: what is scrolled out of sight is reached otherwise. */
function reached(element: Element): boolean {
  const { left, top, width, height } = element.getBoundingClientRect();
  const hit = document.elementFromPoint(left + width / 2, top + height / 2);
  return hit !== null && (element.contains(hit) || hit.contains(element));
}

/** Each too small, and nearer to another than a finger is wide. */
function* small(controls: readonly Element[]): Generator<string> {
  const targets = [
    ...new Set(
      controls
        .filter((control) => !inSentence(control))
        .map(target)
        .filter(reached),
    ),
  ];
  const boxes = targets.map((element) => ({ element, box: element.getBoundingClientRect() }));
  for (const { element, box } of boxes) {
    // A week is no wider than the screen; each of its days is as high as a finger.
    const wide = element.closest('[role="grid"]') === null ? FINGER_PX : DAY_PX;
    if (box.width >= wide - SLACK_PX && box.height >= FINGER_PX - SLACK_PX) continue;
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const reach = FINGER_PX / 2 - SLACK_PX;
    const near = boxes.find(
      (other) =>
        other.element !== element &&
        other.box.left < x + reach &&
        other.box.right > x - reach &&
        other.box.top < y + reach &&
        other.box.bottom > y - reach,
    );
    if (near === undefined) continue;
    const size = `${Math.round(box.width)}×${Math.round(box.height)} px`;
    yield `it is small for a finger, ${size}: ${nameOf(element)} beside ${nameOf(near.element)}`;
  }
}

/** Everything that is wrong with the layout of what is on the screen now. */
export function flaws(touch: boolean): string[] {
  const controls = [...document.querySelectorAll(CONTROLS)].filter(shown);
  return [...sideways(), ...outside(controls), ...cut(controls), ...(touch ? small(controls) : [])];
}
