/** The direction of ARCHITECTURE: model ← language ← services ← activities, programs; model ← language ← adapters ← runner, programs. */
const ours = '^(src|activities|workflows)/';
const room = (names) => `^src/(${names})/`;

/** Modules at `from` may import only these of ours, types included. */
const only = (name, comment, from, allowed) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: ours, pathNot: allowed },
});

/** Modules at `from` must not import these. */
const never = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

export default {
  forbidden: [
    never(
      'no-cycles',
      'Modules that need each other are one module, or a third one is missing.',
      {},
      {
        circular: true,
      },
    ),
    never('all-resolvable', 'The import leads nowhere.', {}, { couldNotResolve: true }),
    never(
      'no-dev-packages',
      'Programs must run without devDependencies: move the package to dependencies.',
      { path: ours },
      {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['type-only'],
      },
    ),
    only(
      'model-knows-nobody',
      'The model is what all others share: what needs more is a service, or a part of the language.',
      room('model'),
      room('model'),
    ),
    only(
      'language-is-pure',
      'API, command line and runner read the same flows and templates: take what is not in the model as an argument.',
      room('language'),
      room('model|language'),
    ),
    only(
      'services-know-ports',
      'A service takes what it needs of the outside as a port of src/model/ports; programs pass in the adapter.',
      room('services'),
      room('model|language|services'),
    ),
    only(
      'adapters-know-the-model',
      'An adapter implements ports, for whichever service or program: no other adapter (but for files), no service, no settings.',
      '^src/adapters/([^/]+)/',
      '^src/(model|language)/|^src/adapters/($1|files)/',
    ),
    only(
      'runner-stands-alone',
      'Only these are copied into its image: the runner is a program of its own, with the engines as its adapters.',
      room('runner'),
      '^src/(model|language|runner)/|^src/adapters/(docker|kubernetes)/',
    ),
    only(
      'activities-call-services',
      'An activity is a factory over ports: it calls services, and programs pass in the adapters.',
      '^activities/',
      '^activities/|^src/(model|language|services)/',
    ),
    only(
      'workflows-only-orchestrate',
      'Side effects are activities: a workflow imports the model.',
      '^workflows/',
      '^workflows/|^src/model/',
    ),
    never(
      'workflows-are-deterministic',
      'A workflow has no Node and no packages but Temporal’s.',
      { path: '^workflows/' },
      {
        pathNot: ['^(workflows|src/model)/', '^node_modules/@temporalio/(workflow|common)/'],
      },
    ),
    never(
      'engine-is-connected-in-one-place',
      'A client of docker-modem follows redirects to other hosts: connectDocker makes one that does not.',
      { path: ours, pathNot: '^src/adapters/docker/connect\\.ts$' },
      { path: '^node_modules/dockerode/', dependencyTypesNot: ['type-only'] },
    ),
    never(
      'programs-are-not-imported',
      'Programs are the outermost layer: what two of them share lies in src/programs/process, what others need is no program.',
      { path: ours, pathNot: room('programs') },
      { path: room('programs') },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
