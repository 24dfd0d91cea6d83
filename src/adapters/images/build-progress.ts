import { Fault } from '../../model/fault.ts';
import type { Mask } from '../../model/mask.ts';
import { isPassing } from '../../model/pull-fault.ts';
import type { BuildEvent } from './build-events.ts';
import { buildHint, type FailedBuild } from './build-hint.ts';
import { BuildStep } from './build-step.ts';
import type { BuildStatus } from './buildkit/read-status.ts';
import { StepOutput } from './step-output.ts';

/** What BuildKit wraps around the reason of a failure. */
const wrapping =
  /^(failed to solve( with frontend [^:]+)?: |failed to (create|build) LLB( definition)?: |rpc error: code = \w+ desc = )+/;

/** What it writes in the place of all that a step prints beyond the engine's limit. */
const clipped = '[output clipped, log limit ';
const liftLimit =
  'the engine has cut off the output before its end: docs/operate/troubleshoot.md says how to lift its limit';

/** How it repeats a command that failed, before the reason. */
const repetition = /^(executor failed running \[.*\]|process ".*" did not complete successfully): /s;

/** Steps that ask the registry of an image that the Dockerfile begins with. */
const takesImage = /^(\[internal\] load metadata for |resolve image config for )|\] FROM /;

/** Follows a build by its events: which steps it is at, the end of each step's output, and how it ended. */
export class BuildProgress {
  imageId: string | undefined;
  error: string | undefined;
  readonly #mask: Mask;
  readonly #steps = new Map<string, BuildStep>();
  /** The one whose lines come now; steps of several stages run at the same time. */
  #at: BuildStep | undefined;
  #failed: BuildStep | undefined;

  constructor(mask: Mask) {
    this.#mask = mask;
  }

  /** The lines of output that are complete with this event, each step's under its name. */
  take(event: BuildEvent): string[] {
    return [...this.#read(event)].map((line) => this.#mask(line));
  }

  /** `given` is what the build began with. A registry of base images that is away is no fault of the Dockerfile. */
  fault(image: string, given: Pick<FailedBuild, 'dockerfile' | 'baseImage' | 'note'>): Fault {
    const output = this.#failed?.output ?? new StepOutput();
    const error = this.#failed?.error ?? this.error ?? 'the engine named no image at the end';
    const why = this.#mask(error.replace(repetition, ''));
    const message = output.failure(`building ${image}`, why);
    if (takesImage.test(output.step) && isPassing(why)) {
      const away = buildHint({ step: output.step, why, ...given, note: undefined });
      return new Fault('registry_refused', message, {
        hint: away ?? 'see that the registry of the base image answers',
      });
    }
    const hint = message.includes(clipped) ? liftLimit : buildHint({ step: output.step, why, ...given });
    return new Fault('build_failed', message, { hint });
  }

  *#read(event: BuildEvent): Generator<string> {
    if ('imageId' in event) this.imageId = event.imageId;
    else if ('status' in event) yield* this.#follow(event.status);
    else if ('text' in event) yield event.text;
    else {
      this.error = event.error.replace(wrapping, '').trim();
      yield* `error: ${this.error}`.split('\n');
    }
  }

  *#follow({ vertexes, statuses, logs, warnings }: BuildStatus): Generator<string> {
    for (const vertex of vertexes) {
      const step = this.#step(vertex.digest);
      if (step.update(vertex)) yield* this.#show(step);
      if (vertex.cached && vertex.completed && !step.isQuiet) yield* this.#of(step, step.once('cached'));
      // The other steps of a failed build end with it, as canceled.
      if (step.error !== undefined && !step.error.endsWith('context canceled')) this.#failed ??= step;
    }
    for (const { vertex, ID } of statuses) yield* this.#of(this.#step(vertex), this.#step(vertex).once(ID));
    for (const { vertex, stream, msg } of logs) {
      yield* this.#of(this.#step(vertex), this.#step(vertex).print(stream, msg));
    }
    for (const { vertex, short } of warnings) yield* this.#of(this.#step(vertex), [`warning: ${Buffer.from(short)}`]);
    for (const { digest, completed } of vertexes) {
      if (completed) yield* this.#of(this.#step(digest), this.#step(digest).end());
    }
  }

  #step(digest: string): BuildStep {
    const step = this.#steps.get(digest) ?? new BuildStep(this.#mask);
    this.#steps.set(digest, step);
    return step;
  }

  *#of(step: BuildStep, lines: string[]): Generator<string> {
    if (lines.length > 0) yield* this.#show(step);
    yield* lines;
  }

  *#show(step: BuildStep): Generator<string> {
    // Arguments stand in it with their values, which may have several lines.
    if (this.#at !== step) yield* step.name.split('\n');
    this.#at = step;
  }
}
