import { escapeId } from 'mysql2';
import type { MysqlTemplate } from '../../model/mysql-template.ts';
import type { TestDatabase } from '../../model/test-databases.ts';
import type { Query } from './connect.ts';

type Entry = Pick<TestDatabase, 'testId' | 'taskId' | 'runId' | 'installation'>;

/** Table with the owners and ages of tests' databases, which MySQL itself does not keep. */
export class Registry {
  readonly database: string;
  private readonly table: string;
  private readonly template: MysqlTemplate;

  constructor(template: MysqlTemplate) {
    this.template = template;
    this.database = template.databaseName('brightbird');
    this.table = `${escapeId(this.database, true)}.test_databases`;
  }

  /** Returns the name of a test's database. */
  nameFor(testId: string): string {
    return this.template.databaseName(`brightbird-${testId}`);
  }

  async create(query: Query): Promise<void> {
    await query(`CREATE DATABASE IF NOT EXISTS ${escapeId(this.database, true)} CHARACTER SET utf8mb4`);
    const text = 'VARCHAR(255) NOT NULL';
    await query(
      `CREATE TABLE IF NOT EXISTS ${this.table} (test_id VARCHAR(64) PRIMARY KEY, task_id ${text}, run_id ${text}, ` +
        `installation ${text}, created_at BIGINT NOT NULL)`,
    );
  }

  async exists(query: Query): Promise<boolean> {
    const tables = 'SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?';
    return (await query(tables, [this.database, 'test_databases'])).length > 0;
  }

  async get(query: Query, testId: string): Promise<TestDatabase | undefined> {
    const [row] = await query(`SELECT * FROM ${this.table} WHERE test_id = ?`, [testId]);
    return row && this.entryOf(row);
  }

  async all(query: Query): Promise<TestDatabase[]> {
    return (await query(`SELECT * FROM ${this.table}`)).map((row) => this.entryOf(row));
  }

  async put(query: Query, { testId, taskId, runId, installation }: Entry): Promise<void> {
    const values = [testId, taskId, runId, installation, String(Date.now())];
    await query(`REPLACE INTO ${this.table} VALUES (?, ?, ?, ?, ?)`, values);
  }

  async delete(query: Query, testId: string): Promise<void> {
    await query(`DELETE FROM ${this.table} WHERE test_id = ?`, [testId]);
  }

  private entryOf(row: Record<string, unknown>): TestDatabase {
    const testId = String(row.test_id);
    return {
      ...{ testId, taskId: String(row.task_id), runId: String(row.run_id), installation: String(row.installation) },
      name: this.nameFor(testId),
      createdAt: new Date(Number(row.created_at)),
    };
  }
}
