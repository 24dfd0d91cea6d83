import type { FaultCode } from './fault.ts';

/** Meaning and fix of each code: for `/docs/errors`, the target of a problem's `type`, and for the OpenAPI document. */
export const faultHelp: Readonly<Record<FaultCode, { meaning: string; fix: string }>> = {
  invalid_request: {
    meaning: 'A header, a query parameter, the body or a setting is malformed.',
    fix: '`errors` names each place and what would be right. From a worker: the namespace or the kubeconfig cannot be used; the hint has the command to run.',
  },
  unauthenticated: {
    meaning: "The bearer token is missing or wrong, or a webhook's signature is.",
    fix: 'Send `authorization: Bearer <BRIGHTBIRD_ADMIN_TOKEN>`. For a webhook, set the same secret on GitHub and in `GITHUB_WEBHOOK_SECRET`.',
  },
  forbidden: {
    meaning:
      'Without a token the API answers this machine only; or, on a task, the Kubernetes account of the worker or of the runner lacks a right, or an admission webhook refused an object.',
    fix: 'Set `BRIGHTBIRD_ADMIN_TOKEN`, or use the name localhost. In a cluster, apply the roles of deploy/kubernetes again: the message names account, verb and resource.',
  },
  not_found: {
    meaning: 'There is no such path, or nothing with that id.',
    fix: 'Look up the id in the list of its kind; paths are in `/docs`.',
  },
  method_not_allowed: {
    meaning: 'The path does not take this method.',
    fix: 'The `Allow` header lists those that it takes.',
  },
  request_timeout: {
    meaning: 'The body of a webhook was not complete within 10 s.',
    fix: 'Redeliver it on GitHub; look at the proxy in front.',
  },
  gone: {
    meaning: 'The logs were removed, as they are older than `LOG_RETENTION_DAYS`.',
    fix: 'Keep logs for longer: set `LOG_RETENTION_DAYS` higher.',
  },
  conflict: {
    meaning:
      'The state of things does not allow it: a name is taken, the object is used or was edited in between, a task runs under the overlap policy `skip`, a task has not ended. On a task: the engine or namespace has an object of that name which is not of this run.',
    fix: 'The message names what is in the way. Read the object again, stop or delete what uses it, or choose another name.',
  },
  too_large: {
    meaning: 'A body, form, file or input is over its limit, which the message names.',
    fix: 'Send less, or in parts.',
  },
  too_many_requests: {
    meaning: '1,000 accepted tasks wait for a worker, or 64 requests to run a job are under way on this server.',
    fix: 'Retry after `Retry-After`; start workers.',
  },
  unsupported_media_type: {
    meaning: 'The body is not in the form that the path takes.',
    fix: 'Send `content-type: application/json`; uploads are `multipart/form-data`.',
  },
  flow_invalid: {
    meaning:
      'The test flow cannot be run: YAML, a step, an input or a reference is wrong, or the flow was edited since it was checked.',
    fix: '`errors` has line and column of each error; try with `POST /testflows/validate`.',
  },
  plugin_invalid: {
    meaning:
      'A plugin.yaml, a program or its description is wrong, a version is no longer in the store, or programs are too large for a Secret.',
    fix: 'The message names file, line and key.',
  },
  template_invalid: {
    meaning:
      'A template cannot be rendered, what it makes is not a valid object, or the cluster refuses the pod (Pod Security, LimitRange, a quota that wants limits).',
    fix: "The message has the template's line, or the API server's words.",
  },
  input_invalid: {
    meaning:
      'An input or field has a value that cannot be used: a pattern that is not RE2, an image name, a version of a plugin without a repository, a lockfile of another job.',
    fix: '`where` has the path; correct that value.',
  },
  repository_refused: {
    meaning: "The address of a repository or submodule is not allowed, or its host's key or certificate is not known.",
    fix: "Use an https or ssh address; `file:` needs `GIT_ALLOW_FILE_URLS`. Make the host known to the worker's user.",
  },
  repository_not_found: {
    meaning: 'The repository does not exist or may not be read.',
    fix: 'Check the address; a private one needs `GIT_TOKEN` (https) or a key (ssh).',
  },
  ref_invalid: {
    meaning: 'A version is not a possible name of a commit, branch or tag.',
    fix: 'Correct it in `versions` of the job or run.',
  },
  ref_not_found: {
    meaning: 'The repository has no such commit, branch or tag, or it is ambiguous or outside a shallow clone.',
    fix: 'Check the name; give the full sha.',
  },
  image_missing: {
    meaning: 'The image does not exist, may not be pulled, or its name is not valid.',
    fix: 'Push it, correct the name, or give the nodes or the engine an account.',
  },
  registry_denied: {
    meaning: 'A registry refused the account (401, 403).',
    fix: 'Check `REGISTRY_USERNAME`, `REGISTRY_PASSWORD` or `REGISTRY_AUTH_FILE`.',
  },
  secret_invalid: {
    meaning: 'A secret that a flow or build refers to is missing, too short or unreadable.',
    fix: 'Add it to `SECRET_STORE` of the workers.',
  },
  database_denied: {
    meaning: 'The MySQL server refused the account.',
    fix: "Give the account of `MYSQL_CONN_TEMPLATE` all rights on the tests' databases.",
  },
  port_not_served: {
    meaning: 'Nothing listened on the port that the readiness names.',
    fix: 'Correct `readiness.port` or `ports`, or the address that the component listens on.',
  },
  repository_unavailable: {
    meaning: "The repository's host did not answer, or failed.",
    fix: 'Usually nothing: it is temporary, and retried automatically. Otherwise check the network of the worker.',
  },
  registry_refused: {
    meaning: 'A registry did not answer, failed or was busy, or its accounts file cannot be read.',
    fix: 'Usually nothing: it is temporary, and retried automatically. Otherwise check that workers, engine and nodes reach it.',
  },
  build_failed: {
    meaning: 'The Dockerfile or build script failed, made no image, or the build was terminated.',
    fix: "Read the build's log: `components[].build` of the task, `GET /builds/{id}/logs`.",
  },
  step_failed: {
    meaning: 'A step failed: exit code, expectation, output, missing globals.',
    fix: "Read the step's log; hold the environment to look into it.",
  },
  component_not_ready: {
    meaning: 'A component crashed or did not become ready in time.',
    fix: 'Read its last lines in the error; raise `readiness.timeoutSeconds` or `maxRestarts`.',
  },
  step_timeout: {
    meaning: 'A step was over its `timeout`.',
    fix: 'Raise it, or find out in the log what the step waited for.',
  },
  run_timeout: {
    meaning: 'The run was over `policy.timeoutSeconds` of its job.',
    fix: 'Raise it, or shorten the test.',
  },
  stopped: {
    meaning: 'The task was stopped; the error says by whom and why.',
    fix: 'Nothing; run it again if needed.',
  },
  container_config: {
    meaning:
      'The container refers to a volume, Secret or ConfigMap that does not exist, or its command cannot be started.',
    fix: 'Create it, or correct the template.',
  },
  unschedulable: {
    meaning: 'No node took the pod within 2 minutes.',
    fix: 'Ask for less in `resources.requests`, free room on the nodes, or add one.',
  },
  not_started: {
    meaning: 'The pod did not start within 5 minutes.',
    fix: 'See in the error what its node waits for: a volume, a secret, a large image.',
  },
  quota_exceeded: {
    meaning: 'The quota of the namespace was full for 5 minutes.',
    fix: 'Raise the quota, or run fewer tasks at a time.',
  },
  evicted: {
    meaning: 'The pod was evicted or preempted.',
    fix: 'Usually nothing: it is temporary, and retried automatically. Set requests so that nodes are not overcommitted.',
  },
  node_lost: {
    meaning: "The node of the pod was lost, or the end of the runner's log with it.",
    fix: 'Usually nothing: it is temporary, and retried automatically.',
  },
  runner_crashed: {
    meaning: 'The runner exited without a verdict, more often than it may be restarted.',
    fix: 'Read the end of its log, which says why it ended.',
  },
  out_of_memory: {
    meaning: 'The runner or a component used more memory than its limit.',
    fix: 'Raise `resources.limits`, or `RUNNER_LIMITS` and `COMPONENT_LIMITS`.',
  },
  component_lost: {
    meaning: 'A component was deleted while its test ran.',
    fix: 'Usually nothing: it is temporary, and retried automatically. Find out who deletes objects with the label `testid`.',
  },
  runner_vanished: {
    meaning: "The runner's pod or container was deleted from outside.",
    fix: 'Usually nothing: it is temporary, and retried automatically. Find out who deletes objects with the label `testid`.',
  },
  engine_unavailable: {
    meaning: 'The Docker engine or API server did not answer, or failed.',
    fix: 'Usually nothing: tasks wait for `ENGINE_TIMEOUT_SECONDS`. Otherwise start it.',
  },
  engine_timeout: {
    meaning: 'The engine or cluster did not answer for `ENGINE_TIMEOUT_SECONDS`.',
    fix: 'Start it and retry the task; what it left is removed by the janitor.',
  },
  database_unavailable: {
    meaning: 'The MySQL server did not answer, or failed.',
    fix: 'See that it runs, and `MYSQL_CONN_TEMPLATE`.',
  },
  unavailable: {
    meaning:
      'MongoDB, Temporal or every worker did not answer in time, the server is busy, or webhooks are not set up.',
    fix: 'Retry after `Retry-After`; `/readyz` names what is unavailable.',
  },
  internal: {
    meaning: 'An unexpected error in BrightBird itself.',
    fix: "Report it with `requestId` and the server's log: it is a defect.",
  },
};
