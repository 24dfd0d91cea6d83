/** The direction of DESIGN.md: model ← store, runtime, build, github, template ← services ← activities, api, cli. */
const ours = '^(src|activities|workflows)/';
const services = 'bisects|builds|deliveries|flows|groups|jobs|tasks|plugins|logs|follow|images|retention';

/** Modules at `from` may import only these of ours, and themselves. */
const only = (name, comment, from, allowed) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: ours, pathNot: allowed },
});

/** Modules at `from` must not import these. */
const never = (name, comment, from, to) => ({
  name,
  comment,
  severity: 'error',
  from: typeof from === 'string' ? { path: from } : from,
  to: typeof to === 'string' ? { path: to } : to,
});

export default {
  forbidden: [
    never(
      'no-cycles',
      'Modules that need each other are one module, or a third one is missing. Types may refer to each other.',
      '',
      {
        circular: true,
        viaOnly: { dependencyTypesNot: ['type-only'] },
      },
    ),
    never('all-resolvable', 'The import leads nowhere.', '', { couldNotResolve: true }),
    never('no-dev-packages', 'Programs must run without devDependencies.', '^(src|activities|workflows)/', {
      dependencyTypes: ['npm-dev'],
      dependencyTypesNot: ['type-only'],
    }),
    only('model-knows-nobody', 'The model is what all others share.', '^src/model/', '^src/model/'),
    only(
      'template-knows-the-model',
      'The template language is of use without the rest.',
      '^src/template/',
      '^src/(model|template)/',
    ),
    only(
      'parts-know-the-model',
      'Stores, builds, GitHub’s webhooks, MySQL and the Temporal client are parts that services put together: take what is needed as an argument.',
      '^src/(store|build|github|mysql|temporal)/',
      '^src/(model|$1)/|^src/config\\.ts$',
    ),
    only(
      'runtime-knows-the-model',
      'A runtime knows manifests, not what they are for.',
      '^src/runtime/',
      '^src/(model|runtime|template)/',
    ),
    only(
      'flows-are-pure',
      'The runner uses them too, without stores or engines.',
      '^src/flows/',
      '^src/(flows|model|template)/|^src/checks/run-check\\.ts$',
    ),
    only(
      'runner-stands-alone',
      'Only these are copied into its image.',
      '^src/runner/',
      '^src/(runner|model|flows|template|runtime|plugin-kit)/',
    ),
    never(
      'services-know-no-transport',
      'API, CLI, activities and workflows call services, never the other way round.',
      `^src/(${services})/`,
      '^(src/(api|cli|web|worker|dev|runner|temporal)|activities|workflows)/',
    ),
    only(
      'workflows-know-the-model',
      'Workflows orchestrate: side effects are activities.',
      '^workflows/',
      '^(workflows|src/model)/',
    ),
    never('workflows-are-deterministic', 'A workflow has no Node and no packages but Temporal’s.', '^workflows/', {
      pathNot: ['^(workflows|src/model)/', '^node_modules/@temporalio/(workflow|common)/'],
    }),
    never(
      'activities-know-no-transport',
      'An activity gets its ports as arguments.',
      '^activities/',
      '^(src/(api|cli|web|worker|dev|runner)|workflows)/',
    ),
    never('api-translates-only', 'The API calls services; what it needs comes in as a port.', '^src/api/', {
      path: '^(src/(store|runtime|build|worker|cli|dev|runner)|activities|workflows)/',
      // How a database that is away looks is for the store to say, and for the API to answer.
      pathNot: '^src/store/failures\\.ts$',
      dependencyTypesNot: ['type-only'],
    }),
    never(
      'engine-is-connected-in-one-place',
      'A client of docker-modem follows redirects to other hosts: connectDocker makes one that does not.',
      { path: '^(src|activities)/', pathNot: '^src/runtime/docker/connect\\.ts$' },
      { path: '^node_modules/dockerode/', dependencyTypesNot: ['type-only'] },
    ),
    never(
      'programs-are-not-imported',
      'Commands and the embedded servers are the outermost layer.',
      { path: '^(src|activities|workflows)/', pathNot: '^src/(cli|dev)/' },
      '^src/(cli|dev)/',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
