/** What the menu of a message offers. */
import Copy from '@lucide/svelte/icons/copy';
import ExternalLink from '@lucide/svelte/icons/external-link';
import Info from '@lucide/svelte/icons/info';
import Link from '@lucide/svelte/icons/link';
import Pencil from '@lucide/svelte/icons/pencil';
import RotateCcw from '@lucide/svelte/icons/rotate-ccw';
import TextSelect from '@lucide/svelte/icons/text-select';
import Trash2 from '@lucide/svelte/icons/trash-2';
import type { TimelineItem } from '../api';
import type { MenuItem } from '../components/Menu.svelte';
import { t } from '../i18n';
import type { MenuPlace, MessageActs } from './acts';
import { isConfirmed } from './window';

export interface MenuActs extends MessageActs {
  readonly details: (item: TimelineItem) => void;
  readonly copyText: (text: string) => void;
}

/** The entries for `item`: what can't be done with it is left out. */
export function menuOf(item: TimelineItem, { link, selection }: MenuPlace, acts: MenuActs): MenuItem[] {
  const items: MenuItem[] = [];
  const changes = item.mine && item.pending !== 'delete';
  if (link !== null) {
    items.push(
      {
        label: t('link.open'),
        icon: ExternalLink,
        testid: 'menu-open-link',
        run: () => {
          acts.follow(link);
        },
      },
      {
        label: t('message.copyLink'),
        icon: Link,
        testid: 'menu-copy-link',
        run: () => {
          acts.copyText(link);
        },
      },
    );
  }
  if (item.status?.state === 'refused' || (item.lost && item.mine)) {
    items.push({
      label: t(item.lost ? 'message.sendAgain' : 'message.retry'),
      icon: RotateCcw,
      testid: 'menu-retry',
      run: () => {
        acts.retry(item);
      },
    });
  }
  if (selection !== '') {
    items.push({
      label: t('message.copySelection'),
      icon: TextSelect,
      testid: 'menu-copy-selection',
      run: () => {
        acts.copyText(selection);
      },
    });
  }
  items.push({
    label: t('message.copy'),
    icon: Copy,
    testid: 'menu-copy',
    run: () => {
      acts.copy(item);
    },
  });
  if (changes) {
    items.push({
      label: t('message.edit'),
      icon: Pencil,
      testid: 'menu-edit',
      run: () => {
        acts.edit(item);
      },
    });
  }
  items.push({
    label: t('message.info'),
    icon: Info,
    testid: 'menu-info',
    run: () => {
      acts.details(item);
    },
  });
  if (changes) {
    items.push({
      label: t(isConfirmed(item) ? 'message.delete' : 'message.cancel'),
      icon: Trash2,
      danger: true,
      testid: 'menu-delete',
      run: () => {
        acts.remove(item);
      },
    });
  }
  return items;
}
