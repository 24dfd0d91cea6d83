import { fileURLToPath } from 'node:url';
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader';

/** A service of the file in proto/, with field names as they are written there. Throws for a name that is not in it. */
export function loadService(file: string, name: string): ServiceDefinition {
  const path = fileURLToPath(new URL(`./proto/${file}`, import.meta.url));
  const service = loadSync(path, { keepCase: true, longs: Number, defaults: true })[name];
  if (!service || 'format' in service) throw new TypeError(`${file} has no service ${name}`);
  return service as ServiceDefinition;
}
