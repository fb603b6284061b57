import { expect, it } from 'vitest';
import { coalesce } from './coalesce';

it('reads a burst of changes twice: at the first, and once more for all that came meanwhile', async () => {
  const finish: (() => void)[] = [];
  const read = coalesce(() => new Promise<void>((resolve) => finish.push(resolve)));
  const first = read();
  const rest = [read(), read(), read()];
  expect(finish).toHaveLength(1);
  finish[0]?.();
  await first;
  await Promise.resolve();
  await Promise.resolve();
  expect(finish).toHaveLength(2);
  finish[1]?.();
  await Promise.all(rest);
});

it('reads again after a read that failed', async () => {
  let tries = 0;
  const read = coalesce(() => {
    tries += 1;
    return tries === 1 ? Promise.reject(new Error('no')) : Promise.resolve();
  });
  const first = read();
  const second = read();
  await expect(first).rejects.toThrow('no');
  await second;
  expect(tries).toBe(2);
});
