import type { Issue } from '../../model/fault.ts';
import { secretNameSchema } from '../../model/names.ts';
import type { PlannedStep } from './planned-step.ts';
import type { Reference } from './reference-syntax.ts';

/** Returns the issue of a reference to a secret. Its existence is checked only when the runner is created. */
export function checkSecret({ text, path, at }: Reference, { plugin }: PlannedStep): Issue | undefined {
  const [name = ''] = path;
  if (path.length !== 1 || !secretNameSchema.safeParse(name).success) {
    return {
      message: `${text}: invalid name of a secret`,
      hint: 'write {{secret.name}} with letters, digits, - and _',
    };
  }
  if (plugin?.pluginType === 'Deployer') {
    const message = `${text}: deploy inputs are stored in plain text`;
    return { message, hint: 'pass it to a step that runs in the runner' };
  }
  if (plugin?.form === 'builtin' && plugin.name === 'bash' && at[0] === 'script') {
    const message = `${text}: a script is an argument of its shell, visible to other processes`;
    return { message, hint: 'set it in env: and use the variable' };
  }
  return undefined;
}
