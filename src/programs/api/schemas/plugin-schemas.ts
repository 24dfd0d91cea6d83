import { z } from '@hono/zod-openapi';
import { pluginDefSchema, pluginForms } from '../../../model/plugin.ts';
import { uploadOutcomes } from '../../../services/plugins/upload-plugins.ts';

export const pluginSchema = pluginDefSchema
  .extend({ form: z.enum(pluginForms), file: z.string().optional(), checksum: z.string().optional() })
  .openapi('Plugin');

/** A plugin of an upload with its outcome. */
export const uploadedSchema = pluginSchema
  .extend({
    outcome: z.enum(uploadOutcomes),
    templateCheck: z.object({ checked: z.boolean(), reason: z.string().optional() }).optional(),
  })
  .openapi('UploadedPlugin');

export const pluginName = z.string().min(1).max(63);
export const pluginVersion = z.string().min(1).max(50);

const labelPattern = /^[\p{L}\p{N}]([\p{L}\p{N} _.:-]*[\p{L}\p{N}])?$/u;

/** Allows letters of any script. */
export const labelSchema = z
  .string()
  .max(63)
  .regex(labelPattern, 'must be letters and digits, with spaces - _ . : between them')
  // The generator would put the flag into the pattern.
  .openapi({ pattern: labelPattern.source });
