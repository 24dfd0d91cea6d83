import { runBrightbird } from './files/program.ts';

// `npm run brightbird -- <command>`: runs a client of the HTTP API, on any machine.
// npm runs scripts in the package's folder; INIT_CWD is the user's.
if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
process.exitCode = await runBrightbird(process.argv.slice(2), {
  environment: process.env,
  print: console.log,
  printError: console.error,
});
