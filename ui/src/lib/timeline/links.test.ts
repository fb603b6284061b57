import { describe, expect, it } from 'vitest';
import { destinationOf, linked } from './links';

const links = (text: string) =>
  linked(text).flatMap(({ text: written, url }) => (url === null ? [] : [[written, url]]));

describe('linked', () => {
  it('finds web and mail addresses, and leaves every character where it was', () => {
    const text = 'See https://school.edu/a?b=1#c, www.roost.test or mailto:ana@school.edu. Thanks!';
    expect(links(text)).toEqual([
      ['https://school.edu/a?b=1#c', 'https://school.edu/a?b=1#c'],
      ['www.roost.test', 'https://www.roost.test/'],
      ['mailto:ana@school.edu', 'mailto:ana@school.edu'],
    ]);
    expect(
      linked(text)
        .map((part) => part.text)
        .join(''),
    ).toBe(text);
  });

  it.each([
    'javascript:alert(1)',
    'JAVASCRIPT:alert(1)//https',
    'data:text/html,<b>hi</b>',
    'file:///etc/passwd',
    'roost://join?code=1',
    'ftp://school.edu/',
    'https://school.edu@evil.test/',
    'https://ana:secret@evil.test/',
    'https://',
    'mailto:',
    'nothttps://school.edu',
    `https://school.edu/${'a'.repeat(3_000)}`,
  ])('finds none in %s', (text) => {
    expect(links(text)).toEqual([]);
  });

  it.each([
    ['(https://school.edu/x)', 'https://school.edu/x'],
    ['https://en.wiki.test/Rook_(bird)', 'https://en.wiki.test/Rook_(bird)'],
    ['(see https://en.wiki.test/Rook_(bird)).', 'https://en.wiki.test/Rook_(bird)'],
    ['“https://school.edu/x”', 'https://school.edu/x'],
    ['https://school.edu/x?!', 'https://school.edu/x'],
  ])('knows the sentence from the address in %s', (text, url) => {
    expect(links(text).map(([, found]) => found)).toEqual([url]);
  });

  it('ends an address where a character would reorder it', () => {
    expect(links('https://school.edu/\u202Egpj.exe')).toEqual([
      ['https://school.edu/', 'https://school.edu/'],
    ]);
  });

  it('takes nothing but the address from a mail link', () => {
    expect(links('mailto:ana@school.edu?subject=Hi&attach=/etc/passwd')[0]?.[1]).toBe(
      'mailto:ana@school.edu',
    );
  });

  it('is bounded where somebody writes nothing but addresses', () => {
    expect(links('https://a.test/ '.repeat(600))).toHaveLength(100);
  });
});

describe('destinationOf', () => {
  it('names the host that is asked, and warns of letters that look like others', () => {
    const url = links('https://раypal.test/login')[0]?.[1] ?? '';
    expect(destinationOf(url)).toMatchObject({
      where: 'xn--ypal-43d9g.test',
      lookalike: true,
      encrypted: true,
    });
    expect(destinationOf('http://school.edu:8080/a')).toMatchObject({
      where: 'school.edu:8080',
      lookalike: false,
      encrypted: false,
    });
  });

  it('names whom a mail goes to', () => {
    expect(destinationOf('mailto:ana@school.edu')).toMatchObject({ where: 'ana@school.edu', mail: true });
  });
});
