import { z } from 'zod';
import { type DeployedService, deployedServiceSchema } from '../../model/deployed-service.ts';
import { Fault } from '../../model/fault.ts';
import type { Globals } from '../../model/flow.ts';
import type { ServiceSpec } from '../../model/plugin.ts';
import { findReferences } from './reference-syntax.ts';
import { resolveInput } from './references.ts';

const { $schema: _, ...conversion } = z.toJSONSchema(deployedServiceSchema, { io: 'input' });

/** Values for the references in a service's description. */
export interface ServiceContext {
  input: Record<string, unknown>;
  globals: Globals;
  testId: string;
  instance: string;
  /** DSN of the test's database, if the site has a MySQL server. */
  mysqlDSN?: string;
}

/**
 * Returns a plugin's service for a step: replaces `{{input.x}}`, `{{global.x}}`, `{{testId}}`, `{{instanceName}}` and
 * `{{mysqlDSN}}` by the rules of inputs. Throws `input_invalid` with the path in the description.
 */
export function describeService(
  service: Record<string, unknown> | ServiceSpec,
  context: ServiceContext,
): DeployedService {
  return parseService(substitute(service, context), 'service');
}

/** Parses a service. Throws `input_invalid` with the path below `root`. */
export function parseService(service: unknown, root: string): DeployedService {
  const parsed = deployedServiceSchema.safeParse(service);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = z.core.toDotPath([root, ...(issue?.path ?? [])]);
  throw new Fault('input_invalid', `${path}: ${issue?.message}`, { where: { path } });
}

function substitute(service: object, { input, globals, testId, instance, mysqlDSN }: ServiceContext): unknown {
  const names = { input, testId, instanceName: instance, ...(mysqlDSN !== undefined && { mysqlDSN }) };
  const nodes = Object.fromEntries(Object.entries(names).map(([name, output]) => [name, { output }]));
  if (mysqlDSN === undefined) rejectMysqlReference(service);
  try {
    return resolveInput({ ...service }, { nodes, globals }, conversion);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const path = error.where?.path?.replace(/^input/, 'service');
    throw new Fault(error.code, `${path}: ${error.message}`, {
      where: { ...error.where, ...(path && { path }) },
      hint: error.hint,
      cause: error,
    });
  }
}

function rejectMysqlReference(service: object): void {
  const found = findReferences(service).references.find(({ source }) => source === 'mysqlDSN');
  if (!found) return;
  const path = z.core.toDotPath(['service', ...found.at]);
  throw new Fault('input_invalid', `${path}: ${found.text}: this site has no MySQL server`, {
    where: { path },
    hint: 'set MYSQL_CONN_TEMPLATE where the workers run: docs/operate/deploy.md, "MySQL"',
  });
}
