import type { ApiTask } from './api-task.ts';

/** Text of a duration between two times of a task, in seconds with one decimal, or a dash. */
function seconds(from: string | undefined, to: string | undefined): string {
  if (!from || !to) return '-';
  return `${((Date.parse(to) - Date.parse(from)) / 1000).toFixed(1)} s`;
}

export interface Row {
  task: ApiTask;
  logLines: number;
}

/** The table of the demo's tasks, one line a task, columns as wide as their longest cell. */
export function table(rows: readonly Row[]): string {
  const head = [
    'task',
    'state',
    'outcome',
    'commit',
    'image',
    'images',
    'deploy+test',
    'cleanup',
    'total',
    'log lines',
  ];
  const cells = rows.map(({ task, logLines }) => {
    const { requestedAt, buildingAt, runningAt, cleaningAt, settledAt } = task.times;
    const component = task.components[0];
    return [
      task.name,
      task.state,
      task.outcome ?? '-',
      component?.commit.slice(0, 10) ?? '-',
      component ? (component.built ? 'built' : 'found') : '-',
      seconds(buildingAt, runningAt ?? cleaningAt),
      seconds(runningAt, cleaningAt),
      seconds(cleaningAt, settledAt),
      seconds(requestedAt, settledAt),
      String(logLines),
    ];
  });
  const all = [head, ...cells];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A line for a task that changed, such as `greeter-1  running  greeter: success, check: running`. */
export function progressLine(task: ApiTask): string {
  const steps = task.steps.map((step) => `${step.instance}: ${step.state}`).join(', ');
  return [task.state, task.state === 'running' ? steps : ''].filter((part) => part !== '').join('  ');
}
