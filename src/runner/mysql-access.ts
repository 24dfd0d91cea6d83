import { type MysqlAccess, mysqlCredentials, mysqlFile } from '../model/mysql-template.ts';

/** Separates the access to MySQL from the steps' secrets; `hidden` are the values of both that logs must not show. */
export function takeMysqlAccess(given: Readonly<Record<string, string>>): {
  secrets: Record<string, string>;
  mysql?: MysqlAccess;
  hidden: string[];
} {
  const { [mysqlFile]: text, ...secrets } = given;
  const values = Object.values(secrets);
  if (text === undefined) return { secrets, hidden: values };
  const mysql: MysqlAccess = JSON.parse(text);
  return { secrets, mysql, hidden: [...values, ...mysqlCredentials(mysql.connTemplate)] };
}
