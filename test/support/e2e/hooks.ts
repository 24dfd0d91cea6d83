import { createHmac } from 'node:crypto';

/** With `sha` null, the head of `main` is tested. */
interface Merge {
  id: string;
  number: number;
  repo: string;
  sha?: string | null;
}

/** Posts a merged pull request as GitHub does, with the commit `sha` or an invented one. Returns the status. */
export async function deliverMerge(
  server: string,
  secret: string,
  { id, number, repo, sha = number.toString(16).padStart(40, '0') }: Merge,
): Promise<number> {
  const body = JSON.stringify({
    action: 'closed',
    pull_request: {
      ...{ number, title: `change ${number}`, merged: true, merge_commit_sha: sha },
      ...{
        base: { ref: 'main' },
        head: { ref: `topic-${number}` },
        merged_by: { login: 'ann' },
        user: { login: 'ann' },
      },
    },
    repository: { full_name: repo },
    sender: { login: 'ann' },
  });
  const { status } = await fetch(`${server}/webhooks/github`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'pull_request',
      'x-github-delivery': id,
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    },
    body,
  });
  return status;
}
