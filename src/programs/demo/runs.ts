/** Deploy plugin of the demo. */
export const plugin = 'greeter-deploy';

/** Deploys the greeter and checks its response. */
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

/** Deploys the greeter and sends requests for long enough that the run can be stopped halfway. */
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
  /** Step during which the run is stopped. */
  stopAt?: string;
}

export const demoRuns: readonly DemoRun[] = [
  { title: 'first run, tag v1.0.0', flow: 'smoke', version: 'v1.0.0', expect: { state: 'success' } },
  { title: 'second run, tag v1.0.0', flow: 'smoke', version: 'v1.0.0', expect: { state: 'success' } },
  {
    title: 'the broken branch',
    flow: 'smoke',
    version: 'wrong-greeting',
    expect: { state: 'error', outcome: 'test' },
  },
  {
    title: 'main, stopped halfway',
    flow: 'soak',
    version: 'main',
    expect: { state: 'canceled', outcome: 'stopped' },
    stopAt: 'soak',
  },
];
