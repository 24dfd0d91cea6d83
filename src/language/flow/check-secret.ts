import type { Mistake } from '../../model/fault.ts';
import { secretNameSchema } from '../../model/names.ts';
import type { PlannedStep } from './planned-step.ts';
import type { Reference } from './reference-syntax.ts';

/** What is wrong with a reference to a secret. Whether it exists is known only where the runner is made. */
export function checkSecret({ text, path, at }: Reference, { plugin }: PlannedStep): Mistake | undefined {
  const [name = ''] = path;
  if (path.length !== 1 || !secretNameSchema.safeParse(name).success) {
    return { message: `${text}: no name of a secret`, hint: 'write {{secret.name}} with letters, digits, - and _' };
  }
  if (plugin?.pluginType === 'Deployer') {
    const message = `${text}: what is deployed is written down in the clear, its input too`;
    return { message, hint: 'give it to a step that runs in the runner' };
  }
  if (plugin?.form === 'builtin' && plugin.name === 'bash' && at[0] === 'script') {
    const message = `${text}: a script is an argument of its shell, which others can see`;
    return { message, hint: 'name it in env:, and use the variable' };
  }
  return undefined;
}
