import { Webhooks } from '@octokit/webhooks';

/**
 * True when one of the secrets made the signature over this very text (X-Hub-Signature-256: HMAC with SHA-256, compared in
 * constant time). https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
export async function verify(secrets: readonly string[], body: string, signature: string): Promise<boolean> {
  // The library throws where one of them is empty.
  if (body === '' || signature === '') return false;
  for (const secret of secrets) {
    if (await new Webhooks({ secret }).verify(body, signature)) return true;
  }
  return false;
}
