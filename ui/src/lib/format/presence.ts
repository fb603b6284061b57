/** Whether somebody is there, in words. */
import type { Presence } from '../api';
import { t } from '../i18n';
import { shortTime } from './time';

/** `Online`, `Last seen 14:02`, or `null` where nothing is known. */
export function presenceText(presence: Presence | null, now: Date): string | null {
  if (presence === null) return null;
  if (presence.online) return t('presence.online');
  if (presence.lastSeenAt === null) return null;
  return t('presence.lastSeen', { time: shortTime(new Date(presence.lastSeenAt), now) });
}
