import type { Mistake } from '../../../model/fault.ts';
import type { NotApplied } from './apply.ts';
import type { Step } from './plan.ts';

/** Prints a line for each document, and at the end how many of each. */
export function showSteps(dryRun: boolean, print: (line: string) => void): { tell(step: Step): void; end(): void } {
  const counts = { created: 0, updated: 0, unchanged: 0 };
  return {
    tell({ effect, document: { kind, said } }) {
      counts[effect] += 1;
      print(`${effect.padEnd(10)} ${kind.padEnd(8)} ${said.name}`);
    },
    end() {
      const summary = Object.entries(counts).map(([effect, count]) => `${count} ${effect}`);
      print(summary.join(', ') + (dryRun ? ' (dry run: nothing was sent)' : ''));
    },
  };
}

/** Mistakes as compilers print theirs, which editors can open: file, line and column first, what to do below. */
export function showMistakes({ mistakes, applied, isSure }: NotApplied): string {
  const lines = mistakes.map((mistake) => showMistake(mistake));
  const count = `${mistakes.length} ${mistakes.length === 1 ? 'mistake' : 'mistakes'}`;
  const others = `${applied} ${applied === 1 ? 'document' : 'documents'} applied before`;
  const before = applied === 0 ? 'nothing was applied' : `stopped there, with ${others}`;
  if (isSure) return [...lines, `${count}, ${before}`].join('\n');
  return [...lines, `${count}, stopped there, with ${others}; apply again to see what became of this one`].join('\n');
}

/** A warning in the same form, marked as one. */
export function showWarning(warning: Mistake): string {
  return showMistake(warning, 'warning: ');
}

function showMistake({ message, where, hint }: Mistake, mark = ''): string {
  const at = [where?.file, where?.line, where?.column].filter((part) => part !== undefined).join(':');
  return `${at}: ${mark}${message}${hint ? `\n  ${hint}` : ''}`;
}
