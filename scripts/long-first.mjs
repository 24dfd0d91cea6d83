import Sequencer from '@jest/test-sequencer';

/** Folders of tests that start whole systems, images or clusters: begun last, they would run alone at the end. */
const long = /\/test\/(e2e|deploy)\//;

/** Jest's order (by earlier durations, else by size), but what takes minutes goes first. */
export default class LongFirst extends Sequencer {
  async sort(tests) {
    const sorted = await super.sort(tests);
    const isLong = ({ path }) => long.test(path);
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
}
