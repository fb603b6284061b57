/** What must hold of every component's source, whoever writes it. */
import { parse, type AST } from 'svelte/compiler';
import { describe, expect, it } from 'vitest';

const components = import.meta.glob<string>('../**/*.svelte', {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** Attributes whose values people read or hear. */
const SPOKEN = new Set([
  'alt',
  'aria-description',
  'aria-label',
  'aria-roledescription',
  'label',
  'placeholder',
  'title',
]);
/** What holds no text for people. */
const MACHINE = new Set(['ClassDirective', 'Comment', 'StyleDirective']);
const WORD = /\p{L}{2,}/u;

type Node = AST.BaseNode & Record<string, unknown>;

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

function* children(node: Node): Generator<Node> {
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) yield* value.filter(isNode);
    else if (isNode(value)) yield value;
  }
}

/** The words that an expression shows, wherever they come from but a call. */
function* literals(node: Node): Generator<string> {
  if (node.type === 'CallExpression' || node.type === 'MemberExpression') return;
  if (node.type === 'BinaryExpression' && node.operator !== '+') return;
  if (node.type === 'Literal' && typeof node.value === 'string') yield node.value;
  if (node.type === 'TemplateElement') yield (node.value as { cooked: string }).cooked;
  if (node.type === 'ConditionalExpression') {
    yield* literals(node.consequent as Node);
    yield* literals(node.alternate as Node);
    return;
  }
  for (const child of children(node)) yield* literals(child);
}

/** Every text of a template that does not come from the catalogue. */
function* words(node: Node): Generator<string> {
  if (node.type === 'Text') yield String(node.data);
  else if (node.type === 'ExpressionTag') yield* literals(node.expression as Node);
  else if (node.type === 'Attribute') {
    if (SPOKEN.has(String(node.name))) for (const part of children(node)) yield* words(part);
    // What an attribute holds otherwise are names for machines, or snippets and handlers.
  } else if (!MACHINE.has(node.type)) {
    for (const child of children(node)) yield* words(child);
  }
}

function outside(source: string): string[] {
  const { fragment } = parse(source, { modern: true });
  return [...words(fragment as unknown as Node)].filter((text) => WORD.test(text)).map((text) => text.trim());
}

describe('texts', () => {
  it.each(Object.entries(components))('of %s all come from the catalogue', (_, source) => {
    expect(outside(source)).toEqual([]);
  });

  it('that stand in a template are found', () => {
    expect(outside('<p>Hello</p>')).toEqual(['Hello']);
    expect(outside('<p>{busy ? "Wait" : t("app.name")}</p>')).toEqual(['Wait']);
    expect(outside('<p>{`Hello ${name}`}</p>')).toEqual(['Hello']);
    expect(outside('<b title="Close">{x}</b><Field label={"Name"} class="one two" />')).toEqual([
      'Close',
      'Name',
    ]);
    expect(outside('{#if a}<i>{t("app.name")} · {name}</i>{:else}Nothing{/if}')).toEqual(['Nothing']);
  });
});

/** Properties that know left and right, where `inline` and `block` know the direction of the text. */
const PHYSICAL =
  /^\s*(?:(?:margin|padding|border)-(?:left|right)|left|right|border-(?:top|bottom)-(?:left|right)-radius|(?:text-align|float|clear):\s*(?:left|right)\b)/m;

describe('styles', () => {
  it.each(Object.entries(components))('of %s follow the direction of the text', (_, source) => {
    const { css } = parse(source, { modern: true });
    expect(css?.content.styles ?? '').not.toMatch(PHYSICAL);
  });

  it('that do not are found', () => {
    expect('a {\n  margin-left: 1rem;\n}').toMatch(PHYSICAL);
    expect('a {\n  text-align: right;\n}').toMatch(PHYSICAL);
    expect('a {\n  padding-inline: 1rem;\n  text-align: end;\n}').not.toMatch(PHYSICAL);
  });
});
