import { Fault } from '../../model/fault.ts';
import type { MysqlTemplate } from '../../model/mysql-template.ts';

/** Error codes that persist until the account or the template is changed (MariaDB and MySQL, error reference). */
const deniedPattern =
  /^ER_(\w*ACCESS_DENIED\w*|HOST_NOT_PRIVILEGED|HOST_IS_BLOCKED|NOT_SUPPORTED_AUTH_MODE|ACCOUNT_HAS_BEEN_LOCKED|MUST_CHANGE_PASSWORD\w*|SECURE_TRANSPORT_REQUIRED)$|^HANDSHAKE_NO_SSL_SUPPORT$/;

/** Converts an error of the client to database_denied or database_unavailable. The message has no password. */
export function mysqlFault(error: unknown, { address }: Pick<MysqlTemplate, 'address'>): Fault {
  if (error instanceof Fault) return error;
  const { code = '', message = '', sqlMessage } = error as { code?: string; message?: string; sqlMessage?: string };
  const where = 'host' in address ? `${address.host}:${address.port}` : address.socketPath;
  const server = `the MySQL server at ${where}`;
  const reason = [code, sqlMessage ?? message].filter(Boolean).join(': ');
  if (deniedPattern.test(code)) {
    return new Fault('database_denied', `${server} denied access: ${reason}`, {
      hint: 'the account of MYSQL_CONN_TEMPLATE needs all privileges on the databases of tests',
      cause: error,
    });
  }
  return new Fault(
    'database_unavailable',
    `${server} ${code.startsWith('ER_') ? 'failed' : 'does not answer'}: ${reason}`,
    {
      hint: 'check that it runs, and MYSQL_CONN_TEMPLATE',
      cause: error,
    },
  );
}
