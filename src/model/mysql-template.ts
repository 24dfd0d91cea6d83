/** Name of the runner's file with its access to MySQL; not a valid name of a secret, so test flows cannot refer to it. */
export const mysqlFile = 'mysql.json';

/** Access of a run's programs to the MySQL server of the site. */
export interface MysqlAccess {
  /** Unchanged template of the site, for programs that create databases of their own. */
  connTemplate: string;
  /** DSN of the test's own database. */
  dsn: string;
}

export interface MysqlTemplate {
  user: string;
  password: string;
  /** Host and port, or the path of a socket. */
  address: { host: string; port: number } | { socketPath: string };
  tls: 'none' | 'verified' | 'unverified';
  /** Returns the name of a database, with the template's text around `%s`. */
  databaseName(name: string): string;
  /** Returns the DSN of a database, as formatted by Go's fmt.Sprintf. */
  dsn(name: string): string;
}

/** Minimum length of a password that is masked alone; a shorter one, perhaps an ordinary word, only with its user. */
const minBarePassword = 8;
/** Database names in MySQL have at most 64 characters, of which a test's name takes 19. */
const dsnPattern =
  /^(?<user>[^:/]*)(?::(?<password>.*))?@(?<net>tcp|unix)?\((?<address>[^()]+)\)\/(?<database>[A-Za-z0-9_-]{0,20}%s)(?:\?(?<params>[^?]*))?$/s;
const tlsModes: Record<string, MysqlTemplate['tls']> = {
  '': 'none',
  false: 'none',
  preferred: 'none',
  true: 'verified',
  'skip-verify': 'unverified',
};

/**
 * Parses a DSN of go-sql-driver/mysql (https://github.com/go-sql-driver/mysql#dsn-data-source-name) with `%s` as the name of
 * the database, as the original's plugins pass it to fmt.Sprintf. Throws an Error that does not quote the template.
 */
export function parseMysqlTemplate(template: string): MysqlTemplate {
  const verbs = template.match(/%./gs) ?? [];
  if (verbs.filter((verb) => verb === '%s').length !== 1 || verbs.some((verb) => verb !== '%s' && verb !== '%%')) {
    throw new Error('must contain %s exactly once, for the name of the database; write any other % as %%');
  }
  const {
    user,
    password = '',
    net = 'tcp',
    address = '',
    database = '',
    params,
  } = dsnPattern.exec(template)?.groups ?? {};
  if (user === undefined) throw new Error('is not a DSN like user:password@(host:3306)/%s?parseTime=true');
  const plain = (text: string): string => text.replaceAll('%%', '%');
  const tls = tlsModes[new URLSearchParams(plain(params ?? '')).get('tls') ?? ''];
  if (!tls) throw new Error('has an invalid tls: expected true, skip-verify, preferred or false');
  return {
    user: plain(user),
    password: plain(password),
    address: net === 'unix' ? { socketPath: plain(address) } : hostOf(plain(address)),
    tls,
    databaseName: (name) => database.replace('%s', () => name),
    dsn: (name) => template.replace(/%[s%]/g, (verb) => (verb === '%s' ? name : '%')),
  };
}

function hostOf(address: string): { host: string; port: number } {
  const [, bracketed, bare, port = '3306'] = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:\s]+))(?::(\d{1,5}))?$/.exec(address) ?? [];
  const host = bracketed ?? bare;
  if (host === undefined || Number(port) > 65535) throw new Error('has an address that is not host:port');
  return { host, port: Number(port) };
}

/** Returns the texts to mask in logs for the template's credentials. */
export function mysqlCredentials(template: string): string[] {
  const { user, password } = parseMysqlTemplate(template);
  if (password === '') return [];
  return [`${user}:${password}@`, ...(password.length >= minBarePassword ? [password] : [])];
}
