import { expect, test } from '@jest/globals';
import { replicaSource } from '../../../src/model/engine/replica-source.ts';

test('names the source of a replica by its instance, spelled as in the flow, and its index', () => {
  expect([replicaSource('My_Greeter', 0), replicaSource('orders', '12')]).toEqual(['My_Greeter-0', 'orders-12']);
});
