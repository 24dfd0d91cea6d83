import type { StepSpec, TestFlow } from '../../model/flow.ts';
import type { Plugin } from '../../model/plugin.ts';
import type { PluginStore } from '../../model/ports/plugins.ts';
import { readGraph } from '../checks/run-check.ts';

/** A test flow whose steps and plugins are read lazily and only once. */
export class FlowLookup {
  readonly name: string;
  readonly #flow: Pick<TestFlow, 'graph'>;
  readonly #store: Pick<PluginStore, 'list'>;
  #steps: Promise<readonly StepSpec[]> | undefined;
  #plugins: Promise<Plugin[]> | undefined;

  constructor(flow: Pick<TestFlow, 'name' | 'graph'>, plugins: Pick<PluginStore, 'list'>) {
    this.name = flow.name;
    this.#flow = flow;
    this.#store = plugins;
  }

  /** Returns the steps of the flow. Throws `flow_invalid` and `unavailable`, as readGraph. */
  steps(): Promise<readonly StepSpec[]> {
    this.#steps ??= readGraph(this.#flow.graph).then(({ steps }) => steps);
    return this.#steps;
  }

  /** Returns all plugins. Throws the errors of the plugin store. */
  plugins(): Promise<Plugin[]> {
    this.#plugins ??= this.#store.list();
    return this.#plugins;
  }
}
