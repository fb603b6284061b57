import { describe, expect, it } from 'vitest';
import { account } from '../../test/shell';
import type { Connection } from '../api';
import { GRACE_MS, barOf, freshness, type Situation } from './bar';

const NOW = Date.parse('2026-05-03T10:00:00.000Z');
const unreachable: Connection = {
  state: 'offline',
  host: 'chat.school.edu',
  retryAt: '2026-05-03T10:00:08.000Z',
  cause: 'serverUnreachable',
};

function situation(change: Partial<Situation> = {}): Situation {
  return {
    session: { state: 'signedIn', account },
    connection: unreachable,
    down: null,
    inStepAt: NOW - GRACE_MS,
    waiting: 0,
    now: NOW,
    ...change,
  };
}

describe('barOf', () => {
  it('says nothing while all is well, and nothing of a drop under five seconds', () => {
    expect(
      barOf(situation({ connection: { state: 'online', asOf: '2026-05-03T10:00:00.000Z' } })),
    ).toBeNull();
    expect(barOf(situation({ inStepAt: NOW - GRACE_MS + 1 }))).toBeNull();
    expect(barOf(situation())).not.toBeNull();
  });

  it('tells no network and no server apart', () => {
    const noNetwork = barOf(situation({ connection: { ...unreachable, cause: 'noNetwork', retryAt: null } }));
    expect(noNetwork).toMatchObject({
      text: 'You’re offline. You can read and write; messages send when you reconnect.',
      action: null,
    });
    expect(barOf(situation())).toMatchObject({
      text: 'Can’t reach chat.school.edu.',
      facts: ['Retrying in 8 s'],
      action: { does: 'retry', label: 'Try now' },
    });
  });

  it('counts down, and then says that it tries', () => {
    expect(barOf(situation({ now: NOW + 7_001 }))?.facts).toEqual(['Retrying in 1 s']);
    expect(barOf(situation({ now: NOW + 8_000 }))?.facts).toEqual(['Retrying…']);
  });

  it('keeps to what is wrong while it tries again', () => {
    const trying = barOf(situation({ connection: { state: 'connecting' }, down: unreachable }));
    expect(trying).toMatchObject({ ...barOf(situation()), facts: ['Retrying…'] });
    expect(barOf(situation({ connection: { state: 'connecting' } }))?.text).toBe(
      'Connecting to chat.school.edu…',
    );
    const noNetwork: Connection = { ...unreachable, cause: 'noNetwork' };
    expect(barOf(situation({ connection: { state: 'connecting' }, down: noNetwork }))).toEqual(
      barOf(situation({ connection: noNetwork })),
    );
  });

  it('says how much waits', () => {
    expect(barOf(situation({ waiting: 3 }))?.facts).toEqual(['Retrying in 8 s', '3 waiting']);
    const noNetwork: Connection = { ...unreachable, cause: 'noNetwork' };
    expect(barOf(situation({ connection: noNetwork, waiting: 3 }))).toMatchObject({
      facts: ['3 waiting'],
      action: { label: 'Retry now' },
    });
  });

  it('says that it updates after a long absence', () => {
    expect(barOf(situation({ connection: { state: 'catchingUp' } }))?.text).toBe('Updating…');
  });

  it('asks to sign in again at once, and says what for', () => {
    const expired = { session: { state: 'expired', account } as const, inStepAt: NOW };
    expect(barOf(situation(expired))?.text).toBe('Your session has ended.');
    expect(barOf(situation({ ...expired, waiting: 1 }))?.text).toBe('Sign in again to send 1 message.');
    expect(barOf(situation({ ...expired, waiting: 3 }))).toMatchObject({
      text: 'Sign in again to send 3 messages.',
      action: { does: 'signIn' },
    });
  });
});

describe('freshness', () => {
  const now = new Date(2026, 4, 3, 14, 30);
  const asOf = new Date(2026, 4, 3, 14, 2).toISOString();

  it('never takes what is old for current', () => {
    expect(freshness({ state: 'online', asOf }, asOf, now)).toMatch(/^Up to date as of .*2:02/);
    expect(freshness(unreachable, asOf, now)).toMatch(/^Last up to date: .*2:02/);
    expect(freshness({ state: 'catchingUp' }, asOf, new Date(2026, 4, 4, 9))).toBe(
      'Last up to date: Yesterday',
    );
    expect(freshness(unreachable, null, now)).toBe('Not up to date');
  });
});
