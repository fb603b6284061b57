/** All variants of a screen beside one another: a window of its own for each, and one picture of all. */
import type { Report } from './report';
import { CAPTION, SHEET, VARIANTS, type Variant } from './variants';

interface Frame {
  readonly variant: Variant;
  readonly window: Window;
}

interface Gallery {
  /** How large the page is, in CSS pixels. */
  readonly size: { readonly width: number; readonly height: number };
  /** What there is to show, in the order of the index. */
  readonly scenes: readonly { readonly name: string; readonly group: string; readonly about: string }[];
  /** Shows a scene in every variant in light colours, and answers what is wrong with each. */
  show(scene: string): Promise<readonly Report[]>;
  /** Shows the same in dark colours, and answers what is wrong with those. */
  darken(): Promise<readonly Report[]>;
}

declare global {
  interface Window {
    gallery?: Gallery;
  }
}

function styled(element: HTMLElement, style: Readonly<Record<string, string>>): HTMLElement {
  for (const [property, value] of Object.entries({ position: 'absolute', ...style })) {
    element.style.setProperty(property, value);
  }
  document.body.append(element);
  return element;
}

function framed(variant: Variant): Promise<Frame> {
  const { name, left, width, height } = variant;
  const caption = document.createElement('p');
  caption.textContent = name;
  styled(caption, {
    left: `${left}px`,
    top: '0',
    margin: '0',
    font: '13px/20px sans-serif',
    color: '#fff',
  });
  const frame = document.createElement('iframe');
  frame.src = `frame.html?variant=${VARIANTS.indexOf(variant)}`;
  styled(frame, {
    left: `${left}px`,
    top: `${CAPTION}px`,
    width: `${width}px`,
    height: `${height}px`,
    border: '0',
  });
  return new Promise((resolve, reject) => {
    frame.addEventListener('load', () => {
      const inside = frame.contentWindow;
      if (inside?.show === undefined) reject(new Error(`${name} did not start`));
      else resolve({ variant, window: inside });
    });
  });
}

document.body.style.background = '#5d6170';
const frames = await Promise.all(VARIANTS.map(framed));

function all(ask: (window: Window) => Promise<readonly string[]> | undefined): Promise<readonly Report[]> {
  return Promise.all(
    frames.map(async ({ variant, window }) => ({
      variant: variant.name,
      problems: (await ask(window)) ?? ['it is not there'],
    })),
  );
}

window.gallery = {
  size: SHEET,
  scenes: frames[0]?.window.scenes ?? [],
  show: (scene) => all((frame) => frame.show?.(scene)),
  darken: () => all((frame) => frame.darken?.()),
};
