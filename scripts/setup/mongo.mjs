import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { aptInstall, cache, debianRoot, exists, find, request, root, run, stage, withLock } from './tools.mjs';
import { versions } from './versions.mjs';

const launcher = join(root, 'scripts', 'mongo-java-server');
const mongod = join(cache, `mongod-${versions.mongod}`, 'mongod');

/**
 * Ensures a MongoDB for src/programs/embedded, unless MONGODB_URI is set: mongod on PATH or in the cache, mongo-java-server in
 * the cache, a download of mongod, or a build of mongo-java-server with Maven. `packages` settles when the downloader is there.
 */
export async function ensureMongo(packages) {
  if (process.env.MONGODB_URI || (await find('mongod')) || (await exists(mongod))) return;
  const javaServer = join(cache, `mongo-java-server-${await sourceHash()}`);
  if ((await exists(javaServer)) && (await find('java'))) return;
  const line = stage('mongodb');
  await withLock(join(cache, 'mongo.lock'), async () => {
    if ((await exists(mongod)) || (await exists(javaServer))) return;
    const folder = await mkdtemp(join(cache, 'mongo-'));
    try {
      await download(folder, packages, line).catch((error) => {
        line.tried(`download of mongod failed: ${error.message}`);
        return build(folder, javaServer, line);
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

async function download(folder, packages, line) {
  await request('https://fastdl.mongodb.org/', { method: 'HEAD' });
  line.begins(`downloading mongod ${versions.mongod}`);
  await packages;
  const { MongoBinary } = (await import('mongodb-memory-server-core/lib/util/MongoBinary.js')).default;
  const binary = await MongoBinary.getPath({ version: versions.mongod, downloadDir: folder });
  await run(binary, ['--version']);
  await mkdir(dirname(mongod), { recursive: true });
  await rename(binary, mongod);
  line.done(`mongod ${versions.mongod} downloaded`);
}

async function build(folder, javaServer, line) {
  const fixHint = 'install mongod, or Java 17 with Maven, or set MONGODB_URI';
  if (!((await find('javac')) && (await find('mvn')))) {
    if (!(await debianRoot())) throw line.failed('no Java with Maven on PATH', fixHint);
    line.begins('installing Java and Maven with apt-get');
    await aptInstall('default-jdk-headless', 'maven').catch((error) => {
      throw line.failed(error.message, fixHint);
    });
  }
  line.begins(`building mongo-java-server ${versions.mongoJavaServer} with Maven`);
  const [sources, out] = [join(folder, 'sources'), join(folder, 'out')];
  await cp(launcher, sources, { recursive: true });
  const goals = ['compiler:compile', 'dependency:copy-dependencies'];
  await run('mvn', ['-q', '-B', '-f', join(sources, 'pom.xml'), ...goals, `-Dout=${out}`]).catch((error) => {
    throw line.failed(error.message, fixHint);
  });
  await rename(out, javaServer);
  line.done(`mongo-java-server ${versions.mongoJavaServer} built with Maven`);
}

/** Computes the hash as src/programs/embedded/cached.ts does: a changed launcher gets another folder. */
async function sourceHash() {
  const hash = createHash('sha256');
  for (const name of ['pom.xml', 'Launcher.java']) hash.update(await readFile(join(launcher, name)));
  return hash.digest('hex').slice(0, 8);
}
