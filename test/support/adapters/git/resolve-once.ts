import { pino } from 'pino';
import { createRepositories } from '../../../../src/adapters/git/repositories.ts';

/** Resolves one version in a separate worker process and prints the commit. Arguments: folder of mirrors, repository, version. */
const [directory = '', repo = '', version = ''] = process.argv.slice(2);
const repositories = createRepositories({ directory, allowFileUrls: true, log: pino({ level: 'silent' }) });
const { commit } = await repositories.resolve(repo, version, new AbortController().signal);
console.log(commit);
