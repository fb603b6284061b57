/** What the connection bar says. Pure: the time comes in. */
import type { Connection, SessionState } from '../api';
import { hostOf } from '../format/server';
import { shortTime } from '../format/time';
import { t } from '../i18n';

/** A drop shorter than this is not shown. */
export const GRACE_MS = 5_000;

/** A connection that is not there, with its reason. */
export type Offline = Extract<Connection, { state: 'offline' }>;

export interface Situation {
  readonly session: SessionState;
  readonly connection: Connection;
  /** Why there was no connection when it was last tried, until there is one. */
  readonly down: Offline | null;
  /** When the app was last in step with the server, started, or got a session; milliseconds since 1970. */
  readonly inStepAt: number;
  /** How many changes wait to be sent. */
  readonly waiting: number;
  readonly now: number;
}

export interface Bar {
  readonly tone: 'calm' | 'warning';
  readonly text: string;
  /** Further facts, shown after the text: the countdown, the number waiting. */
  readonly facts: readonly string[];
  readonly action: { readonly does: 'retry' | 'signIn' | 'trust'; readonly label: string } | null;
}

const CAUSES = {
  serverUnreachable: 'bar.unreachable',
  serverError: 'bar.serverError',
  keyringLocked: 'bar.keyringLocked',
} as const;

/** The bar for this situation, or `null` where there is nothing worth saying. */
export function barOf({ session, connection, down, inStepAt, waiting, now }: Situation): Bar | null {
  if (session.state === 'signedOut') return null;
  if (session.state === 'expired') {
    return {
      tone: 'warning',
      text: waiting > 0 ? t('bar.expiredWaiting', { count: waiting }) : t('bar.expired'),
      facts: [],
      action: { does: 'signIn', label: t('bar.signIn') },
    };
  }
  if (connection.state === 'online' || now - inStepAt < GRACE_MS) return null;
  const waits = waiting > 0 ? [t('bar.waiting', { count: waiting })] : [];
  switch (connection.state) {
    case 'catchingUp':
      return { tone: 'calm', text: t('bar.updating'), facts: [], action: null };
    case 'connecting':
      // A try is no news: what is wrong stays, so that nothing flickers and nobody hears it again and again.
      if (down !== null) return offline(down, [t('bar.retrying')], waits);
      return {
        tone: 'calm',
        text: t('bar.connecting', { host: hostOf(session.account.server) }),
        facts: waits,
        action: null,
      };
    case 'offline':
      return offline(
        connection,
        connection.retryAt === null ? [] : [retrying(connection.retryAt, now)],
        waits,
      );
  }
}

function offline({ host, cause }: Offline, tries: readonly string[], waits: readonly string[]): Bar {
  switch (cause) {
    case 'noNetwork':
      return {
        tone: 'calm',
        text: t('bar.offline'),
        facts: waits,
        action: waits.length > 0 ? { does: 'retry', label: t('bar.retryNow') } : null,
      };
    case 'insecure':
      return {
        tone: 'warning',
        text: t('bar.insecure', { host }),
        facts: waits,
        action: { does: 'trust', label: t('trust.look') },
      };
    case 'serverUnreachable':
    case 'serverError':
    case 'keyringLocked':
      return {
        tone: 'warning',
        text: t(CAUSES[cause], { host }),
        facts: [...tries, ...waits],
        action: { does: 'retry', label: t('bar.tryNow') },
      };
  }
}

/** How fresh what is on the screen is; `asOf` is when it was last in step with the server, if it ever was. */
export function freshness(connection: Connection, asOf: string | null, now: Date): string {
  if (asOf === null) return t('account.notUpToDate');
  const time = shortTime(new Date(asOf), now);
  return t(connection.state === 'online' ? 'account.upToDate' : 'account.lastUpToDate', { time });
}

function retrying(at: string, now: number): string {
  const seconds = Math.ceil((new Date(at).getTime() - now) / 1_000);
  return seconds > 0 ? t('bar.retryingIn', { seconds }) : t('bar.retrying');
}
