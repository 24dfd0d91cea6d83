import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import { type BuildEvent, readBuildEvents } from '../../../src/adapters/images/build-events.ts';
import { BuildProgress } from '../../../src/adapters/images/build-progress.ts';
import type { BuildStatus } from '../../../src/adapters/images/buildkit/read-status.ts';
import { createMask } from '../../../src/model/mask.ts';

async function read(...chunks: string[]): Promise<BuildEvent[]> {
  const answer = new PassThrough();
  for (const chunk of chunks) answer.write(Buffer.from(chunk, 'latin1'));
  answer.end();
  const events: BuildEvent[] = [];
  for await (const event of readBuildEvents(answer)) events.push(event);
  return events;
}

function follow(...events: BuildEvent[]): { progress: BuildProgress; lines: string[] } {
  const progress = new BuildProgress(createMask(['hunter2']));
  return { progress, lines: events.flatMap((event) => progress.take(event)) };
}

const given = { dockerfile: 'FROM x\n', baseImage: undefined };
const nothing: BuildStatus = { vertexes: [], statuses: [], logs: [], warnings: [] };
type Vertex = Partial<BuildStatus['vertexes'][number]>;
const vertex = (name: string, more: Vertex = {}) => ({
  status: {
    ...nothing,
    vertexes: [{ digest: name, name, cached: false, started: {}, completed: null, error: '', ...more }],
  },
});
const output = (name: string, text: string | Uint8Array, stream = 1) => ({
  status: { ...nothing, logs: [{ vertex: name, stream, msg: Buffer.from(text as string) }] },
});
const ended = (name: string, more: Vertex = {}) => vertex(name, { completed: {}, ...more });

test('events are read when they are cut anywhere, also within a character', async () => {
  const text =
    '{"stream":"grün\\n"}\r\n{"id":"moby.image.id","aux":{"ID":"sha256:1"}}\n{"errorDetail":{"message":"no"},"error":"n"}';
  expect(await read(...Buffer.from(text).toString('latin1'))).toEqual([
    { text: 'grün' },
    { imageId: 'sha256:1' },
    { error: 'no' },
  ]);
});

test('the status of a build is read in the format of the engine', async () => {
  // A started vertex and a line of its output, recorded from Docker 20.10.
  const [began, said] = await read(
    '{"id":"moby.buildkit.trace","aux":"Cn0KR3NoYTI1NjowNzNhZTgzYzY3ZWExYWJkMzc1MzM2MjVkMjlkMzQ5NjE2M2YxOTkzNWY0MDk2M2RlYjg4NWE2YTk3MTgxODMxGiRbaW50ZXJuYWxdIGxvYWQgcmVtb3RlIGJ1aWxkIGNvbnRleHQqDAiG7JjYBhCin9fAAw=="}\n',
    '{"id":"moby.buildkit.trace","aux":"GmEKR3NoYTI1Njo2ODJhOWFhM2I5NDI4MTc2OTU1NzVmMDRhMjg0ZTE2Y2Y0ZWZkYTBiNTZmOTc4ZDFkMjA5YTJkODkxZjNjMzJlEgwIh+yY2AYQi8LdiAEYASIGaGVsbG8K"}\n',
  );
  expect(began).toMatchObject({ status: { vertexes: [{ name: '[internal] load remote build context' }] } });
  expect(said).toMatchObject({ status: { logs: [{ stream: 1, msg: Buffer.from('hello\n') }] } });
});

test('lines that are not events are output', async () => {
  const lines = ['<html>', '{"stream":7}', '"x"', '{"id":"moby.buildkit.trace"}'];
  expect(await read(lines.join('\n'))).toEqual(lines.map((text) => ({ text })));
});

test('the name of a step is shown once before its output, and again after another step', () => {
  const { lines } = follow(
    vertex('[internal] load remote build context'),
    ended('copy /context /', { cached: true }),
    vertex('[a 1/2] RUN x', { started: null }),
    vertex('[a 1/2] RUN x'),
    vertex('[a 1/2] RUN x'),
    output('[a 1/2] RUN x', 'one\n'),
    vertex('[b 1/2] RUN y'),
    output('[a 1/2] RUN x', 'two\n'),
    output('[a 1/2] RUN x', 'three\n'),
    ended('[c 1/1] COPY . .', { cached: true }),
  );
  expect(lines).toEqual([
    '[a 1/2] RUN x',
    'one',
    '[b 1/2] RUN y',
    '[a 1/2] RUN x',
    'two',
    'three',
    '[c 1/1] COPY . .',
    'cached',
  ]);
});

test('lines are complete per stream, also the last line and cut characters', () => {
  const [first, second] = [Buffer.from('grün\n').subarray(0, 3), Buffer.from('grün\n').subarray(3)];
  const { lines } = follow(
    vertex('RUN x'),
    output('RUN x', first),
    output('RUN x', 'error\n', 2),
    output('RUN x', second),
    output('RUN x', 'the end'),
    ended('RUN x'),
  );
  expect(lines).toEqual(['RUN x', 'error', 'grün', 'the end']);
});

test('layers are shown once without progress bars, and warnings are shown', () => {
  const layer = { status: { ...nothing, statuses: [{ ID: 'extracting sha256:1', vertex: 'FROM x' }] } };
  const warning = { status: { ...nothing, warnings: [{ vertex: 'FROM x', short: Buffer.from('old') }] } };
  const { lines } = follow(vertex('FROM x'), layer, layer, warning);
  expect(lines).toEqual(['FROM x', 'extracting sha256:1', 'warning: old']);
});

test('a failure names the failed step, not the canceled ones, and masks its secrets', () => {
  const { progress, lines } = follow(
    vertex('RUN wait'),
    vertex('RUN login hunter2'),
    output('RUN login hunter2', 'no user hunter2\n'),
    ended('RUN wait', { error: 'rpc error: code = Canceled desc = context canceled' }),
    ended('RUN login hunter2', { error: 'executor failed running [login hunter2]: exit code: 3' }),
    { error: 'failed to solve with frontend dockerfile.v0: failed to build LLB: it ended' },
  );
  expect(lines.slice(-3)).toEqual(['RUN login ***', 'no user ***', 'error: it ended']);
  expect(progress.fault('greeter:1', given).message).toBe(
    'building greeter:1 failed at RUN login ***: exit code: 3\nThe end of its output:\n  no user ***',
  );
});

test.each([
  'executor failed running [sh -c a]: exit code: 3',
  'process "sh -c a" did not complete successfully: exit code: 3',
])('a failure gives its reason without repeating the command: %s', (error) => {
  const { progress } = follow(vertex('RUN a'), ended('RUN a', { error }), { error });
  expect(progress.fault('greeter:1', given).message).toBe('building greeter:1 failed at RUN a: exit code: 3');
});

test('a command of several lines has several lines in the log', () => {
  expect(follow(vertex('RUN echo "a\nb"')).lines).toEqual(['RUN echo "a', 'b"']);
});

test('a failure has a hint when the engine cut off the output', () => {
  const { progress } = follow(
    vertex('RUN a'),
    output('RUN a', 'one\ntw\n[output clipped, log limit 2MiB reached]\n'),
    ended('RUN a', { error: 'exit code: 1' }),
  );
  expect(progress.fault('greeter:1', given).hint).toContain('how to raise its limit');
});

test('a build without an image has failed', () => {
  const { progress } = follow(vertex('FROM x'));
  expect(progress).toMatchObject({ error: undefined, imageId: undefined });
  expect(progress.fault('greeter:1', given).message).toBe(
    'building greeter:1 failed: the engine reported no image at the end',
  );
});

test('very long commands and lines are shortened in the error', () => {
  const long = 'y'.repeat(5000);
  const { progress } = follow(vertex(long), output(long, `${long}\n`), ended(long, { error: long }), { error: long });
  expect(progress.fault('greeter:1', given).message.length).toBeLessThan(2000);
});

test('no part of a secret is left when a long line is shortened', () => {
  const long = `${'y'.repeat(496)}hunter2`;
  const { progress } = follow(vertex(long), output(long, `${long}\n`), ended(long, { error: long }), { error: long });
  const { message } = progress.fault('greeter:1', given);
  expect(message).toContain('yyy***');
  expect(message).not.toContain('hunt');
});

test.each([
  [
    'a secret that the plugin does not define',
    { step: 'RUN x', error: 'secret NPM not found: not found', dockerfile: '' },
    'build.secrets: {NPM: ',
  ],
  [
    'a builder that cannot be pulled',
    { step: 'resolve image config for docker.io/docker/dockerfile:1', error: 'no such host', dockerfile: '' },
    'needs docker.io/docker/dockerfile:1',
  ],
  [
    'a here-document that the engine does not know',
    { error: 'dockerfile parse error line 3: unknown instruction: ECHO', dockerfile: 'FROM x\nRUN <<EOT\necho\nEOT\n' },
    '# syntax=docker/dockerfile:1',
  ],
  [
    'a flag that the engine does not know',
    { error: 'dockerfile parse error line 2: Unknown flag: link', dockerfile: 'FROM x\nCOPY --link a b\n' },
    '# syntax=docker/dockerfile:1',
  ],
])(
  'a failure has a hint about %s',
  (_, { step, error, dockerfile }: { step?: string; error: string; dockerfile: string }, hint) => {
    const steps = step === undefined ? [] : [vertex(step), ended(step, { error })];
    const { progress } = follow(...steps, { error });
    expect(progress.fault('greeter:1', { ...given, dockerfile }).hint).toContain(hint);
  },
);

test.each([
  ['a misspelt instruction', 'FROM x\nRUNN <<EOT\nEOT\n'],
  ['a Dockerfile that names its builder', '# syntax=docker/dockerfile:1\nFROM x\nRUN <<EOT\necho\nEOT\n'],
])('a failure has no hint about %s', (_, dockerfile) => {
  const { progress } = follow({ error: 'dockerfile parse error line 3: unknown instruction: ECHO' });
  expect(progress.fault('greeter:1', { ...given, dockerfile }).hint).toBeUndefined();
});

// Messages of Docker 20.10 about failing registries.
test.each([
  'pulling from host r:5000 failed with status code [manifests 1]: 503 Service Unavailable',
  'pulling from host r:5000 failed with status code [manifests 1]: 429 Too Many Requests',
  'failed to do request: Head "http://r:5000/v2/x/manifests/1": dial tcp 10.0.0.1:5000: connect: connection refused',
  'failed to do request: Head "https://r/v2/x/manifests/1": net/http: TLS handshake timeout',
  'failed to do request: Head "https://r/v2/x/manifests/1": dial tcp: lookup r on 10.0.0.1:53: no such host',
])('an unavailable registry of a base image is registry_refused: %s', (error) => {
  const asked = '[internal] load metadata for r:5000/x:1';
  const { progress } = follow(vertex(asked), ended(asked, { error }), { error });
  expect(progress.fault('greeter:1', given)).toMatchObject({
    code: 'registry_refused',
    message: expect.stringContaining(`failed at ${asked}: ${error.slice(0, 20)}`),
  });
});

test.each([
  ['[internal] load metadata for r:5000/x:1', 'r:5000/x:1: not found'],
  ['[internal] load metadata for r:5000/x:1', 'failed with status code [manifests 1]: 403 Forbidden'],
  ['[2/2] RUN curl FROM', 'exit code: 28, connection refused'],
])('a missing image or a failed step is build_failed: %s, %s', (step, error) => {
  const { progress } = follow(vertex(step), ended(step, { error }), { error });
  expect(progress.fault('greeter:1', given).code).toBe('build_failed');
});
