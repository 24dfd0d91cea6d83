import { mapTexts, splitText } from '../language/flow/reference-syntax.ts';
import { Fault } from '../model/fault.ts';
import { maskJson } from '../model/mask.ts';
import type { WorkStep } from '../model/work.ts';
import { checkOutput, OutputTooLargeError } from './check-output.ts';
import type { NodeState } from './checkpoint.ts';
import type { StepKind, StepRun } from './kinds/kind.ts';
import { prepareInput } from './prepare-input.ts';

/** Runs one step within its timeout and checks its output. Throws a Fault, or the reason of `stop`. */
export async function runStep(run: Omit<StepRun, 'input' | 'signal'>, stop: AbortSignal): Promise<NodeState> {
  const { step } = run;
  const input = await prepareInput(run);
  const kind = await loadKind(step);
  const timeout = new AbortController();
  const timer =
    step.timeoutMs !== undefined ? setTimeout(() => timeout.abort(timeoutFault(step)), step.timeoutMs) : undefined;
  const signal = AbortSignal.any([stop, timeout.signal]);
  try {
    const output = await kind({ ...run, input, signal })
      .then(async (returned) => {
        signal.throwIfAborted();
        await checkOutput(step, returned);
        return returned;
      })
      .catch((error: unknown) => dropLargeOutput(run, error));
    signal.throwIfAborted();
    // The input is masked, as later steps see it and do not have its secrets.
    return { input: maskJson(input, run.mask) as NodeState['input'], output: withDeployOutputs(step, input, output) };
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

/** Adds the outputs of every component to those of a deploy program, as some of the original's plugins omit them. */
function withDeployOutputs({ def, plugin }: WorkStep, input: Record<string, unknown>, output: NodeState['output']) {
  if (def.pluginType !== 'Deployer' || def.form !== 'executable') return output;
  const { codeVersion, instanceName } = input;
  return { codeVersion, instanceName, deployName: plugin, ...output };
}

/** Drops an output that is too large unless a later step refers to it; the log reports that. */
async function dropLargeOutput({ work, step, output }: Pick<StepRun, 'work' | 'step' | 'output'>, error: unknown) {
  if (!(error instanceof OutputTooLargeError)) throw error;
  const referring = work.steps.find(({ input }) => refersTo(input, step.instance));
  if (referring) throw new OutputTooLargeError(`${error.message}, and step ${referring.instance} refers to it`);
  await output.print(`the output is dropped: ${error.message}`);
  return {};
}

function refersTo(input: Record<string, unknown>, instance: string): boolean {
  let refers = false;
  mapTexts(input, (text) => {
    refers ||= splitText(text).some((piece) => 'source' in piece && piece.source === instance);
    return text;
  });
  return refers;
}

function timeoutFault({ instance, timeoutMs = 0 }: WorkStep): Fault {
  return new Fault('step_timeout', `step ${instance} exceeded its timeout of ${timeoutMs / 1000} s`, {
    hint: 'check its log for the reason, or set a longer `timeout`',
  });
}

/** Loads the code of a step's kind on demand, as the runner must start quickly. */
async function loadKind({ def }: WorkStep): Promise<StepKind> {
  if (def.form === 'executable') return (await import('./kinds/executable.ts')).runExecutable;
  if (def.form === 'declarative') return (await import('./kinds/deploy.ts')).deployPlugin;
  if (def.name === 'bash') return (await import('./kinds/bash.ts')).runBash;
  if (def.name === 'http-check') return (await import('./kinds/http-check.ts')).httpCheck;
  if (def.name === 'deploy-service') return (await import('./kinds/deploy.ts')).deployService;
  if (def.name === 'pvc') return (await import('./kinds/pvc.ts')).makeVolume;
  if (def.name === 'test-env') return (await import('./kinds/test-env.ts')).testEnv;
  throw new Fault('plugin_invalid', `the runner has no built-in plugin ${def.name}`);
}
