import { aptInstall, debianRoot, find, stage } from './tools.mjs';

/**
 * MariaDB's programs, for the tests of databases per test: each of them starts a server of its own. The product itself needs
 * none. Says so when they cannot be had: those tests are skipped then.
 */
export async function ensureMariadb() {
  if (
    (await find('mariadbd', ['/usr/sbin'])) &&
    (await find('mariadb-install-db')) &&
    (await find('my_print_defaults'))
  )
    return;
  const line = stage('mariadb');
  try {
    if (!(await debianRoot())) throw new Error('this is not Debian as root: install MariaDB to run its tests');
    line.begins('installing mariadb-server-core with apt-get');
    // Without the service of mariadb-server, which would be started and stay.
    await aptInstall('mariadb-server-core', 'mariadb-client-core');
    line.done('mariadb-server-core installed with apt-get');
  } catch (error) {
    console.error(`mariadb     not there, so that its tests are SKIPPED: ${error.message}`);
  }
}
