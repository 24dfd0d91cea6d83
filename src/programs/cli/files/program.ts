import { Command, CommanderError } from 'commander';
import { formatError } from '../../process/main.ts';
import { ApiClient } from '../api-client.ts';
import { apply, NotApplied } from './apply.ts';
import { exportToFolder } from './export.ts';
import { createStepPrinter, formatIssues, formatWarning } from './show.ts';

export interface Terminal {
  environment: NodeJS.ProcessEnv;
  print(line: string): void;
  printError(line: string): void;
}

/** Runs one command and returns the exit code. Prints errors. Paths are relative to the current folder. */
export async function runBrightbird(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await createProgram(terminal).parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    // Commander has already printed its own errors.
    if (error instanceof CommanderError) return error.exitCode;
    terminal.printError(error instanceof NotApplied ? formatIssues(error) : formatError(error));
    return 1;
  }
}

function createProgram({ environment, print, printError }: Terminal): Command {
  const program = new Command('brightbird')
    .description('manage groups, test flows and jobs of a BrightBird server as files')
    .option('--url <url>', 'URL of the server', environment.BRIGHTBIRD_URL || 'http://127.0.0.1:8300')
    .addHelpText('after', '\nThe URL can also be set by BRIGHTBIRD_URL, the token by BRIGHTBIRD_ADMIN_TOKEN.')
    .configureOutput({ writeOut: (text) => print(text.trimEnd()), writeErr: (text) => printError(text.trimEnd()) })
    .exitOverride();
  const client = () =>
    new ApiClient(program.opts<{ url: string }>().url, environment.BRIGHTBIRD_ADMIN_TOKEN || undefined);

  program
    .command('apply')
    .description('create and update groups, test flows and jobs from files; deletes nothing')
    .requiredOption('-f, --file <paths...>', 'YAML files, or folders of YAML files')
    .option('--dry-run', 'only print the changes', false)
    .action(async ({ file, dryRun }: { file: string[]; dryRun: boolean }) => {
      const steps = createStepPrinter(dryRun, print);
      await apply(client(), file, { dryRun, tell: steps.tell, warn: (warning) => printError(formatWarning(warning)) });
      steps.end();
    });

  program
    .command('export')
    .description('write groups, test flows and jobs to a folder')
    .argument('<folder>')
    .action(async (folder: string) => {
      const { written, unchanged, removed } = await exportToFolder(client(), folder);
      for (const file of written) print(`written    ${file}`);
      for (const file of removed) print(`removed    ${file}`);
      print(`${written.length} written, ${removed.length} removed, ${unchanged.length} unchanged`);
    });
  return program;
}
