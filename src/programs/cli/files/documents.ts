import { z } from 'zod';
import type { YamlSource } from '../../../language/template/yaml-source.ts';
import type { Place } from '../../../model/fault.ts';
import { saveFlowSchema } from '../../../model/flow.ts';
import { saveGroupSchema } from '../../../model/group.ts';
import { saveJobSchema } from '../../../model/job.ts';
import { pluginDefSchema } from '../../../model/plugin.ts';

/** What a file says of each kind: as the API takes it, but with names in the place of ids. */
export const documentSchemas = {
  Group: saveGroupSchema,
  /** A plugin that the flows need; it is looked for, not uploaded. */
  Plugin: pluginDefSchema.pick({ name: true, version: true }).partial({ version: true }).strict(),
  TestFlow: saveFlowSchema.omit({ groupId: true }).extend({ group: z.string().optional() }),
  Job: saveJobSchema.omit({ testFlowId: true }).extend({ testFlow: z.string().min(1) }),
} as const;

export type Kind = keyof typeof documentSchemas;
type Said<K extends Kind> = z.infer<(typeof documentSchemas)[K]>;

/** One document of a file, of the right shape, with the way back to its lines. */
export interface FileDocument<K extends Kind = Kind> {
  kind: K;
  said: Said<K>;
  place: YamlSource['place'];
  /** Where a line and column of a flow's graph are in the file. */
  placeInGraph(line: number, column: number): Place;
}

/** The documents of one kind, in the order of the files. */
export function ofKind<K extends Kind>(documents: readonly FileDocument[], kind: K): FileDocument<K>[] {
  return documents.filter((document): document is FileDocument<K> => document.kind === kind);
}
