import { describe, expect, test } from '@jest/globals';
import { mysqlCredentials, parseMysqlTemplate } from '../../src/model/mysql-template.ts';
import { readConfig } from '../../src/programs/config.ts';

describe('a MySQL connection template', () => {
  test.each([
    [
      'root:pw@(10.0.0.1:3307)/%s?parseTime=true&loc=Local',
      { user: 'root', password: 'pw', address: { host: '10.0.0.1', port: 3307 }, tls: 'none' },
      'root:pw@(10.0.0.1:3307)/a-db?parseTime=true&loc=Local',
    ],
    [
      'u:p@ss:w/rd@tcp(db.example.com)/t_%s',
      { user: 'u', password: 'p@ss:w/rd', address: { host: 'db.example.com', port: 3306 } },
      'u:p@ss:w/rd@tcp(db.example.com)/t_a-db',
    ],
    [
      'u@tcp([fe80::1]:3306)/%s?tls=true',
      { password: '', address: { host: 'fe80::1', port: 3306 }, tls: 'verified' },
      'u@tcp([fe80::1]:3306)/a-db?tls=true',
    ],
    [
      'u:100%%@unix(/run/my.sock)/%s?loc=Asia%%2FShanghai',
      { password: '100%', address: { socketPath: '/run/my.sock' } },
      'u:100%@unix(/run/my.sock)/a-db?loc=Asia%2FShanghai',
    ],
    ['u:p@(h:1)/%s?tls=skip-verify', { tls: 'unverified' }, 'u:p@(h:1)/a-db?tls=skip-verify'],
  ])('parses %s as Go and its driver do', (template, parts, dsn) => {
    const parsed = parseMysqlTemplate(template);
    expect(parsed).toMatchObject(parts);
    expect(parsed.dsn('a-db')).toBe(dsn);
  });

  test.each([
    ['root:hidden@(h:3306)/db', /%s exactly once/],
    ['root:hidden@(h:3306)/%s?x=%s', /%s exactly once/],
    ['root:hidden%d@(h:3306)/%s', /%s exactly once/],
    ['root:hidden@h:3306/%s', /is not a DSN/],
    ['mysql://root:hidden@h/%s', /is not a DSN/],
    ['root:hidden@(h:3306/%s', /is not a DSN/],
    ['root:hidden@(h:99999)/%s', /host:port/],
    ['root:hidden@(h:3306)/%s?tls=custom', /tls/],
  ])('rejects %s at the start, with the reason and without the password', (template, reason) => {
    const read = () => readConfig({ MYSQL_CONN_TEMPLATE: template });
    expect(read).toThrow(/MYSQL_CONN_TEMPLATE/);
    expect(read).toThrow(reason);
    expect(read).not.toThrow(/hidden/);
  });

  test('returns the texts to mask in logs, an ordinary word only together with its user', () => {
    expect(mysqlCredentials('root:root@(h)/%s')).toEqual(['root:root@']);
    expect(mysqlCredentials('root:correct-horse@(h)/%s')).toEqual(['root:correct-horse@', 'correct-horse']);
    expect(mysqlCredentials('root@(h)/%s')).toEqual([]);
  });
});
