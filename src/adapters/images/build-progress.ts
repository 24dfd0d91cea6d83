import { Fault } from '../../model/fault.ts';
import type { Mask } from '../../model/mask.ts';
import { isTransientPullFailure } from '../../model/pull-fault.ts';
import type { BuildEvent } from './build-events.ts';
import { buildHint, type FailedBuild } from './build-hint.ts';
import { BuildStep } from './build-step.ts';
import type { BuildStatus } from './buildkit/read-status.ts';
import { StepOutput } from './step-output.ts';

/** Prefixes that BuildKit adds to the reason of a failure. */
const errorPrefix =
  /^(failed to solve( with frontend [^:]+)?: |failed to (create|build) LLB( definition)?: |rpc error: code = \w+ desc = )+/;

/** Text that replaces a step's output beyond the engine's limit. */
const clippedNotice = '[output clipped, log limit ';
const clippedHint =
  'the engine cut off the end of the output: docs/operate/troubleshoot.md explains how to raise its limit';

/** The failed command, which BuildKit repeats before the reason. */
const failedCommand = /^(executor failed running \[.*\]|process ".*" did not complete successfully): /s;

/** Steps that contact the registry of a base image. */
const usesRegistry = /^(\[internal\] load metadata for |resolve image config for )|\] FROM /;

/** Tracks a build by its events: its current steps, the end of each step's output, and its result. */
export class BuildProgress {
  imageId: string | undefined;
  error: string | undefined;
  readonly #mask: Mask;
  readonly #steps = new Map<string, BuildStep>();
  /** Step of the current lines; steps of several stages run at the same time. */
  #current: BuildStep | undefined;
  #failed: BuildStep | undefined;

  constructor(mask: Mask) {
    this.#mask = mask;
  }

  /** Returns the lines that this event completes, each step's after its name. */
  take(event: BuildEvent): string[] {
    return [...this.#read(event)].map((line) => this.#mask(line));
  }

  /** Returns the fault of a failed build with the inputs `given`; it is `registry_refused` when a base image's registry is unavailable. */
  fault(image: string, given: Pick<FailedBuild, 'dockerfile' | 'baseImage' | 'warning'>): Fault {
    const output = this.#failed?.output ?? new StepOutput();
    const error = this.#failed?.error ?? this.error ?? 'the engine reported no image at the end';
    const reason = this.#mask(error.replace(failedCommand, ''));
    const message = output.describeFailure(`building ${image}`, reason);
    if (usesRegistry.test(output.step) && isTransientPullFailure(reason)) {
      const hint = buildHint({ step: output.step, reason, ...given, warning: undefined });
      return new Fault('registry_refused', message, {
        hint: hint ?? 'check that the registry of the base image answers',
      });
    }
    const hint = message.includes(clippedNotice) ? clippedHint : buildHint({ step: output.step, reason, ...given });
    return new Fault('build_failed', message, { hint });
  }

  *#read(event: BuildEvent): Generator<string> {
    if ('imageId' in event) this.imageId = event.imageId;
    else if ('status' in event) yield* this.#readStatus(event.status);
    else if ('text' in event) yield event.text;
    else {
      this.error = event.error.replace(errorPrefix, '').trim();
      yield* `error: ${this.error}`.split('\n');
    }
  }

  *#readStatus({ vertexes, statuses, logs, warnings }: BuildStatus): Generator<string> {
    for (const vertex of vertexes) {
      const step = this.#step(vertex.digest);
      if (step.update(vertex)) yield* this.#show(step);
      if (vertex.cached && vertex.completed && !step.isQuiet) yield* this.#withName(step, step.reportOnce('cached'));
      // The other steps of a failed build end as canceled.
      if (step.error !== undefined && !step.error.endsWith('context canceled')) this.#failed ??= step;
    }
    for (const { vertex, ID } of statuses) yield* this.#withName(this.#step(vertex), this.#step(vertex).reportOnce(ID));
    for (const { vertex, stream, msg } of logs) {
      yield* this.#withName(this.#step(vertex), this.#step(vertex).print(stream, msg));
    }
    for (const { vertex, short } of warnings)
      yield* this.#withName(this.#step(vertex), [`warning: ${Buffer.from(short)}`]);
    for (const { digest, completed } of vertexes) {
      if (completed) yield* this.#withName(this.#step(digest), this.#step(digest).end());
    }
  }

  #step(digest: string): BuildStep {
    const step = this.#steps.get(digest) ?? new BuildStep(this.#mask);
    this.#steps.set(digest, step);
    return step;
  }

  *#withName(step: BuildStep, lines: string[]): Generator<string> {
    if (lines.length > 0) yield* this.#show(step);
    yield* lines;
  }

  *#show(step: BuildStep): Generator<string> {
    // The name contains the values of build arguments, which may have several lines.
    if (this.#current !== step) yield* step.name.split('\n');
    this.#current = step;
  }
}
