export interface FailedBuild {
  /** Name of the failed step; '' when none had begun. */
  step: string;
  reason: string;
  dockerfile: string;
  /** Value of the build argument BASE_IMAGE. */
  baseImage: string | undefined;
  /** Warning about the build context. */
  warning?: string | undefined;
}

/** Returns a hint about a failure that the builder's message does not give, or undefined. */
export function buildHint({
  step,
  reason: why,
  dockerfile,
  baseImage,
  warning: note,
}: FailedBuild): string | undefined {
  const [, secret] = /^secret (\S+) not found/.exec(why) ?? [];
  if (secret !== undefined) {
    return `Add a secret of SECRET_STORE to the plugin: build.secrets: {${secret}: <name of the secret>}.`;
  }
  const [, frontend] = /^resolve image config for (\S+)/.exec(step) ?? [];
  if (frontend !== undefined) {
    return `The Dockerfile's "# syntax" line needs ${frontend}: without the line, the engine's own builder reads the Dockerfile.`;
  }
  const isNewer =
    /\bunknown flag\b/i.test(why) || (/\bunknown instruction\b/.test(why) && hereDocument.test(dockerfile));
  if (isNewer && !syntaxLine.test(dockerfile)) {
    return 'If the Dockerfile needs a newer builder than the engine has, make "# syntax=docker/dockerfile:1" its first line.';
  }
  const usesBaseImage = baseImage !== undefined && /\bFROM |load metadata for /.test(step);
  return usesBaseImage ? `BASE_IMAGE is ${baseImage}.` : note;
}

const hereDocument = /^\s*(RUN|COPY|ADD)\b.*<<-?["']?\w/im;
const syntaxLine = /^#\s*syntax\s*=/im;
