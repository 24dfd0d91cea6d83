import { runBrightbird } from './files/program.ts';

// `npm run brightbird -- <command>`: a client of the HTTP API, on any machine.
// npm runs its scripts in the package's own folder, and says in INIT_CWD where the user is.
if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
process.exitCode = await runBrightbird(process.argv.slice(2), {
  environment: process.env,
  print: console.log,
  printError: console.error,
});
