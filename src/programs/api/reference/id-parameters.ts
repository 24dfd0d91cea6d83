/** Operations by the kind of object of their path parameter `id`, with an example id. */
const kinds = [
  { kind: 'group', example: '5e0d2c7b9a1f4836', operations: ['editGroup', 'deleteGroup'] },
  {
    kind: 'test flow',
    example: '01k2x7b1q8',
    operations: [
      'getTestFlow',
      'editTestFlow',
      'copyTestFlow',
      'deleteTestFlow',
      'listTestFlowRevisions',
      'getTestFlowRevision',
      'compareTestFlowRevisions',
    ],
  },
  {
    kind: 'job',
    example: '01k2x7c9v3',
    operations: ['getJob', 'editJob', 'deleteJob', 'pauseJob', 'resumeJob', 'listNextRuns', 'runJob', 'startBisect'],
  },
  {
    kind: 'task',
    example: '01k2x7c9v3-42',
    operations: [
      'getTask',
      'stopTask',
      'deleteTask',
      'holdTask',
      'releaseTask',
      'retryTask',
      'getLockfile',
      'compareLockfiles',
      'listArtifacts',
      'getArtifact',
      'listTestCases',
      'listPods',
      'readTaskLog',
    ],
  },
  { kind: 'bisect', example: '01k2x8d4m1', operations: ['getBisect', 'stopBisect'] },
  { kind: 'delivery', example: '72d3162e-cc78-11e3-81ab-4c9367dc0958', operations: ['getDelivery', 'replayDelivery'] },
];

const byOperation = (value: (kind: (typeof kinds)[number]) => string): Record<string, string> =>
  Object.fromEntries(kinds.flatMap((kind) => kind.operations.map((operation) => [`${operation}?id`, value(kind)])));

/** Descriptions in the form of `fieldTexts`. */
export const idTexts = byOperation(({ kind }) => `Id of the ${kind}.`);
/** Examples in the form of `valueExamples`. */
export const idExamples = byOperation(({ example }) => example);
