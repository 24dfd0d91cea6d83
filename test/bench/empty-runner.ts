import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { pack } from 'tar-stream';

/** Creates an image with a single program that ends at once. */
export async function makeEmptyImage(docker: Docker, image: string): Promise<void> {
  const archive = pack();
  archive.entry({ name: 'true', mode: 0o755 }, await readFile('/bin/busybox'));
  archive.finalize();
  const [, repo, tag] = /^(.*):(.*)$/.exec(image) ?? [];
  const options = { repo, tag, changes: 'ENTRYPOINT ["/true"]' };
  const stream = await docker.importImage(Readable.from(archive), options);
  await new Promise((resolve, reject) => stream.on('end', resolve).on('error', reject).resume());
}

/** Returns a runner template with such an image, so that only the product's overhead is measured. */
export function emptyRunner(image: string): string {
  return `apiVersion: v1
kind: Pod
metadata:
  namespace: {{.NameSpace}}
  name: test-runner-{{.TestID}}
  labels: {app: bench, apptype: testrunner, testid: "{{.TestID}}"}
spec:
  restartPolicy: OnFailure
  containers:
    - {name: empty, image: "${image}", imagePullPolicy: IfNotPresent, command: [/true]}
`;
}
