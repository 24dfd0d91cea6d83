import type { Issue } from '../../../model/fault.ts';
import type { NotApplied } from './apply.ts';
import type { Step } from './plan.ts';

/** Prints a line for each document, and the counts at the end. */
export function createStepPrinter(
  dryRun: boolean,
  print: (line: string) => void,
): { tell(step: Step): void; end(): void } {
  const counts = { created: 0, updated: 0, unchanged: 0 };
  return {
    tell({ effect, document: { kind, spec } }) {
      counts[effect] += 1;
      print(`${effect.padEnd(10)} ${kind.padEnd(8)} ${spec.name}`);
    },
    end() {
      const summary = Object.entries(counts).map(([effect, count]) => `${count} ${effect}`);
      print(summary.join(', ') + (dryRun ? ' (dry run: nothing was sent)' : ''));
    },
  };
}

/** Formats issues like compiler errors, which editors can open: file, line and column first, the hint below. */
export function formatIssues({ issues, applied, isSure }: NotApplied): string {
  const lines = issues.map((issue) => showIssue(issue));
  const count = `${issues.length} ${issues.length === 1 ? 'issue' : 'issues'}`;
  const others = `${applied} ${applied === 1 ? 'document' : 'documents'} applied before`;
  const before = applied === 0 ? 'nothing was applied' : `stopped there, with ${others}`;
  if (isSure) return [...lines, `${count}, ${before}`].join('\n');
  return [
    ...lines,
    `${count}, stopped there, with ${others}; the last document may be applied too: apply again to check`,
  ].join('\n');
}

/** Formats a warning in the same form. */
export function formatWarning(warning: Issue): string {
  return showIssue(warning, 'warning: ');
}

function showIssue({ message, where, hint }: Issue, mark = ''): string {
  const at = [where?.file, where?.line, where?.column].filter((part) => part !== undefined).join(':');
  return `${at}: ${mark}${message}${hint ? `\n  ${hint}` : ''}`;
}
