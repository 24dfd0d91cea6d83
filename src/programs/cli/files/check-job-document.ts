import { hintFor } from '../../../language/flow/closest-match.ts';
import { Fault, type Issue } from '../../../model/fault.ts';
import type { TestFlow } from '../../../model/flow.ts';
import { checkJob } from '../../../services/jobs/check-job.ts';
import { ruleWarnings } from '../../../services/jobs/rule-warnings.ts';
import { type FileDocument, filterByKind } from './documents.ts';
import { parsePath } from './parse-path.ts';
import type { ServerState } from './server-state.ts';

/** Checks a job as the server would. Returns the issues or else the warnings, with their places in the file. */
export async function checkJobDocument(
  { spec: { testFlow, ...said }, place }: FileDocument<'Job'>,
  documents: readonly FileDocument[],
  server: ServerState,
): Promise<{ issues: Issue[]; warnings: Issue[] }> {
  const refused = (issues: Issue[]) => ({ issues, warnings: [] });
  const inFiles = filterByKind(documents, 'TestFlow').find((flow) => flow.spec.name === testFlow)?.spec;
  const flow = inFiles ? asFlow(inFiles) : await server.flow(testFlow);
  if (!flow) {
    const names = [...server.flows.keys(), ...filterByKind(documents, 'TestFlow').map((one) => one.spec.name)];
    const hint = hintFor(testFlow, [...new Set(names)], 'test flows');
    return refused([{ message: `there is no test flow ${testFlow}`, where: place(['testFlow']), hint }]);
  }
  const job = { ...said, testFlowId: flow.id };
  const inFile = (message: string, path: string, hint: string | undefined): Issue => {
    const at = path === 'testFlowId' ? ['testFlow'] : parsePath(path);
    return { message: `${said.name}: ${message}`, where: place(at), hint };
  };
  try {
    const plugins = { list: async () => [...server.plugins] };
    const warnings = await ruleWarnings(job, await checkJob({ flows: { get: async () => flow }, plugins }, job));
    return { issues: [], warnings: warnings.map(({ message, path, hint }) => inFile(message, path, hint)) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    // Issues of the flow are reported with the flow.
    if (error.code === 'flow_invalid') return refused([]);
    return refused(error.issues.map(({ message, where, hint }) => inFile(message, where?.path ?? '', hint)));
  }
}

function asFlow(said: Pick<TestFlow, 'name' | 'graph' | 'globalProperties' | 'description'>): TestFlow {
  const { name, graph, globalProperties, description } = said;
  const never = new Date(0);
  return { id: name, name, graph, globalProperties, description, revision: 0, createdAt: never, updatedAt: never };
}
