import { expect, test } from '@jest/globals';
import { ScriptProgress } from '../../../../src/adapters/images/scripts/script-progress.ts';
import { createMask } from '../../../../src/model/mask.ts';

/** Progress, and the mark that the shell writes before a command. */
function begin() {
  const progress = new ScriptProgress(createMask([]));
  const [, parts = ''] = /^PS4=(.*)$/m.exec(progress.traced('')) ?? [];
  return { progress, mark: parts.replaceAll("'", '') };
}

test('a mark is found wherever the pieces of the output are cut, and whatever line it comes in', () => {
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

test('what looks like a mark and is none is output', () => {
  const { progress, mark } = begin();
  const half = mark.slice(0, 7);
  expect([...progress.take(`${half}\n+ ls\n${half}`), ...progress.end()]).toEqual([half, '+ ls', half]);
});
