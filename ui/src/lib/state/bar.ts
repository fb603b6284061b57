/** What the connection bar says. Pure: the time comes in. */
import type { Connection, SessionState } from '../api';
import { hostOf } from '../format/server';
import { t } from '../i18n';

/** A drop shorter than this is not shown. */
export const GRACE_MS = 5_000;

export interface Situation {
  readonly session: SessionState;
  readonly connection: Connection;
  /** When the app was last in step with the server, or started; milliseconds since 1970. */
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
export function barOf({ session, connection, inStepAt, waiting, now }: Situation): Bar | null {
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
  const host = connection.state === 'offline' ? connection.host : hostOf(session.account.server);
  const waits = waiting > 0 ? [t('bar.waiting', { count: waiting })] : [];
  switch (connection.state) {
    case 'catchingUp':
      return { tone: 'calm', text: t('bar.updating'), facts: [], action: null };
    case 'connecting':
      return { tone: 'calm', text: t('bar.connecting', { host }), facts: waits, action: null };
    case 'offline': {
      const tries = connection.retryAt === null ? [] : [retrying(connection.retryAt, now)];
      if (connection.cause === 'noNetwork') {
        return {
          tone: 'calm',
          text: t('bar.offline'),
          facts: waits,
          action: waiting > 0 ? { does: 'retry', label: t('bar.retryNow') } : null,
        };
      }
      if (connection.cause === 'insecure') {
        return {
          tone: 'warning',
          text: t('bar.insecure', { host }),
          facts: waits,
          action: { does: 'trust', label: t('trust.look') },
        };
      }
      return {
        tone: 'warning',
        text: t(CAUSES[connection.cause], { host }),
        facts: [...tries, ...waits],
        action: { does: 'retry', label: t('bar.tryNow') },
      };
    }
  }
}

function retrying(at: string, now: number): string {
  const seconds = Math.ceil((new Date(at).getTime() - now) / 1_000);
  return seconds > 0 ? t('bar.retryingIn', { seconds }) : t('bar.retrying');
}
