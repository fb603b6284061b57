/** What axe says of what is on the screen now. */
import axe from 'axe-core';
import type { Asked } from './variants';

const RULES: Readonly<Record<Asked, axe.RunOnly>> = {
  everything: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] },
  places: { type: 'rule', values: ['target-size', 'scrollable-region-focusable'] },
};

/** Texts that do not stand out from their ground; the one thing that another theme changes. */
export function pale(): Promise<string[]> {
  return violations({ type: 'rule', values: ['color-contrast'] });
}

/** Every serious or critical violation of WCAG 2.2, level AA, as far as it is asked for. */
export function inaccessible(asked: Asked): Promise<string[]> {
  return violations(RULES[asked]);
}

async function violations(runOnly: axe.RunOnly): Promise<string[]> {
  const { violations: found } = await axe.run(document, {
    runOnly,
    // Of the newest WCAG, which axe leaves out where nobody names it.
    ...(runOnly.type === 'tag' ? { rules: { 'target-size': { enabled: true } } } : {}),
    resultTypes: ['violations'],
    preload: false,
  });
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, html, any }) => {
        const why = any.map(({ message }) => message).join('; ');
        return `axe ${id} (${help}): ${target.join(' ')} ${html.slice(0, 200)} ${why}`;
      }),
    );
}
