import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Runtime } from '../../../src/model/engine/runtime.ts';
import { type Marker, parseMarker } from '../../../src/model/marker.ts';
import type { RunIdentity } from '../../../src/model/run.ts';
import type { WorkStep } from '../../../src/model/work.ts';
import { planComponents } from '../../../src/services/flows/plan-components.ts';
import { ended, linesOf, never, newRun, shellSpec, stateOf, texts } from '../model/engine/runs.ts';
import { mark, step } from './harness.ts';

/** A runtime, and the test's direct access to it. */
export interface NamesUnderTest {
  runtime: Runtime;
  /** The runner's image. */
  image: string;
  namespace: string;
  /** Replaces the instance's first container, and waits until the new one runs. */
  replace(run: RunIdentity, instance: string): Promise<void>;
  close(): Promise<void>;
}

/** A server that answers with its name and number, and at /peer with the response of the peer in its config file. */
const program = `const { readFileSync } = require('node:fs');
const number = require('node:os').hostname().split('-').at(-1);
require('node:http').createServer(async (request, response) => {
  if (request.url !== '/peer') return response.end(process.env.NAME + ' ' + number);
  const peer = JSON.parse(readFileSync('/etc/peer.json')).url;
  const answer = await fetch(peer).then((found) => found.text(), (error) => String(error.cause ?? error));
  response.end('peer ' + answer);
}).listen(Number(process.env.PORT));
process.on('SIGTERM', () => process.exit());`;

/** Describes the contract of component names for every runtime (docs/reference/plugin-yaml.md). */
export function describeNames(title: string, start: () => Promise<NamesUnderTest>): void {
  describe(title, () => {
    let under: NamesUnderTest;
    const run = newRun();
    beforeAll(async () => {
      under = await start();
    });
    afterAll(async () => {
      expect(await under.runtime.cleanup({ testId: run.testId }, never)).toEqual([]);
      expect(await under.runtime.listObjects(run.testId)).toEqual([]);
      await under.close();
    });

    const server = (instance: string, port: number | string, peer: string, more: object = {}): WorkStep =>
      step(instance, 'deploy-service', {
        image: under.image,
        command: ['node', '-e', program],
        env: { NAME: instance, PORT: String(port) },
        configFiles: [{ path: '/etc/peer.json', content: JSON.stringify({ url: peer }) }],
        ports: [{ port }],
        ...more,
      });
    const check = (instance: string, url: string, body: string): WorkStep =>
      step(instance, 'http-check', { url, expect: { status: 200, body } });

    const deployed = ['My_Stock', 'orders', 'told', 'late'];
    const outputs: Record<string, Record<string, unknown>> = {};

    /** Runs the steps without earlier outputs to the end; returns their results. */
    async function outcome(steps: WorkStep[], attempt: number) {
      const spec = shellSpec({ ...run, attempt }, under.image, '', {
        namespace: under.namespace,
        deploys: true,
        components: planComponents({ steps, globals: {}, testId: run.testId }),
        container: { image: under.image, command: ['node', '/app/src/runner/main.ts'] },
      });
      const work = { ...spec.work, mark, steps, earlier: { ...outputs } };
      await under.runtime.createRunner({ ...spec, work }, never);
      const state = await stateOf(under.runtime, { ...run, attempt }, ended);
      const lines = texts(await linesOf(under.runtime.readLog(state, undefined, never)));
      const ends = lines
        .map((line) => parseMarker(line, mark))
        .filter((marker): marker is Extract<Marker, { brightbird: 'step.end' }> => marker?.brightbird === 'step.end');
      for (const { instance, outputs: made } of ends) if (deployed.includes(instance)) outputs[instance] = made ?? {};
      return Object.fromEntries(ends.map(({ instance, state: is, error }) => [instance, error?.message ?? is]));
    }

    const flow = (): WorkStep[] => [
      server('My_Stock', 7001, 'http://orders:7002/'),
      server('orders', 7002, 'http://my-stock:7001/', { replicas: 2 }),
      step('told', 'bash', { script: `echo '{"port": 7003}'` }),
      server('late', '{{told.port}}', 'http://my-stock-0:7001/'),
      check('by-name', 'http://my-stock:7001/', 'My_Stock 0'),
      check('by-replica', 'http://orders-1:7002/', 'orders 1'),
      check('both-ways', 'http://orders-0:7002/peer', 'peer My_Stock 0'),
      check('from-a-later-one', 'http://late:7003/peer', 'peer My_Stock 0'),
      step('to-one-deployed-later', 'http-check', {
        url: 'http://my-stock:7001/peer',
        expect: { status: 200, bodyContains: 'peer orders' },
      }),
    ];

    test('components and the runner reach a component by its instance name and a replica by its number', async () => {
      const expected = flow().map(({ instance }) => [instance, 'success']);
      expect(await outcome(flow(), 1)).toEqual(Object.fromEntries(expected));
    });

    test('the names hold for a replaced container and for a retry in the same environment', async () => {
      await under.replace(run, 'My_Stock');
      const checks = flow().filter(({ instance }) => !deployed.includes(instance));
      const expected = checks.map(({ instance }) => [instance, 'success']);
      expect(await outcome(flow(), 2)).toEqual(Object.fromEntries(expected));
    });

    test('a component gets its command, arguments and environment unchanged', async () => {
      const texts = ['ref $(G_A) end', 'pa$$word', '$$(G_A)', '$', '$$', '$(', '$(NONE)', "a$'b$&c"];
      const env = Object.fromEntries(texts.map((text, index) => [`G_${'ABCDEFGH'[index]}`, text]));
      const echo = `require('node:http').createServer((_, response) => response.end(JSON.stringify({
        args: process.argv.slice(1), env: Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('G_'))),
        written: '$$(G_A)' }))).listen(8080); process.on('SIGTERM', () => process.exit());`;
      const steps = [
        step('dollars', 'deploy-service', {
          ...{ image: under.image, command: ['node', '-e', echo], args: texts, env, ports: [{ port: 8080 }] },
        }),
        step('seen', 'http-check', {
          url: 'http://dollars:8080/',
          expect: { json: { args: texts, env, written: '$$(G_A)' } },
        }),
      ];
      expect(await outcome(steps, 3)).toEqual({ dollars: 'success', seen: 'success' });
    });

    test('a component that exits before it is ready is restarted as often as its readiness allows', async () => {
      // Another component counts the starts, as a new container has no state.
      const count = `const seen = {};
        require('node:http').createServer(({ url }, response) => response.end(String(seen[url] = (seen[url] ?? 0) + 1))).listen(8080);
        process.on('SIGTERM', () => process.exit());`;
      const flaky = `fetch('http://counter:8080/' + process.env.NAME).then((found) => found.text()).then((starts) => {
        if (Number(starts) <= Number(process.env.EXITS)) process.exit(3);
        require('node:http').createServer((_, response) => response.end('start ' + starts)).listen(8080);
        process.on('SIGTERM', () => process.exit()); });`;
      const component = (instance: string, code: string, more: object = {}): WorkStep =>
        step(instance, 'deploy-service', {
          ...{ image: under.image, command: ['node', '-e', code], ports: [{ port: 8080 }], ...more },
        });
      const exits = (instance: string, exits: number): WorkStep =>
        component(instance, flaky, { env: { NAME: instance, EXITS: String(exits) }, readiness: { maxRestarts: 1 } });
      const steps = [
        component('counter', count),
        exits('once', 1),
        check('seen', 'http://once:8080/', 'start 2'),
        exits('twice', 2),
      ];
      expect(await outcome(steps, 4)).toEqual({
        ...{ counter: 'success', once: 'success', seen: 'success' },
        twice: expect.stringMatching(/^twice-0 ended with exit code 3 before it was ready/),
      });
    });
  });
}
