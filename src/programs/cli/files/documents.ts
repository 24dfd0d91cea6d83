import { z } from 'zod';
import type { YamlSource } from '../../../language/template/yaml-source.ts';
import type { Place } from '../../../model/fault.ts';
import { saveFlowSchema } from '../../../model/flow.ts';
import { saveGroupSchema } from '../../../model/group.ts';
import { saveJobSchema } from '../../../model/job.ts';
import { pluginDefSchema } from '../../../model/plugin.ts';

/** Schemas of documents by kind: the bodies of the API with names instead of ids. */
export const documentSchemas = {
  Group: saveGroupSchema,
  /** A plugin that the flows need. It is checked, not uploaded. */
  Plugin: pluginDefSchema.pick({ name: true, version: true }).partial({ version: true }).strict(),
  TestFlow: saveFlowSchema.omit({ groupId: true }).extend({ group: z.string().optional() }),
  Job: saveJobSchema.omit({ testFlowId: true }).extend({ testFlow: z.string().min(1) }),
} as const;

export type Kind = keyof typeof documentSchemas;
type Said<K extends Kind> = z.infer<(typeof documentSchemas)[K]>;

/** A parsed document of a file, with the places of its keys. */
export interface FileDocument<K extends Kind = Kind> {
  kind: K;
  spec: Said<K>;
  place: YamlSource['place'];
  /** Returns the place in the file of a line and column of a flow's graph. */
  placeInGraph(line: number, column: number): Place;
}

/** Returns the documents of one kind, in the order of the files. */
export function filterByKind<K extends Kind>(documents: readonly FileDocument[], kind: K): FileDocument<K>[] {
  return documents.filter((document): document is FileDocument<K> => document.kind === kind);
}
