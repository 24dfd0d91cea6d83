import type { Mask } from '../../model/mask.ts';
import type { MysqlAccess } from '../../model/mysql-template.ts';
import type { WorkFile, WorkStep } from '../../model/work.ts';
import type { NodeState } from '../checkpoint.ts';
import type { StepOutput } from '../output.ts';

/** Context of a step that a kind of step runs. */
export interface StepRun {
  work: WorkFile;
  step: WorkStep;
  /** Input with resolved references, checked against the plugin's schema, with codeVersion and instanceName. */
  input: Record<string, unknown>;
  /** Completed steps by instance. */
  nodes: Record<string, NodeState>;
  /** Values of the secrets in the run's steps, by name. */
  secrets: Readonly<Record<string, string>>;
  /** Access to the site's MySQL server, if it has one. */
  mysql?: MysqlAccess;
  /** Mask of the secrets and the MySQL credentials. */
  mask: Mask;
  /** Folder of the work file. */
  directory: string;
  output: StepOutput;
  /** Aborted by a stop or by the step's timeout; the step then ends and may throw any error. */
  signal: AbortSignal;
}

/** Runs a step of one kind and returns its output. Throws a Fault when it fails. */
export type StepKind = (run: StepRun) => Promise<Record<string, unknown>>;
