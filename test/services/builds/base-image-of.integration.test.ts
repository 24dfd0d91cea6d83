import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRepositories } from '../../../src/adapters/git/repositories.ts';
import { buildRecipeSchema } from '../../../src/model/plugin.ts';
import type { Repositories } from '../../../src/model/ports/git.ts';
import { createBaseImageOf } from '../../../src/services/builds/base-image-of.ts';
import { createRepository, type TestRepository } from '../../support/adapters/git/repository.ts';
import { createWorkspace, type Workspace } from '../../support/adapters/images/workspace.ts';

const { signal } = new AbortController();
let workspace: Workspace;
let repositories: Repositories;
let origin: TestRepository;
let commit: string;
let reads = 0;

beforeAll(async () => {
  workspace = await createWorkspace();
  const directory = join(workspace.path, 'mirrors');
  const opened = createRepositories({ directory, allowFileUrls: true, log: workspace.log });
  repositories = {
    ...opened,
    readFile: (...request) => {
      reads += 1;
      return opened.readFile(...request);
    },
  };
  origin = await createRepository(join(workspace.path, 'origin'));
  await symlink('taking/Dockerfile', join(origin.path, 'Linked'));
  await symlink('../outside', join(origin.path, 'Outside'));
  commit = await origin.commit('all', {
    'taking/Dockerfile': 'ARG BASE_IMAGE=node:24-slim\nFROM $BASE_IMAGE\n',
    'other/Dockerfile': 'FROM node:24-slim\n',
  });
});
afterAll(() => workspace.remove());

const ask = (recipe: object, base = 'node:26-slim') =>
  createBaseImageOf(repositories, base)({ repo: origin.url, commit, recipe: buildRecipeSchema.parse(recipe) }, signal);

describe('baseImageOf for an image that uses the base image of the site', () => {
  test.each<[string, object]>([
    ['whose Dockerfile uses it', { context: 'taking' }],
    ['whose Dockerfile with a path uses it', { dockerfile: './taking/Dockerfile' }],
    ['whose Dockerfile is a link to one that uses it', { dockerfile: 'Linked' }],
    ['whose Dockerfile may be in a submodule', { context: 'none' }],
    ['whose Dockerfile is made in a builder', { script: 'x', builder: 'golang:1' }],
    ['whose Dockerfile cannot be read, as it is outside', { dockerfile: 'Outside' }],
  ])('baseImageOf returns the base image for an image %s', async (_, recipe) => {
    expect(await ask(recipe)).toBe('node:26-slim');
  });
});

describe('baseImageOf for an image that does not use the base image of the site', () => {
  test.each<[string, object]>([
    ['whose Dockerfile names its own', { context: 'other' }],
    ['whose recipe gives it another one', { context: 'taking', args: { BASE_IMAGE: 'node:22-slim' } }],
    ['that a script makes on the machine of the worker', { context: 'taking', script: 'docker build .' }],
  ])('baseImageOf returns undefined for an image %s', async (_, recipe) => {
    expect(await ask(recipe)).toBeUndefined();
  });

  test('baseImageOf returns undefined for the default base image', async () => {
    reads = 0;
    expect(await ask({ context: 'taking' }, 'node:24-slim')).toBeUndefined();
    expect(reads).toBe(0);
  });
});

test('baseImageOf reads a Dockerfile of a commit once', async () => {
  const of = createBaseImageOf(repositories, 'a:1');
  reads = 0;
  const component = { repo: origin.url, commit, recipe: buildRecipeSchema.parse({ context: 'taking' }) };
  expect([await of(component, signal), await of(component, signal), reads]).toEqual(['a:1', 'a:1', 1]);
});
