import Docker from 'dockerode';
import { createScriptRunner } from '../../../../../src/adapters/images/scripts/script-runner.ts';
import { createMask } from '../../../../../src/model/mask.ts';

/** Runs one script in a separate worker process. Arguments: folder, script, and for a builder its image, image and tar file. */
const [directory = '', script = '', builder, image = 'x:1', tarPath = ''] = process.argv.slice(2);
const request = {
  ...{ image, script, env: {}, mask: createMask([]), signal: new AbortController().signal },
  onOutput: (line: string) => console.log(line),
};
const runner = createScriptRunner(new Docker(), async () => undefined);
await (builder === undefined
  ? runner.run(directory, request)
  : runner.runInBuilder({ ...request, builder, tarPath, context: '.' }));
