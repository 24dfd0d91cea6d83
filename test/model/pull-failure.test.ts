import { describe, expect, test } from '@jest/globals';
import { isPermanentPullFailure } from '../../src/model/pull-failure.ts';

describe('a failed image pull', () => {
  test.each([
    'failed to resolve reference "reg:5000/a:1": reg:5000/a:1: not found',
    'manifest for nginx:nope not found: manifest unknown: manifest unknown',
    'rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/a:1"',
    "pull access denied for a, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    'failed to authorize: failed to fetch oauth token: unexpected status: 401 Unauthorized',
    'Get "https://reg/v2/": unauthorized: authentication required',
    'unexpected status from HEAD request to https://reg/v2/a/manifests/1: 403 Forbidden',
    'invalid reference format: repository name must be lowercase',
    'no matching manifest for linux/arm64/v8 in the manifest list entries',
  ])('is not retried: %s', (message) => {
    expect(isPermanentPullFailure(message)).toBe(true);
  });

  test.each([
    'unexpected status from HEAD request to http://reg:5000/v2/a/manifests/1: 503 Service Unavailable',
    'toomanyrequests: You have reached your pull rate limit',
    'unexpected status code 429 Too Many Requests',
    'dial tcp 10.0.0.1:5000: connect: connection refused',
    'dial tcp: lookup registry.example.com on 10.96.0.10:53: no such host',
    'dial tcp: lookup registry.example.com: i/o timeout',
    'net/http: TLS handshake timeout',
    'context deadline exceeded',
    'unexpected EOF',
    'received unexpected HTTP status: 500 Internal Server Error',
    'Back-off pulling image "reg:5000/a:1"',
    'pull QPS exceeded',
    'tls: failed to verify certificate: x509: certificate has expired',
  ])('is retried: %s', (message) => {
    expect(isPermanentPullFailure(message)).toBe(false);
  });
});
