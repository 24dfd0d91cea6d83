export interface FailedBuild {
  /** Name of the step that failed; '' when none had begun. */
  step: string;
  why: string;
  dockerfile: string;
  /** What the Dockerfile was given as its BASE_IMAGE. */
  baseImage: string | undefined;
  /** What was noticed of the build context. */
  note?: string | undefined;
}

/** What the builder does not say, or in words of its own: what to do about a failure. Undefined where it says enough. */
export function buildHint({ step, why, dockerfile, baseImage, note }: FailedBuild): string | undefined {
  const [, secret] = /^secret (\S+) not found/.exec(why) ?? [];
  if (secret !== undefined) {
    return `The plugin gives a secret of SECRET_STORE to it by build.secrets: {${secret}: <name of the secret>}.`;
  }
  const [, frontend] = /^resolve image config for (\S+)/.exec(step) ?? [];
  if (frontend !== undefined) {
    return `The Dockerfile's "# syntax" line asks for ${frontend}: without it, the builder of the engine reads the Dockerfile.`;
  }
  const isNewer =
    /\bunknown flag\b/i.test(why) || (/\bunknown instruction\b/.test(why) && hereDocument.test(dockerfile));
  if (isNewer && !syntaxLine.test(dockerfile)) {
    return 'If the Dockerfile is newer than the engine, "# syntax=docker/dockerfile:1" as its first line has a newer builder read it.';
  }
  const explains = baseImage !== undefined && /\bFROM |load metadata for /.test(step);
  return explains ? `BASE_IMAGE is ${baseImage}.` : note;
}

const hereDocument = /^\s*(RUN|COPY|ADD)\b.*<<-?["']?\w/im;
const syntaxLine = /^#\s*syntax\s*=/im;
