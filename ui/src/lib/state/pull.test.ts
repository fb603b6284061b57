import { beforeEach, describe, expect, it, vi } from 'vitest';
import { PULL_ENOUGH_PX, pullable } from './pull';

const list = document.createElement('div');
const pull = { moved: vi.fn(), asked: vi.fn() };
let stop: () => void = () => undefined;

function touch(type: string, y?: number): Event {
  const event = new Event(type, { cancelable: true });
  Object.assign(event, { touches: y === undefined ? [] : [{ clientY: y }] });
  list.dispatchEvent(event);
  return event;
}

beforeEach(() => {
  stop();
  vi.clearAllMocks();
  list.scrollTop = 0;
  stop = pullable(pull)(list) as () => void;
});

describe('a list that is pulled', () => {
  it('asks when it is let go far enough down, and goes back', () => {
    touch('touchstart', 100);
    expect(touch('touchmove', 140).defaultPrevented).toBe(true);
    touch('touchmove', 100 + 4 * PULL_ENOUGH_PX);
    expect(pull.moved.mock.lastCall?.[0]).toBeGreaterThanOrEqual(PULL_ENOUGH_PX);
    touch('touchend');
    expect(pull.moved).toHaveBeenLastCalledWith(0);
    expect(pull.asked).toHaveBeenCalledOnce();
  });

  it('asks nothing when it is let go before, pushed back, or taken over by the system', () => {
    touch('touchstart', 100);
    touch('touchmove', 140);
    touch('touchend');
    touch('touchstart', 100);
    touch('touchmove', 400);
    touch('touchmove', 90);
    touch('touchend');
    touch('touchstart', 100);
    touch('touchmove', 400);
    touch('touchcancel');
    expect(pull.asked).not.toHaveBeenCalled();
    expect(pull.moved).toHaveBeenLastCalledWith(0);
  });

  it('scrolls where it does not stand at its top, and where the finger goes up first', () => {
    list.scrollTop = 50;
    touch('touchstart', 100);
    expect(touch('touchmove', 400).defaultPrevented).toBe(false);
    list.scrollTop = 0;
    touch('touchstart', 100);
    touch('touchmove', 80);
    expect(touch('touchmove', 400).defaultPrevented).toBe(false);
    touch('touchend');
    expect(pull.moved).not.toHaveBeenCalled();
    expect(pull.asked).not.toHaveBeenCalled();
  });
});
