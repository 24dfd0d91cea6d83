import { fileURLToPath } from 'node:url';
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader';

/** Loads a service of a file in proto/, with the file's field names. Throws when the file does not have it. */
export function loadService(file: string, name: string): ServiceDefinition {
  const path = fileURLToPath(new URL(`./proto/${file}`, import.meta.url));
  const service = loadSync(path, { keepCase: true, longs: Number, defaults: true })[name];
  if (!service || 'format' in service) throw new TypeError(`${file} has no service ${name}`);
  return service as ServiceDefinition;
}
