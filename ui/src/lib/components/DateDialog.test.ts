import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import DateDialog from './DateDialog.svelte';

const now = new Date(2026, 4, 20, 15, 30);

function ask(day = new Date(2026, 4, 13, 9)) {
  const props = { day, now, onchoose: vi.fn(), onclose: vi.fn() };
  render(DateDialog, { props });
  const dayButton = (date: number) => {
    const found = screen.getAllByTestId('day').filter((button) => button.dataset.day === String(date));
    const button = found[0];
    if (button === undefined) throw new Error(`no day ${date}`);
    return button;
  };
  return { props, user: userEvent.setup(), dayButton };
}

it('begins at the day that it was opened for, and goes where one clicks', async () => {
  const { props, user, dayButton } = ask();
  expect(screen.getByText('May 2026')).toBeVisible();
  await vi.waitFor(() => {
    expect(dayButton(13)).toHaveFocus();
  });
  await user.click(dayButton(12));
  expect(props.onchoose).toHaveBeenCalledExactlyOnceWith(new Date(2026, 4, 12));
  expect(props.onclose).toHaveBeenCalledOnce();
});

it('is used by keys alone', async () => {
  const { props, user, dayButton } = ask();
  await vi.waitFor(() => {
    expect(dayButton(13)).toHaveFocus();
  });
  await user.keyboard('{PageUp}{ArrowLeft}');
  expect(screen.getByText('April 2026')).toBeVisible();
  expect(document.activeElement).toHaveAttribute('data-day', '12');
  await user.keyboard('{Enter}');
  expect(props.onchoose).toHaveBeenCalledExactlyOnceWith(new Date(2026, 3, 12));
});

it('leads to no day that has not come', async () => {
  const { user, dayButton } = ask();
  expect(dayButton(21)).toBeDisabled();
  expect(screen.getByTestId('next-month')).toBeDisabled();
  await user.click(screen.getByTestId('previous-month'));
  expect(screen.getByTestId('next-month')).toBeEnabled();
  expect(screen.getByText('April 2026')).toBeVisible();
});
