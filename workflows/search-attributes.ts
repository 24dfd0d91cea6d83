import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { searchAttributeNames as names } from '../src/model/queues.ts';

const keyword = SearchAttributeType.KEYWORD;

export const attributes = {
  job: defineSearchAttributeKey(names.job, keyword),
  flow: defineSearchAttributeKey(names.flow, keyword),
  state: defineSearchAttributeKey(names.state, keyword),
  testId: defineSearchAttributeKey(names.testId, keyword),
  trigger: defineSearchAttributeKey(names.trigger, keyword),
};
