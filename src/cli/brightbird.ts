import { Command, Option } from 'commander';
import { ApiClient } from './api-client.ts';
import { apply, NotApplied } from './files/apply.ts';
import { exportTo } from './files/export.ts';
import { showMistakes, showSteps } from './files/show.ts';
import { explain } from './main.ts';

// `npm run brightbird -- <command>`: a client of the HTTP API, on any machine.
const program = new Command('brightbird')
  .description('keeps groups, test flows and jobs of a BrightBird server as files')
  .addOption(new Option('--url <url>', 'the server').env('BRIGHTBIRD_URL').default('http://127.0.0.1:8300'))
  .addHelpText('after', '\nThe token of the server is taken from BRIGHTBIRD_ADMIN_TOKEN.');

// npm runs its scripts in the package's own folder, and says in INIT_CWD where the user is.
if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);

const client = (): ApiClient =>
  new ApiClient(program.opts<{ url: string }>().url, process.env.BRIGHTBIRD_ADMIN_TOKEN || undefined);

program
  .command('apply')
  .description('make groups, test flows and jobs what the files say; what they do not name stays as it is')
  .requiredOption('-f, --file <paths...>', 'YAML files, and folders of them')
  .option('--dry-run', 'only say what would change', false)
  .action(async ({ file, dryRun }: { file: string[]; dryRun: boolean }) => {
    const steps = showSteps(dryRun);
    await apply(client(), file, { dryRun, tell: steps.tell });
    steps.end();
  });

program
  .command('export')
  .description('write groups, test flows and jobs into a folder')
  .argument('<folder>')
  .action(async (folder: string) => {
    const { written, unchanged, removed } = await exportTo(client(), folder);
    for (const file of written) console.log(`written    ${file}`);
    for (const file of removed) console.log(`removed    ${file}`);
    console.log(`${written.length} written, ${removed.length} removed, ${unchanged.length} unchanged`);
  });

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = 1;
  console.error(error instanceof NotApplied ? showMistakes(error) : explain(error));
}
