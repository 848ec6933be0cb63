import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consumerSuite } from './consumer-suite';
import { Project, root } from './project';

/** The build of this checkout in an application that links it: what `installed.test.ts` asks, without a registry. */
describe('the build, linked into an empty project', () => {
  let project: Project;

  beforeAll(async () => {
    project = await Project.create();
    await project.link('typeorm-audit-trail', root);
    for (const name of ['typeorm', 'reflect-metadata', 'better-sqlite3', 'fastify']) await project.link(name);
    await project.addFixtures();
  });

  afterAll(() => project.remove());

  consumerSuite(() => project);

  // The compiler takes its time.
  it('compiles as ESM and as CommonJS, the Fastify plugin included', { timeout: 120_000 }, async () => {
    expect(await project.compile('consumer', 'testing-consumer', 'fastify-consumer')).toEqual([]);
  });
});
