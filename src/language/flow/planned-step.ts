import type { StepSpec } from '../../model/flow.ts';
import type { Plugin } from '../../model/plugin.ts';

/** A step with its plugin, as far as it was found. */
export interface PlannedStep {
  step: StepSpec;
  plugin: Plugin | undefined;
}
