/**
 * `node scripts/save-history.mjs <host:port of Temporal> <workflow id> <file>`: writes the history of a workflow in the format of
 * test/workflows/histories. The namespace is TEMPORAL_NAMESPACE, or `default`.
 */
import { writeFile } from 'node:fs/promises';
import { Client, Connection } from '@temporalio/client';

const [address, workflowId, file] = process.argv.slice(2);
if (!file) {
  console.error('usage: node scripts/save-history.mjs <host:port of Temporal> <workflow id> <file>');
  process.exit(1);
}
const connection = await Connection.connect({ address });
const client = new Client({ connection, namespace: process.env.TEMPORAL_NAMESPACE || 'default' });
const history = await client.workflow.getHandle(workflowId).fetchHistory();
// protobuf's JSON format, which History.fromObject reads.
await writeFile(file, `${JSON.stringify(history, undefined, 2)}\n`);
await connection.close();
