import { render, screen } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import type { Status } from '../api';
import StatusIcon from './StatusIcon.svelte';
import UnreadBadge from './UnreadBadge.svelte';

const drawn = (status: Status): string => {
  const { container, unmount } = render(StatusIcon, { status, label: 'x' });
  const shape = `${container.querySelector('svg')?.innerHTML ?? ''} ${container.querySelector('.read') ? 'filled' : ''}`;
  unmount();
  return shape;
};

it('is named by its label', () => {
  render(StatusIcon, { status: { state: 'read' }, label: 'Read 14:02' });
  expect(screen.getByRole('img', { name: 'Read 14:02' })).toBeInTheDocument();
});

it('tells waiting, sent, delivered, read and refused apart by shape', () => {
  const states: Status[] = [
    { state: 'waiting' },
    { state: 'sent' },
    { state: 'delivered' },
    { state: 'read' },
    { state: 'refused', reason: 'no' },
  ];
  expect(new Set(states.map(drawn)).size).toBe(states.length);
});

it('reads an unread number as words, and shows no more than 99+', () => {
  render(UnreadBadge, { count: 120 });
  expect(screen.getByTestId('unread-badge')).toHaveTextContent('99+');
  expect(screen.getByText('120 unread messages')).toBeInTheDocument();
});
