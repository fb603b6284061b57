/** What a frame lacks of a window of its own, and what differs between a desk and a hand. */

/** What a system speaks where the app's people live. */
const LANGUAGES = ['en-PH', 'fil-PH'];

/** The media features that a scene decides and not the machine that draws it, with their answers. */
type Answers = Readonly<Record<string, boolean>>;

function decided(query: string, answers: Answers): boolean | undefined {
  return Object.entries(answers).find(([feature]) => query.includes(feature))?.[1];
}

function rewrite(rules: CSSRuleList, answers: Answers): void {
  for (const rule of rules) {
    if (rule instanceof CSSMediaRule) {
      const answer = decided(rule.media.mediaText, answers);
      if (answer !== undefined) rule.media.mediaText = answer ? 'all' : 'not all';
    }
    if (rule instanceof CSSGroupingRule) rewrite(rule.cssRules, answers);
  }
}

/** Makes this frame a window with the focus, in somebody's hand or on their desk, where nothing moves by itself. */
export function furnish(touch: boolean): void {
  const answers: Answers = { 'pointer: coarse': touch, 'prefers-reduced-motion': true };
  for (const sheet of document.styleSheets) rewrite(sheet.cssRules, answers);
  const ask = window.matchMedia.bind(window);
  window.matchMedia = (query) => {
    const answer = decided(query, answers);
    return ask(answer === undefined ? query : answer ? 'all' : 'not all');
  };

  Object.defineProperty(navigator, 'languages', { value: LANGUAGES });
  // All frames are on show at once, and each is looked at as if it were the only one.
  document.hasFocus = () => true;
  const alone = (event: Event): void => {
    if (event.target === window) event.stopImmediatePropagation();
  };
  addEventListener('blur', alone, { capture: true });
  addEventListener('focus', alone, { capture: true });
  // Frames share the history of their page.
  history.pushState = () => undefined;
  history.back = () => undefined;
}
