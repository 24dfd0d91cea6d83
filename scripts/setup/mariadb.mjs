import { aptInstall, debianRoot, find, stage } from './tools.mjs';

/**
 * Ensures MariaDB's programs for the tests of test databases, which start their own servers. The product does not need them.
 * Prints a message if they cannot be installed: those tests are skipped then.
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
    // Not mariadb-server, whose service would start and stay.
    await aptInstall('mariadb-server-core', 'mariadb-client-core');
    line.done('mariadb-server-core installed with apt-get');
  } catch (error) {
    console.error(`mariadb     not installed, its tests are SKIPPED: ${error.message}`);
  }
}
