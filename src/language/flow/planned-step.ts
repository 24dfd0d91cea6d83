import type { StepSpec } from '../../model/flow.ts';
import type { Plugin } from '../../model/plugin.ts';

/** A step with its plugin; undefined when the plugin was not found. */
export interface PlannedStep {
  step: StepSpec;
  plugin: Plugin | undefined;
}
