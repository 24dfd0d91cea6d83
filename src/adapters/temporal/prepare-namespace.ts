import { type Client, isGrpcServiceError } from '@temporalio/client';
import Long from 'long';
import type { Logger } from 'pino';
import { searchAttributeNames } from '../../model/queues.ts';

// IndexedValueType.KEYWORD of temporal/api/enums/v1/common.proto
const keyword = 2;
const retentionSeconds = 30 * 24 * 3600;
const alreadyExists = 6;

/**
 * Prepares the namespace before workers start: registers the search attributes (an unregistered one blocks workflows) and sets
 * the retention of histories to 30 days (the dev server's default is one day). Idempotent.
 */
export async function prepareNamespace(client: Client, log: Logger): Promise<void> {
  const { connection } = client;
  const namespace = client.options.namespace;
  const names = Object.values(searchAttributeNames);
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = names.filter((name) => !(name in (customAttributes ?? {})));
  if (missing.length > 0) {
    await connection.operatorService
      .addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(missing.map((name) => [name, keyword])) })
      .catch((error: unknown) => {
        if (!(isGrpcServiceError(error) && Number(error.code) === alreadyExists)) throw error;
      });
    log.info({ searchAttributes: missing }, 'registered search attributes');
  }
  const described = await connection.workflowService.describeNamespace({ namespace });
  const retention = Number(described.config?.workflowExecutionRetentionTtl?.seconds ?? 0);
  if (retention < retentionSeconds) {
    await connection.workflowService.updateNamespace({
      namespace,
      config: { workflowExecutionRetentionTtl: { seconds: Long.fromNumber(retentionSeconds) } },
    });
  }
}
