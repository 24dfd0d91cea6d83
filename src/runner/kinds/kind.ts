import type { Mask } from '../../model/mask.ts';
import type { MysqlAccess } from '../../model/mysql-template.ts';
import type { WorkFile, WorkStep } from '../../model/work.ts';
import type { NodeState } from '../checkpoint.ts';
import type { StepOutput } from '../output.ts';

/** All that a kind of step gets to run one. */
export interface StepRun {
  work: WorkFile;
  step: WorkStep;
  /** References resolved, checked against the plugin's schema, with codeVersion and instanceName. */
  input: Record<string, unknown>;
  /** The steps that have completed. */
  nodes: Record<string, NodeState>;
  /** Values of the secrets that the run's steps refer to, by name. */
  secrets: Readonly<Record<string, string>>;
  /** The MySQL server of the site, if it has one. */
  mysql?: MysqlAccess;
  /** Hides the secrets, and the credentials of MySQL. */
  mask: Mask;
  /** Folder of the work file. */
  directory: string;
  output: StepOutput;
  /** Aborted by a stop or by the step's limit; the step ends itself then and may throw anything. */
  signal: AbortSignal;
}

/** Runs a step of one kind and gives its output. Throws a Fault when it fails. */
export type StepKind = (run: StepRun) => Promise<Record<string, unknown>>;
