import { type Connection, createConnection } from 'mysql2/promise';
import type { MysqlTemplate } from '../../model/mysql-template.ts';
import { mysqlFault } from './mysql-fault.ts';

const connectTimeoutMs = 5000;
/** Time limit of a statement: dropping a large database takes seconds. */
const statementTimeoutMs = 60_000;
/** Time that a DROP waits for transactions in its tables; MySQL's default is a year. */
const lockWaitSeconds = 5;

/** Runs SQL with positional values, and returns its rows. */
export type Query = (sql: string, values?: string[]) => Promise<Record<string, unknown>[]>;

/** Runs `work` on a connection of its own. Throws database_denied, database_unavailable, or the error of `work`. */
export async function withConnection<T>(template: MysqlTemplate, work: (query: Query) => Promise<T>): Promise<T> {
  const connection = await connect(template);
  // Without a listener, a connection that breaks between two statements would end the process; the next one fails.
  connection.on('error', () => undefined);
  const query: Query = async (sql, values = []) => {
    try {
      const [rows] = await connection.query({ sql, values, timeout: statementTimeoutMs });
      return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
    } catch (error) {
      throw mysqlFault(error, template);
    }
  };
  try {
    await query(`SET SESSION lock_wait_timeout = ${lockWaitSeconds}`);
    return await work(query);
  } finally {
    connection.destroy();
  }
}

async function connect({ user, password, address, tls }: MysqlTemplate): Promise<Connection> {
  try {
    return await createConnection({
      ...address,
      user,
      password,
      connectTimeout: connectTimeoutMs,
      ...(tls !== 'none' && { ssl: { rejectUnauthorized: tls === 'verified' } }),
    });
  } catch (error) {
    throw mysqlFault(error, { address });
  }
}
