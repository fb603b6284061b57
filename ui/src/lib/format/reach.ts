/** What a search covers, in words. */
import type { Connection, Reach } from '../api';
import { t } from '../i18n';
import { date } from './time';

/** `Searches this device, complete since 3 May. …`, or that it has everything, or that nobody knows. */
export function reachText(reach: Reach, connection: Connection, now: Date): string {
  switch (reach.kind) {
    case 'all':
      return t('search.complete');
    case 'unknown':
      return t('search.unknown');
    case 'since': {
      const text = connection.state === 'offline' ? 'search.sinceOffline' : 'search.since';
      return t(text, { date: date(new Date(reach.time), now) });
    }
  }
}
