/** What can be done with the messages of a conversation: how a bubble tells of it. */
import type { TimelineItem } from '../api';

/** Where a menu was asked for, and what it is about besides the message. */
export interface MenuPlace {
  /** In pixels of the window. */
  readonly x: number;
  readonly y: number;
  /** The address of the link that was pressed. */
  readonly link: string | null;
  /** What is selected of the message. */
  readonly selection: string;
}

export interface MessageActs {
  readonly menu: (item: TimelineItem, place: MenuPlace) => void;
  readonly retry: (item: TimelineItem) => void;
  readonly edit: (item: TimelineItem) => void;
  readonly remove: (item: TimelineItem) => void;
  readonly copy: (item: TimelineItem) => void;
  /** A link was followed; it opens only once somebody has seen where it leads. */
  readonly follow: (url: string) => void;
}

/** What is selected, where the selection begins or ends within `element`. */
export function selectionIn(element: Element): string {
  const selection = getSelection();
  if (selection === null || selection.isCollapsed) return '';
  const within = element.contains(selection.anchorNode) || element.contains(selection.focusNode);
  return within ? selection.toString() : '';
}
