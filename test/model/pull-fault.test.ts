import { expect, test } from '@jest/globals';
import { pullFault } from '../../src/model/pull-fault.ts';

const code = (reason: string) => pullFault('x', reason, 'hint').code;

/** Messages of engines. */
test.each([
  'Get "http://127.0.0.1:5999/v2/": dial tcp 127.0.0.1:5999: connect: connection refused',
  'Get "https://foo.invalid/v2/": dial tcp: lookup foo.invalid on 10.0.0.2:53: no such host',
  'Get "https://registry-1.docker.io/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
  'Get "https://x.io/v2/": dial tcp 1.2.3.4:443: i/o timeout',
  'Get "https://x.io/v2/": net/http: TLS handshake timeout',
  'Get "https://x.io/v2/": context deadline exceeded',
  'Get "https://x.io/v2/": EOF',
  'read tcp 10.0.0.1:5->1.2.3.4:443: read: connection reset by peer',
  'dial tcp 1.2.3.4:443: connect: no route to host',
  'dial tcp: lookup x.io: Temporary failure in name resolution',
  'received unexpected HTTP status: 503 Service Unavailable',
  'received unexpected HTTP status: 500 Internal Server Error',
  'unexpected status from HEAD request to https://x.io/v2/a/manifests/1: 502 Bad Gateway',
  'toomanyrequests: You have reached your pull rate limit.',
  'error parsing HTTP 429 response body: invalid character',
  'unexpected end of JSON input',
])('a transient pull failure is retried as registry_refused: %s', (reason) => {
  expect(code(reason)).toBe('registry_refused');
});

test.each([
  "pull access denied for x, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
  'manifest for x:1 not found: manifest unknown: manifest unknown',
  'manifest unknown',
  'Head "https://x.io/v2/a/manifests/1": unauthorized: authentication required',
  'Get "https://x.io/v2/a/manifests/1": no basic auth credentials',
  'unexpected status from HEAD request to https://x.io/v2/a/manifests/1: 403 Forbidden',
  'unexpected status from HEAD request to https://x.io/v2/a/manifests/1: 401 Unauthorized',
  'invalid reference format',
  'repository name must be lowercase',
  'no matching manifest for linux/amd64 in the manifest list entries',
  'Get "https://x.io/v2/": x509: certificate signed by unknown authority',
  'Get "https://x.io/v2/": http: server gave HTTP response to HTTPS client',
])('a permanent pull failure is reported at once as image_missing: %s', (reason) => {
  expect(code(reason)).toBe('image_missing');
});
