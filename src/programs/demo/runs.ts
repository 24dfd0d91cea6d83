/** The demo's job and the four runs of it that the demo makes. */
export const plugin = 'greeter-deploy';

/** Deploys the greeter and checks what it says. */
export const smokeFlow = `name: greeter-smoke
pipeline:
  greeter:
    plugin: ${plugin}
    version: v1.0.0
    input: {replicas: 1}
  check:
    plugin: http-check
    version: v1.0.0
    input: {url: "{{greeter.svcEndpoint}}/hello", expect: {status: 200, body: hello}}
    timeout: 30s
`;

/** Deploys it and keeps it busy, long enough to be stopped in the middle. */
export const soakFlow = `name: greeter-soak
pipeline:
  greeter:
    plugin: ${plugin}
    version: v1.0.0
    input: {replicas: 2}
  soak:
    plugin: bash
    version: v1.0.0
    input:
      script: |
        i=0
        while [ $i -lt 600 ]; do i=$((i+1)); echo "request $i: $(wget -qO- {{greeter.svcEndpoint}}/hello)"; sleep 1; done
    timeout: 15m
`;

export interface DemoRun {
  title: string;
  flow: 'smoke' | 'soak';
  version: string;
  expect: { state: string; outcome?: string };
  /** Stop it once its named step runs. */
  stopAt?: string;
}

export const demoRuns: readonly DemoRun[] = [
  { title: 'first run, tag v1.0.0', flow: 'smoke', version: 'v1.0.0', expect: { state: 'success' } },
  { title: 'again, tag v1.0.0', flow: 'smoke', version: 'v1.0.0', expect: { state: 'success' } },
  {
    title: 'the broken branch',
    flow: 'smoke',
    version: 'wrong-greeting',
    expect: { state: 'error', outcome: 'test' },
  },
  {
    title: 'stopped in the middle, main',
    flow: 'soak',
    version: 'main',
    expect: { state: 'canceled', outcome: 'stopped' },
    stopAt: 'soak',
  },
];
