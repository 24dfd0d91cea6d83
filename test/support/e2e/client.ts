import { randomBytes } from 'node:crypto';
import type { ApiClient } from '../../../src/programs/cli/api-client.ts';

export interface ApiLine {
  seq: number;
  text: string;
  source: string;
  step?: string;
  gap?: unknown;
}

/** Saves a flow and a job for it, and runs the job once. Returns the task id. */
export async function runFlow(api: ApiClient, graph: string, job: Record<string, unknown> = {}): Promise<string> {
  const name = `test-${randomBytes(4).toString('hex')}`;
  const flow = await api.post<{ id: string }>('/testflows', { name, graph });
  const { id } = await api.post<{ id: string }>('/jobs', { name, testFlowId: flow.id, ...job });
  const { taskId } = await api.post<{ taskId: string }>(`/jobs/${id}/run`);
  return taskId;
}

/** Reads all log lines of a task, page by page. */
export async function allLines(
  api: ApiClient,
  taskId: string,
  filter: Record<string, string> = {},
): Promise<ApiLine[]> {
  const lines: ApiLine[] = [];
  let after: string | undefined;
  for (;;) {
    const query = new URLSearchParams({ limit: '1000', ...filter, ...(after && { after }) });
    const page = await api.get<{ items: ApiLine[]; nextCursor: string }>(`/tasks/${taskId}/logs?${query}`);
    if (page.items.length === 0) return lines;
    lines.push(...page.items);
    after = page.nextCursor;
  }
}
