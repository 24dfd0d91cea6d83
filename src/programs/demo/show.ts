import type { ApiTask } from './api-task.ts';

/** Formats the duration between two times in seconds with one decimal, or a dash. */
function formatSeconds(from: string | undefined, to: string | undefined): string {
  if (!from || !to) return '-';
  return `${((Date.parse(to) - Date.parse(from)) / 1000).toFixed(1)} s`;
}

export interface Row {
  task: ApiTask;
  logLines: number;
}

/** Formats the tasks as a table, one line per task. */
export function formatTable(rows: readonly Row[]): string {
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
      formatSeconds(buildingAt, runningAt ?? cleaningAt),
      formatSeconds(runningAt, cleaningAt),
      formatSeconds(cleaningAt, settledAt),
      formatSeconds(requestedAt, settledAt),
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

/** Formats the progress of a task, such as `running  greeter: success, check: running`. */
export function formatProgress(task: ApiTask): string {
  const steps = task.steps.map((step) => `${step.instance}: ${step.state}`).join(', ');
  return [task.state, task.state === 'running' ? steps : ''].filter((part) => part !== '').join('  ');
}
