/** A message's fate in words, for labels and tooltips. */
import type { Status, TimelineItem } from '../api';
import { t } from '../i18n';
import { timeOfDay } from './time';

/** Says how far an own message has come, with the time where it is known: `Read 14:02`. */
export function statusLabel(
  status: Status,
  item: Pick<TimelineItem, 'sentAt' | 'deliveredAt' | 'readAt'>,
): string {
  const at = (time: string) => ({ time: timeOfDay(new Date(time)) });
  switch (status.state) {
    case 'sent':
      return t('status.sentAt', at(item.sentAt));
    case 'delivered':
      return item.deliveredAt === null
        ? t('status.delivered')
        : t('status.deliveredAt', at(item.deliveredAt));
    case 'read':
      return item.readAt === null ? t('status.read') : t('status.readAt', at(item.readAt));
    case 'waiting':
    case 'sending':
    case 'refused':
    case 'held':
      return t(`status.${status.state}`);
  }
}
