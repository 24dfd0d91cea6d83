import { setTimeout } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { DeliveryStore } from '../../../src/model/ports/deliveries.ts';
import { withLease } from '../../../src/services/deliveries/with-lease.ts';
import { until } from '../../support/services/deliveries/system.ts';

test('a renewal that is running when the work ends does not take the released lease again', async () => {
  const done: string[] = [];
  let renewing = false;
  const slow: Pick<DeliveryStore, 'lease' | 'release'> = {
    async lease() {
      if (done.length > 0) {
        renewing = true;
        await setTimeout(50);
      }
      done.push('leased');
      return true;
    },
    async release() {
      done.push('released');
    },
  };
  await withLease(slow as DeliveryStore, { durationMs: 15, holder: 'me' }, () => until(() => renewing));
  await setTimeout(60);
  expect(done.at(-1)).toBe('released');
});

test('failing work releases the lease, and its error is thrown', async () => {
  const done: string[] = [];
  const store: Pick<DeliveryStore, 'lease' | 'release'> = {
    lease: async () => true,
    async release() {
      done.push('released');
      throw new Error('not even that');
    },
  };
  const work = () => Promise.reject(new Error('the work failed'));
  await expect(withLease(store as DeliveryStore, { durationMs: 1000, holder: 'me' }, work)).rejects.toThrow(
    'the work failed',
  );
  expect(done).toEqual(['released']);
});
