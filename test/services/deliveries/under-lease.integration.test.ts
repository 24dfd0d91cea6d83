import { setTimeout } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { DeliveryStore } from '../../../src/model/ports/deliveries.ts';
import { underLease } from '../../../src/services/deliveries/under-lease.ts';
import { until } from '../../support/services/deliveries/system.ts';

test('a renewal that is under way when the work ends does not take back what is given up', async () => {
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
  await underLease(slow as DeliveryStore, { length: 15, holder: 'me' }, () => until(() => renewing));
  await setTimeout(60);
  expect(done.at(-1)).toBe('released');
});

test('work that fails gives up the lease, and its failure is what is thrown', async () => {
  const done: string[] = [];
  const store: Pick<DeliveryStore, 'lease' | 'release'> = {
    lease: async () => true,
    async release() {
      done.push('released');
      throw new Error('not even that');
    },
  };
  const work = () => Promise.reject(new Error('the work failed'));
  await expect(underLease(store as DeliveryStore, { length: 1000, holder: 'me' }, work)).rejects.toThrow(
    'the work failed',
  );
  expect(done).toEqual(['released']);
});
