import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import { readBuildEvents } from '../../../src/build/images/build-events.ts';
import { BuildProgress } from '../../../src/build/images/build-progress.ts';

async function follow(...chunks: string[]): Promise<{ progress: BuildProgress; lines: string[] }> {
  const answer = new PassThrough();
  for (const chunk of chunks) answer.write(Buffer.from(chunk, 'latin1'));
  answer.end();
  const progress = new BuildProgress();
  const lines: string[] = [];
  for await (const event of readBuildEvents(answer)) lines.push(...progress.take(event));
  return { progress, lines: [...lines, ...progress.end()] };
}

test('events may be cut anywhere, in the middle of a letter too', async () => {
  const text = Buffer.from('{"stream":"grün\\n"}\r\n{"aux":{"ID":"sha256:1"}}\n').toString('latin1');
  const { progress, lines } = await follow(...text);
  expect(lines).toEqual(['grün']);
  expect(progress.imageId).toBe('sha256:1');
});

test('a pull shows its changes of state and not its bars', async () => {
  const { lines } = await follow(
    '{"status":"Pulling from library/x","id":"1"}\n',
    '{"status":"Downloading","progressDetail":{"current":1,"total":9},"progress":"[>  ]","id":"abc"}\n',
    '{"status":"Download complete","progressDetail":{},"id":"abc"}\n{"status":"Digest: sha256:0"}\n',
  );
  expect(lines).toEqual(['1: Pulling from library/x', 'abc: Download complete', 'Digest: sha256:0']);
});

test('lines that are no events are output', async () => {
  const { lines } = await follow('<html>\n{"stream":7}\n"x"\n');
  expect(lines).toEqual(['<html>', '{"stream":7}', '"x"']);
});

test('a build that ends without an image has failed', async () => {
  const { progress } = await follow('{"stream":"Step 1/1 : FROM x\\n"}\n{"stream":" ---> 0123456789ab\\n"}\n');
  expect(progress.error).toBeUndefined();
  expect(progress.imageId).toBeUndefined();
  expect(progress.fault('greeter:1', undefined).message).toBe(
    'building greeter:1 failed at Step 1/1 : FROM x: the engine named no image at the end',
  );
});

test('very long commands and lines are shortened in the error', async () => {
  const long = 'y'.repeat(5000);
  const { progress } = await follow(
    `{"stream":"Step 1/1 : RUN ${long}\\n"}\n{"stream":"${long}\\n"}\n{"error":"${long}"}\n`,
  );
  expect(progress.fault('greeter:1', undefined).message.length).toBeLessThan(2000);
});
