import { mapTexts, splitText } from '../language/flow/reference-syntax.ts';
import { Fault } from '../model/fault.ts';
import { maskJson } from '../model/mask.ts';
import type { WorkStep } from '../model/work.ts';
import { checkOutput, OutputTooLarge } from './check-output.ts';
import type { NodeState } from './checkpoint.ts';
import type { StepKind, StepRun } from './kinds/kind.ts';
import { prepareInput } from './prepare-input.ts';

/** Runs one step within its limit and checks what it returned. Throws a Fault, or the reason of `stop`. */
export async function runStep(run: Omit<StepRun, 'input' | 'signal'>, stop: AbortSignal): Promise<NodeState> {
  const { step } = run;
  const input = await prepareInput(run);
  const kind = await kindOf(step);
  const limit = new AbortController();
  const timer = step.timeoutMs !== undefined ? setTimeout(() => limit.abort(overdue(step)), step.timeoutMs) : undefined;
  const signal = AbortSignal.any([stop, limit.signal]);
  try {
    const output = await kind({ ...run, input, signal })
      .then(async (returned) => {
        signal.throwIfAborted();
        await checkOutput(step, returned);
        return returned;
      })
      .catch((error: unknown) => leaveOut(run, error));
    signal.throwIfAborted();
    // Later steps see it, and have not been given its secrets.
    return { input: maskJson(input, run.mask) as NodeState['input'], output: withDeployOutputs(step, input, output) };
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

/** What is known of every component is there also where the program of a deploy plugin, as some of the original's, leaves it out. */
function withDeployOutputs({ def, plugin }: WorkStep, input: Record<string, unknown>, output: NodeState['output']) {
  if (def.pluginType !== 'Deployer' || def.form !== 'executable') return output;
  const { codeVersion, instanceName } = input;
  return { codeVersion, instanceName, deployName: plugin, ...output };
}

/** A step that has succeeded does not fail by an output that nothing needs; its log says that it is left out. */
async function leaveOut({ work, step, output }: Pick<StepRun, 'work' | 'step' | 'output'>, error: unknown) {
  if (!(error instanceof OutputTooLarge)) throw error;
  const referring = work.steps.find(({ input }) => refersTo(input, step.instance));
  if (referring) throw new OutputTooLarge(`${error.message}, and step ${referring.instance} refers to it`);
  await output.print(`the output is left out: ${error.message}`);
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

function overdue({ instance, timeoutMs = 0 }: WorkStep): Fault {
  return new Fault('step_timeout', `step ${instance} was not done within its limit of ${timeoutMs / 1000} s`, {
    hint: 'see its log for what it waits for, or give it a longer `timeout`',
  });
}

/** The code of a kind is loaded when a step of it runs: the runner's start must be quick. */
async function kindOf({ def }: WorkStep): Promise<StepKind> {
  if (def.form === 'executable') return (await import('./kinds/executable.ts')).runExecutable;
  if (def.form === 'declarative') return (await import('./kinds/deploy.ts')).deployPlugin;
  if (def.name === 'bash') return (await import('./kinds/bash.ts')).runBash;
  if (def.name === 'http-check') return (await import('./kinds/http-check.ts')).httpCheck;
  if (def.name === 'deploy-service') return (await import('./kinds/deploy.ts')).deployService;
  if (def.name === 'pvc') return (await import('./kinds/pvc.ts')).makeVolume;
  if (def.name === 'test-env') return (await import('./kinds/test-env.ts')).testEnv;
  throw new Fault('plugin_invalid', `the runner has no built-in plugin ${def.name}`);
}
