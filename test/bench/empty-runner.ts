import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { pack } from 'tar-stream';

/** Makes an image that holds nothing but a program that ends at once. */
export async function makeEmptyImage(docker: Docker, image: string): Promise<void> {
  const archive = pack();
  archive.entry({ name: 'true', mode: 0o755 }, await readFile('/bin/busybox'));
  archive.finalize();
  const [, repo, tag] = /^(.*):(.*)$/.exec(image) ?? [];
  const options = { repo, tag, changes: 'ENTRYPOINT ["/true"]' };
  const stream = await docker.importImage(Readable.from(archive), options);
  await new Promise((resolve, reject) => stream.on('end', resolve).on('error', reject).resume());
}

/** The template of a runner that is such an image: what the product adds to it is all that takes time. */
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
