import type { Db } from 'mongodb';

/** Creates missing indexes; several programs may do so at once, and again at every start. */
export async function migrate(db: Db): Promise<void> {
  await db.collection('groups').createIndex({ name: 1 }, { unique: true });
  await db.collection('testflows').createIndex({ name: 1 }, { unique: true });
  await db.collection('testflows').createIndex({ groupId: 1 });
  await db.collection('flowRevisions').createIndex({ testFlowId: 1, revision: -1 });
  await db.collection('jobs').createIndex({ name: 1 }, { unique: true });
  await db.collection('tasks').createIndex({ testId: 1 }, { unique: true });
  await db.collection('tasks').createIndex({ jobId: 1, createdAt: -1 });
  await db.collection('tasks').createIndex({ testFlowId: 1, createdAt: -1 });
  await db.collection('tasks').createIndex({ createdAt: -1 });
  await db.collection('tasks').createIndex({ state: 1, outcome: 1 });
  await db.collection('tasks').createIndex({ 'debts.kind': 1 }, { sparse: true });
  await db.collection('tasks').createIndex({ 'times.settledAt': 1 });
  await db.collection('tasks').createIndex({ logsRemovedAt: 1, 'times.settledAt': 1 });
  await db.collection('tasks').createIndex({ removing: 1 }, { sparse: true });
  await db.collection('bisects').createIndex({ jobId: 1, createdAt: -1 });
  await db.collection('bisects').createIndex({ createdAt: -1 });
  await db.collection('builds').createIndex({ createdAt: -1 });
  await db.collection('builds').createIndex({ state: 1 });
  await db.collection('builds').createIndex({ taskIds: 1 });
  await db.collection('deliveries').createIndex({ createdAt: -1 });
  await db.collection('deliveries').createIndex({ state: 1, createdAt: -1 });
}
