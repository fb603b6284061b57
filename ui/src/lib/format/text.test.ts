import { describe, expect, it } from 'vitest';
import { harmless } from './text';

describe('harmless', () => {
  it('shows control characters and overrides instead of obeying them', () => {
    expect(harmless('a\u0000b\u001B[31mc\u007Fd\u0085e\u009Bf')).toBe('a␀b␛[31mc␡d\ne\uFFFDf');
    expect(harmless('photo_\u202Egpj.exe')).toBe('photo_\uFFFDgpj.exe');
  });

  it('has one kind of line end', () => {
    expect(harmless('a\r\nb\rc\u2028d\u2029e\vf\fg')).toBe('a\nb\nc\nd\ne\nf\ng');
  });

  it.each(['plain text', 'مرحبا \u200Fabc\u200E', '\u202A+63 917\u202C', '👩‍👩‍👧‍👦 e\u0301', 'tab\there\nline'])(
    'leaves %j as it is',
    (text) => {
      expect(harmless(text)).toBe(text);
    },
  );
});
