import { hintFor } from '../../../language/flow/nearest.ts';
import { Fault, type Mistake } from '../../../model/fault.ts';
import type { TestFlow } from '../../../model/flow.ts';
import { checkJob } from '../../../services/jobs/check-job.ts';
import { ruleWarnings } from '../../../services/jobs/rule-warnings.ts';
import { type FileDocument, ofKind } from './documents.ts';
import { parsePath } from './parse-path.ts';
import type { ServerState } from './server-state.ts';

/** Returns what the server would refuse of a job, else what it would warn of, at the places in the file. */
export async function checkJobDocument(
  { said: { testFlow, ...said }, place }: FileDocument<'Job'>,
  documents: readonly FileDocument[],
  server: ServerState,
): Promise<{ mistakes: Mistake[]; warnings: Mistake[] }> {
  const refused = (mistakes: Mistake[]) => ({ mistakes, warnings: [] });
  const inFiles = ofKind(documents, 'TestFlow').find((flow) => flow.said.name === testFlow)?.said;
  const flow = inFiles ? asFlow(inFiles) : await server.flow(testFlow);
  if (!flow) {
    const names = [...server.flows.keys(), ...ofKind(documents, 'TestFlow').map((one) => one.said.name)];
    const hint = hintFor(testFlow, [...new Set(names)], 'test flows');
    return refused([{ message: `there is no test flow ${testFlow}`, where: place(['testFlow']), hint }]);
  }
  const job = { ...said, testFlowId: flow.id };
  const inFile = (message: string, path: string, hint: string | undefined): Mistake => {
    const at = path === 'testFlowId' ? ['testFlow'] : parsePath(path);
    return { message: `${said.name}: ${message}`, where: place(at), hint };
  };
  try {
    const plugins = { list: async () => [...server.plugins] };
    const warnings = await ruleWarnings(job, await checkJob({ flows: { get: async () => flow }, plugins }, job));
    return { mistakes: [], warnings: warnings.map(({ message, path, hint }) => inFile(message, path, hint)) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    // What is wrong with the flow itself is told where it is.
    if (error.code === 'flow_invalid') return refused([]);
    return refused(error.mistakes.map(({ message, where, hint }) => inFile(message, where?.path ?? '', hint)));
  }
}

function asFlow(said: Pick<TestFlow, 'name' | 'graph' | 'globalProperties' | 'description'>): TestFlow {
  const { name, graph, globalProperties, description } = said;
  const never = new Date(0);
  return { id: name, name, graph, globalProperties, description, revision: 0, createdAt: never, updatedAt: never };
}
