import { Fault } from '../../model/fault.ts';
import type { MysqlTemplate } from '../../model/mysql-template.ts';

/** Answers that stay the same until somebody changes an account or the template (MariaDB and MySQL, error reference). */
const denied =
  /^ER_(\w*ACCESS_DENIED\w*|HOST_NOT_PRIVILEGED|HOST_IS_BLOCKED|NOT_SUPPORTED_AUTH_MODE|ACCOUNT_HAS_BEEN_LOCKED|MUST_CHANGE_PASSWORD\w*|SECURE_TRANSPORT_REQUIRED)$|^HANDSHAKE_NO_SSL_SUPPORT$/;

/** An error of the client as a fault: database_denied, or else database_unavailable. Its text has no password. */
export function mysqlFault(error: unknown, { address }: Pick<MysqlTemplate, 'address'>): Fault {
  if (error instanceof Fault) return error;
  const { code = '', message = '', sqlMessage } = error as { code?: string; message?: string; sqlMessage?: string };
  const where = 'host' in address ? `${address.host}:${address.port}` : address.socketPath;
  const said = `the MySQL server at ${where} `;
  const reason = [code, sqlMessage ?? message].filter(Boolean).join(': ');
  if (denied.test(code)) {
    return new Fault('database_denied', `${said}refuses: ${reason}`, {
      hint: 'the account of MYSQL_CONN_TEMPLATE needs all rights on the databases that tests make',
      cause: error,
    });
  }
  return new Fault(
    'database_unavailable',
    `${said}${code.startsWith('ER_') ? 'failed' : 'does not answer'}: ${reason}`,
    {
      hint: 'see that it runs, and MYSQL_CONN_TEMPLATE',
      cause: error,
    },
  );
}
