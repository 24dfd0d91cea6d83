import { expect, test } from '@jest/globals';
import { quotaWait } from '../../../src/adapters/kubernetes/service-not-created.ts';

test("reports a full quota with the source of the component's log, which keeps the spelling of its instance", () => {
  expect(quotaWait('My_Greeter', 'exceeded quota: few')).toEqual({
    reason: 'quota_exceeded',
    message: 'exceeded quota: few',
    source: 'My_Greeter-0',
  });
});
