import { Fault } from '../../model/fault.ts';
import type { BuildEvent } from './build-events.ts';
import { OutputLines } from './output-lines.ts';
import { StepOutput } from './step-output.ts';

/** What the engine says of its own containers, which explains no failure. */
const chatter = /^( ---> (Running in )?[0-9a-f]{12}|Removing intermediate container [0-9a-f]{12})$/;

/** Follows a build by its events: which step it is at, the end of that step's output, and how it ended. */
export class BuildProgress {
  imageId: string | undefined;
  error: string | undefined;
  readonly #at = new StepOutput();
  readonly #output = new OutputLines();

  /** The lines of output that are complete with this event. */
  take(event: BuildEvent): string[] {
    if (event.aux?.ID) this.imageId = event.aux.ID;
    const error = event.errorDetail?.message ?? event.error;
    if (error !== undefined) {
      this.error = error;
      return this.#keep([...this.#output.end(), ...error.trimEnd().split('\n')]);
    }
    if (event.stream !== undefined) return this.#keep(this.#output.push(event.stream));
    // Bars of a download come many times a second; its changes of state are enough.
    if (event.status === undefined || event.progressDetail?.current !== undefined) return [];
    return this.#keep(this.#output.push(`${event.id ? `${event.id}: ` : ''}${event.status}\n`));
  }

  end(): string[] {
    return this.#keep(this.#output.end());
  }

  fault(image: string, baseImage: string | undefined): Fault {
    const message = this.#at.failure(`building ${image}`, this.error?.trim() ?? 'the engine named no image at the end');
    const explains = baseImage !== undefined && / : FROM /.test(this.#at.step);
    return new Fault('build_failed', message, explains ? { hint: `BASE_IMAGE is ${baseImage}.` } : {});
  }

  #keep(lines: string[]): string[] {
    for (const line of lines) {
      if (/^Step \d+\/\d+ : /.test(line)) this.#at.begin(line);
      else if (line !== this.error && !chatter.test(line)) this.#at.add(line);
    }
    return lines;
  }
}
