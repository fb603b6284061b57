import { describe, expect, it } from 'vitest';
import { account, ana, ben } from '../../test/shell';
import { ApiError, type Problem } from '../api';
import { t } from '../i18n';
import { failureOf } from './error';
import { invitationCode, invitationOf } from './invitation';
import { lengthOf } from './length';
import { callName, colourOf, fullName, initials } from './person';
import { hostOf, isUnencrypted } from './server';
import { statusLabel } from './status';
import { characters } from './text';
import { dayName, shortTime, timeOfDay } from './time';

describe('times', () => {
  const now = new Date(2026, 4, 6, 12, 0);

  it('are told by their distance', () => {
    expect(dayName(new Date(2026, 4, 6, 0, 1), now)).toBe('Today');
    expect(dayName(new Date(2026, 4, 5, 23, 59), now)).toBe('Yesterday');
    expect(dayName(new Date(2026, 4, 1), now)).toBe('Friday');
    expect(dayName(new Date(2025, 4, 1), now)).toContain('2025');
    expect(shortTime(new Date(2026, 4, 6, 9, 5), now)).toBe(timeOfDay(new Date(2026, 4, 6, 9, 5)));
    expect(shortTime(new Date(2026, 4, 5, 23, 59), now)).toBe('Yesterday');
  });

  it('of a clock that runs ahead are dates, and no day of the week', () => {
    expect(dayName(new Date(2026, 4, 8), now)).toContain('8');
  });
});

describe('invitations', () => {
  it('name a server and a code', () => {
    const server = 'https://chat.school.edu';
    expect(invitationOf(` ${server}/join#K7QX `)).toEqual({ server, code: 'K7QX' });
    expect(invitationOf(`${server}/join/#K7QX`)).toEqual({ server, code: 'K7QX' });
    expect(invitationOf('chat.school.edu/join#K7QX')).toEqual({ server: 'chat.school.edu', code: 'K7QX' });
  });

  it.each([
    'chat.school.edu',
    'https://chat.school.edu/join',
    'https://chat.school.edu/join#',
    '#K7QX',
    '/join#K7QX',
  ])('are not %s', (text) => {
    expect(invitationOf(text)).toBeNull();
  });

  it('may be given by their code alone', () => {
    expect(invitationCode(' K7QX ')).toBe('K7QX');
    expect(invitationCode('chat.school.edu/join#K7QX')).toBe('K7QX');
  });
});

describe('people', () => {
  it('have names and initials, whatever is missing', () => {
    expect(fullName(ben)).toBe('Ben Okoye');
    expect(initials(ben)).toBe('BO');
    const unnamed = { ...ben, firstName: ' ', lastName: '' };
    expect(fullName(unnamed)).toBe('Unnamed (…b1)');
    // Nobody turns letters around to be read as somebody else.
    expect(fullName({ ...ben, firstName: '\u202EnimdA', lastName: ' two\nlines ' })).toBe(
      '\uFFFDnimdA two lines',
    );
    expect(callName(unnamed)).toBe('Unnamed (…b1)');
    expect(initials(unnamed)).toBe('·');
    expect(callName({ ...ben, firstName: '' })).toBe('Okoye');
    expect(initials({ ...ben, firstName: '👩‍🎓 Ben', lastName: 'ß' })).toBe('👩‍🎓SS');
  });

  it('keep their colour', () => {
    expect(colourOf(ana.id)).toBe(colourOf(ana.id));
    expect(colourOf('')).toBe(0);
    expect(colourOf('x'.repeat(10_000))).toBeLessThan(8);
  });
});

describe('statuses', () => {
  const item = {
    sentAt: '2026-05-03T10:00:00Z',
    deliveredAt: '2026-05-03T10:01:00Z',
    readAt: '2026-05-03T10:02:00Z',
  };
  const time = (at: string) => timeOfDay(new Date(at));

  it('say how far a message has come, and when', () => {
    expect(statusLabel({ state: 'waiting' }, item)).toBe('Waiting for connection');
    expect(statusLabel({ state: 'sent' }, item)).toBe(`Sent ${time(item.sentAt)}`);
    expect(statusLabel({ state: 'delivered' }, item)).toBe(`Delivered ${time(item.deliveredAt)}`);
    expect(statusLabel({ state: 'read' }, item)).toBe(`Read ${time(item.readAt)}`);
    expect(statusLabel({ state: 'read' }, { ...item, readAt: null })).toBe('Read');
    expect(statusLabel({ state: 'refused', reason: 'no' }, item)).toBe('Not sent');
  });
});

describe('failures', () => {
  const problems: Problem[] = [
    { kind: 'profileFolder', path: '/data' },
    { kind: 'noSuchHost', host: 'chat.school.edu' },
    { kind: 'untrusted', host: 'chat.school.edu', fingerprint: 'AB:CD', certificate: '3082', helps: true },
    { kind: 'credentials' },
    { kind: 'tooMany', seconds: 30 },
    { kind: 'rejected', reason: 'Registration is closed' },
    { kind: 'otherAccount', userName: 'ana', server: account.serverName },
    { kind: 'tooLong', characters: 10_001 },
    { kind: 'internal' },
  ];

  it.each(problems)('of the kind $kind are worded, with every hole filled', (problem) => {
    const { text } = failureOf(new ApiError(problem, 'raw'));
    expect(text.length).toBeGreaterThan(10);
    expect(text).not.toMatch(/[{}]/);
    // A certificate has a dialog of its own.
    const told = problem.kind === 'untrusted' ? [problem.host] : Object.values(problem).slice(1);
    for (const value of told) {
      if (problem.kind !== 'tooLong') expect(text).toContain(String(value));
    }
  });

  it('that are no errors of commands keep what was thrown for the details', () => {
    expect(failureOf('command not found')).toMatchObject({
      text: 'Something went wrong in Roost.',
      details: 'command not found',
    });
  });
});

describe('a clock that is off', () => {
  const text = (seconds: number) =>
    failureOf(new ApiError({ kind: 'clockOff', host: 'chat.school.edu', seconds }, 'raw')).text;

  it('is told of with its direction, as exactly as people need it', () => {
    expect(text(7 * 60)).toMatch(/^Your clock is 7 minutes fast, so .* chat\.school\.edu/);
    expect(text(-7 * 60)).toMatch(/^Your clock is 7 minutes slow/);
    expect(lengthOf(-3 * 3600)).toBe('3 hours');
    expect(lengthOf(400 * 86_400)).toBe('400 days');
  });
});

it('counts characters as the contract does', () => {
  expect(characters('añ👍')).toBe(3);
});

it('chooses the plural by the number', () => {
  expect(t('unread.label', { count: 1 })).toBe('1 unread message');
  expect(t('unread.label', { count: 3 })).toBe('3 unread messages');
});

it('tells an open connection to another machine', () => {
  expect(hostOf('http://chat.school.edu:3000/')).toBe('chat.school.edu:3000');
  expect(isUnencrypted('http://chat.school.edu/')).toBe(true);
  expect(isUnencrypted('https://chat.school.edu/')).toBe(false);
  expect(isUnencrypted('http://127.0.0.1:3000/')).toBe(false);
  expect(isUnencrypted('http://localhost:3000/')).toBe(false);
});
