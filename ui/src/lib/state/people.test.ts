import { expect, it } from 'vitest';
import { matches, personById } from './people';

const person = (firstName: string, lastName: string) => ({
  id: '507f1f77bcf86cd799439011',
  firstName,
  lastName,
  role: null,
  avatar: null,
});

it('matches the beginnings of names in any order, accents and case aside', () => {
  const jose = person('José María', 'Núñez');
  for (const query of ['', 'jos', 'NUN', 'nun jose', 'maria', 'n j m'])
    expect(matches(jose, query)).toBe(true);
  for (const query of ['ose', 'jose x', 'maría z']) expect(matches(jose, query)).toBe(false);
  expect(matches(person('李', '小龙'), '小')).toBe(true);
  expect(matches(person('', ''), '…4390')).toBe(false);
});

it('takes an id for somebody, unless it is one’s own or somebody who was found', () => {
  const id = '507f1f77bcf86cd799439011';
  expect(personById(` ${id.toUpperCase()} `, null, [])).toMatchObject({ id, firstName: '' });
  expect(personById(id, id, [])).toBeNull();
  expect(personById(id, null, [person('Ben', 'Okoye')])).toBeNull();
  expect(personById(id.slice(1), null, [])).toBeNull();
});
