import { Command, CommanderError } from 'commander';
import { explain } from '../../process/main.ts';
import { ApiClient } from '../api-client.ts';
import { apply, NotApplied } from './apply.ts';
import { exportTo } from './export.ts';
import { showMistakes, showSteps, showWarning } from './show.ts';

export interface Terminal {
  environment: NodeJS.ProcessEnv;
  print(line: string): void;
  printError(line: string): void;
}

/** Runs one command with paths from the current folder, and returns the exit code; what goes wrong is printed. */
export async function runBrightbird(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await createProgram(terminal).parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    // Commander has printed its own already.
    if (error instanceof CommanderError) return error.exitCode;
    terminal.printError(error instanceof NotApplied ? showMistakes(error) : explain(error));
    return 1;
  }
}

function createProgram({ environment, print, printError }: Terminal): Command {
  const program = new Command('brightbird')
    .description('keeps groups, test flows and jobs of a BrightBird server as files')
    .option('--url <url>', 'the server', environment.BRIGHTBIRD_URL || 'http://127.0.0.1:8300')
    .addHelpText('after', '\nIts address is also taken from BRIGHTBIRD_URL, its token from BRIGHTBIRD_ADMIN_TOKEN.')
    .configureOutput({ writeOut: (text) => print(text.trimEnd()), writeErr: (text) => printError(text.trimEnd()) })
    .exitOverride();
  const client = () =>
    new ApiClient(program.opts<{ url: string }>().url, environment.BRIGHTBIRD_ADMIN_TOKEN || undefined);

  program
    .command('apply')
    .description('make groups, test flows and jobs what the files say; what they do not name stays as it is')
    .requiredOption('-f, --file <paths...>', 'YAML files, and folders of them')
    .option('--dry-run', 'only say what would change', false)
    .action(async ({ file, dryRun }: { file: string[]; dryRun: boolean }) => {
      const steps = showSteps(dryRun, print);
      await apply(client(), file, { dryRun, tell: steps.tell, warn: (warning) => printError(showWarning(warning)) });
      steps.end();
    });

  program
    .command('export')
    .description('write groups, test flows and jobs into a folder')
    .argument('<folder>')
    .action(async (folder: string) => {
      const { written, unchanged, removed } = await exportTo(client(), folder);
      for (const file of written) print(`written    ${file}`);
      for (const file of removed) print(`removed    ${file}`);
      print(`${written.length} written, ${removed.length} removed, ${unchanged.length} unchanged`);
    });
  return program;
}
