import { expect, test } from '@jest/globals';
import { ScriptProgress } from '../../../../src/adapters/images/scripts/script-progress.ts';
import { createMask } from '../../../../src/model/mask.ts';

/** Returns a progress and the mark that the shell writes before a command. */
function begin() {
  const progress = new ScriptProgress(createMask([]));
  const [, parts = ''] = /^PS4=(.*)$/m.exec(progress.addTracing('')) ?? [];
  return { progress, mark: parts.replaceAll("'", '') };
}

test('a mark is found wherever the output is cut and in every line', () => {
  const { mark } = begin();
  for (let cut = 0; cut <= mark.length + 12; cut += 1) {
    const { progress, mark: own } = begin();
    const text = `${own}one\nabc${own}two\n${own[0]}${own}three\nrest${own}four`;
    const at = text.indexOf('abc') + cut;
    const lines = [...progress.take(text.slice(0, at)), ...progress.take(text.slice(at)), ...progress.end()];
    expect(lines).toEqual(['+ one', 'abc', '+ two', '++ three', 'rest', '+ four']);
    expect(progress.fault('x:1', 'why').message).toBe('the build script of x:1 failed at four: why');
  }
});

test('text that only looks like a mark is output', () => {
  const { progress, mark } = begin();
  const half = mark.slice(0, 7);
  expect([...progress.take(`${half}\n+ ls\n${half}`), ...progress.end()]).toEqual([half, '+ ls', half]);
});
